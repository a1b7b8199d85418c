import type { Run } from './run.ts';

/** What a run tells of a step. */
export type StepOfRun = Awaited<ReturnType<Run['takeStep']>>;

/** Steps under way may hold the device for this long, in seconds, so that a pause does not wait for many. */
const secondsInFlight = 0.25;

const now = () => performance.now() / 1000;

/** The steps of a run that are under way, the first of them in front: as many as its engine allows, and not too long a wait. */
export class StepsInFlight {
  readonly #run: Run;
  readonly #pending: Promise<StepOfRun>[] = [];
  /** How long a report is waited for, of late. */
  #secondsPerStep = secondsInFlight;

  constructor(run: Run) {
    this.#run = run;
  }

  get count(): number {
    return this.#pending.length;
  }

  /** Whether a report should be taken before the next step. */
  get full(): boolean {
    const wait = Math.max(1, Math.floor(secondsInFlight / this.#secondsPerStep));
    return this.count >= Math.min(this.#run.session.stepsInFlight, wait);
  }

  /** Asks for the next step. */
  begin(): void {
    const step = this.#run.takeStep();
    // When the device is lost, every step under way fails, and the first that is waited for says so.
    step.catch(() => {});
    this.#pending.push(step);
  }

  /** Waits for the first step's report. */
  async take(): Promise<StepOfRun> {
    const before = now();
    const report = await this.#pending.shift()!;
    this.#secondsPerStep = 0.8 * this.#secondsPerStep + 0.2 * Math.max(now() - before, 1e-4);
    return report;
  }
}
