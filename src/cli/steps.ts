import type { Run } from '../training/run.ts';
import { type StepOfRun, StepsInFlight } from '../training/steps-in-flight.ts';

export type Report = StepOfRun & {
  /** Whether no later step is under way: the run's parameters are what this step made of them. */
  readonly atRest: boolean;
};

/** An engine without a device of its own computes in this very thread: signals need a moment to come in, this often. */
const breathEvery = 0.05;

const now = () => performance.now() / 1000;

/**
 * Takes steps until the goal, several under way at once as the engine allows, and hands out their reports in order. When
 * `pausing` says so, no further one is begun until the last report is handed out, at rest.
 */
export async function* takeSteps(run: Run, pausing: () => boolean): AsyncGenerator<Report, void, void> {
  const steps = new StepsInFlight(run);
  let breath = now();
  for (;;) {
    while (!run.finished && (steps.count === 0 || (!steps.full && !pausing()))) steps.begin();
    if (steps.count === 0) return;
    const report = await steps.take();
    if (now() - breath > breathEvery) {
      await new Promise((resolve) => setImmediate(resolve));
      breath = now();
    }
    yield { ...report, atRest: steps.count === 0 && (run.finished || pausing()) };
  }
}
