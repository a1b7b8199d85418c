import type { Run } from '../training/run.ts';

export type Report = Awaited<ReturnType<Run['takeStep']>> & {
  /** Whether no later step is under way: the run's parameters are what this step made of them. */
  readonly atRest: boolean;
};

/** Steps under way may hold the device for this long, in seconds, so that Ctrl-C does not wait for many. */
const secondsInFlight = 0.25;
/** An engine without a device of its own computes in this very thread: signals need a moment to come in, this often. */
const breathEvery = 0.05;

const now = () => performance.now() / 1000;

/**
 * Takes steps until the goal, several under way at once as the engine allows, and hands out their reports in order. When
 * `pausing` says so, no further one is begun until the last report is handed out, at rest.
 */
export async function* takeSteps(run: Run, pausing: () => boolean): AsyncGenerator<Report, void, void> {
  const pending: ReturnType<Run['takeStep']>[] = [];
  let secondsPerStep = secondsInFlight;
  let breath = now();
  for (;;) {
    const depth = Math.min(run.session.stepsInFlight, Math.max(1, Math.floor(secondsInFlight / secondsPerStep)));
    while (!run.finished && (pending.length === 0 || (pending.length < depth && !pausing()))) {
      const step = run.takeStep();
      // When the device is lost, every step under way fails, and the first that is waited for says so.
      step.catch(() => {});
      pending.push(step);
    }
    if (pending.length === 0) return;
    const before = now();
    const report = await pending.shift()!;
    secondsPerStep = 0.8 * secondsPerStep + 0.2 * Math.max(now() - before, 1e-4);
    if (now() - breath > breathEvery) {
      await new Promise((resolve) => setImmediate(resolve));
      breath = now();
    }
    yield { ...report, atRest: pending.length === 0 && (run.finished || pausing()) };
  }
}
