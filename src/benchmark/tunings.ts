import type { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { same } from './curves.ts';
import type { Results, Tuned } from './results.ts';
import { modelOf, type Size } from './sizes.ts';
import { strategyOf } from './steps.ts';

/**
 * Milliseconds that the tuner has for a size. Nobody waits to train: on a GPU that is enough for all that is worth a try, and
 * what emulates one gets to a few, as it takes seconds to compile each.
 */
export const tuningBudget = { hardware: 15_000, software: 60_000 } as const;

/**
 * Tries on a GPU which way of cutting up the work is the fastest at a size. What the fastest would save with weights read as
 * f16 is told besides; it does not compete, since rounded weights are another network's.
 */
export async function tuneAt(engine: WebGPUEngine, size: Size): Promise<Tuned> {
  const start = performance.now();
  const budget = tuningBudget[engine.software ? 'software' : 'hardware'];
  const measure = (tunings?: readonly string[]) =>
    engine.measureTunings(modelOf(size), { rows: size.B, timesteps: size.T }, { budget, ...(tunings && { tunings }) });
  const { tuning: winner, tried, untried } = await measure();
  const rounded = await measure([winner, winner.replace('weights=f32', roundedWeights)]);
  return {
    size,
    winner,
    tried: [...tried, ...rounded.tried.slice(1)],
    untried: untried + rounded.untried,
    milliseconds: performance.now() - start,
  };
}

/** The word of a tuning that reads weights as f16. */
const roundedWeights = 'weights=f16';

/** Whether a tuning rounds weights. */
export const rounds = (tuning: string): boolean => tuning.includes(roundedWeights);

/** What the tuner found at a size, if it was there. */
export const tunedAt = ({ tunings }: Pick<Results, 'tunings'>, size: Size): Tuned | undefined =>
  tunings.find((tuned) => same(tuned.size, size));

/** The fastest of the strategy that did not win, where it was tried and has a time. */
export function runnerUp({ winner, tried }: Tuned): string | undefined {
  const others = tried.filter(
    ({ tuning, milliseconds }) => milliseconds !== undefined && strategyOf(tuning) !== strategyOf(winner),
  );
  return others.toSorted((a, b) => a.milliseconds! - b.milliseconds!)[0]?.tuning;
}

/** A tuning without what depends on how much work there is: so it fits longer sequences and other networks as well. */
export const fitting = (tuning: string): string => tuning.replaceAll(/ (stretches|splits)=\d+/g, '');
