import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Capacity, Precision } from '../engine.ts';
import { candidates, readTuning, refinements } from './candidates.ts';
import { limitsOf } from './limits.ts';
import { type Found, tune } from './tuner.ts';
import { writeTuning } from './tuning.ts';
import { workbench } from './workbench.ts';

// What else is needed once for each device comes with it.
export { provenOnce } from './proof.ts';

/** The fastest tuning as a line, and what became of each that was tried. */
export type Measured = Omit<Found, 'tuning'> & { readonly tuning: string };

/** What to try, and for how long. */
interface Options {
  readonly weights: Precision;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds after which no more is begun; by default as many as training can be kept waiting. */
  readonly budget: number | undefined;
  /** As `readTuning` reads them; by default what is worth a try. */
  readonly tunings: readonly string[] | undefined;
}

/** Tries tunings on a device: those that are named, or the candidates and what refines the best of them. */
export async function measureTunings(
  device: GPUDevice,
  model: ModelConfiguration,
  capacity: Capacity,
  { weights, signal, budget, tunings }: Options,
): Promise<Measured> {
  const limits = limitsOf(device);
  const tried = tunings?.map((line) => readTuning(line, model, capacity)) ?? candidates(model, capacity, limits);
  const refine = tunings ? [] : refinements(model, capacity, limits, weights);
  const { tuning, ...rest } = await tune(tried, workbench(device, model, capacity), { budget, signal, refine });
  return { tuning: writeTuning(tuning), ...rest };
}
