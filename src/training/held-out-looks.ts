import type { Run } from './run.ts';

/** Seconds before the first look; later ones take at most this share of the time. */
const firstLook = 3;
const shareOfTime = 0.1;
/** A look of so many seconds may come whenever it is due. */
const brief = 1;

const now = () => performance.now() / 1000;

/**
 * When a run in training looks at its held-out text: every `evaluateEvery` steps, or if that is 0, from the third second on, for
 * at most a tenth of the time; and when it is finished.
 */
export class HeldOutLooks {
  readonly #run: Run;
  readonly #began = now();
  #next = this.#began + firstLook;

  constructor(run: Run) {
    this.#run = run;
  }

  get due(): boolean {
    const { step, heldOut, finished, configuration } = this.#run;
    const { evaluateEvery } = configuration;
    if (heldOut?.lookedAt === step) return false;
    return finished || (evaluateEvery > 0 ? step > 0 && step % evaluateEvery === 0 : now() >= this.#next);
  }

  /**
   * Looks, and has the run take note of it. Before the goal a look by the clock that turns out to take too long by now is put
   * off.
   *
   * @param wanted asked again and again: once it says no, the look ends
   * @returns the loss in nats, if the look came to its end and there is held-out text
   */
  async look(wanted: () => boolean): Promise<number | undefined> {
    const run = this.#run;
    const before = now();
    const byClock = !run.finished && run.configuration.evaluateEvery === 0;
    const allowed = byClock ? Math.max(brief, shareOfTime * (before - this.#began)) : Number.POSITIVE_INFINITY;
    const end = new AbortController();
    let foreseen = 0;
    const loss = await run
      .validate(end.signal, (share) => {
        foreseen = (now() - before) / share;
        if (!wanted() || foreseen > allowed) end.abort();
      })
      .catch((error: unknown) => {
        if (error !== end.signal.reason) throw error;
        return undefined;
      });
    if (loss !== undefined) await run.judge(loss);
    this.#next =
      foreseen > allowed
        ? this.#began + foreseen / shareOfTime
        : now() + Math.max(firstLook, (now() - before) / shareOfTime);
    return loss;
  }
}
