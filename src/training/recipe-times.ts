import type { Dataset } from '../data/dataset.ts';
import type { Configuration } from './configuration.ts';
import { type Choose, Run } from './run.ts';
import { StepsInFlight } from './steps-in-flight.ts';

/** Steps that are measured, after a first one that lays things out; fewer where they have taken this many seconds. */
const stepsMeasured = 6;
const secondsMeasured = 1;
/** What a run takes besides its steps, as a share of them: looks at what is held out, passages, what panels see. */
const besides = 0.2;

const now = () => performance.now() / 1000;

/**
 * How many seconds a run would take on this machine, from a few steps of it. They leave no trace.
 *
 * @param signal ends it after the step under way
 * @throws the signal's reason, once it is aborted
 * @throws Error in one sentence if the network does not fit the engine
 */
export async function secondsOfRun(
  dataset: Dataset,
  configuration: Configuration,
  choose: Choose,
  signal: AbortSignal,
): Promise<number> {
  const run = await Run.open(dataset, configuration, choose);
  try {
    run.startAfresh();
    await run.takeStep();
    const steps = new StepsInFlight(run);
    const began = now();
    let taken = 0;
    while (taken < stepsMeasured && (taken === 0 || now() - began < secondsMeasured)) {
      signal.throwIfAborted();
      while (!steps.full && taken + steps.count < stepsMeasured) steps.begin();
      await steps.take();
      taken++;
      // An engine without a device of its own computes in this very thread: what aborts the signal has to come in.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const secondsPerStep = (now() - began) / taken;
    while (steps.count > 0) await steps.take();
    return configuration.steps * secondsPerStep * (1 + besides);
  } finally {
    run.close();
  }
}
