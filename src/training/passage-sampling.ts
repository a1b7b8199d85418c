import type { Sampling } from '../engine/engine.ts';
import { hash } from '../model/random.ts';
import type { Configuration } from './configuration.ts';

/** How a run draws the passage that it writes after a step: by its seed, and otherwise after each step. */
export const passageSampling = (
  { temperature, seed }: Pick<Configuration, 'temperature' | 'seed'>,
  step: number,
): Sampling => ({ temperature, seed: hash(seed ^ hash(step)) });
