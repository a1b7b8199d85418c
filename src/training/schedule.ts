import type { AdamSettings, Dropout } from '../engine/engine.ts';
import { hash } from '../model/random.ts';
import type { Configuration } from './configuration.ts';

/** What the settings come to at one step. Steps are counted from 1. */

/**
 * The learning rate at a step: a linear warm-up, then constant, then over the last share `decay` of the steps after it down to
 * zero at the goal, along half a cosine or a straight line. With a short decay the steps before do not depend on the goal.
 */
export function learningRateAt(
  step: number,
  {
    learningRate,
    schedule,
    decay,
    warmup,
    steps,
  }: Pick<Configuration, 'learningRate' | 'schedule' | 'decay' | 'warmup' | 'steps'>,
): number {
  if (step <= warmup) return (learningRate * step) / warmup;
  if (schedule === 'constant') return learningRate;
  const falling = decay * (steps - warmup);
  const progress = Math.min(1, Math.max(0, step - 1 - (steps - falling)) / Math.max(1, falling));
  return learningRate * (schedule === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2);
}

/** β of the averaged parameters at a step: at first less than in the end, so that what is random at the start is soon forgotten. */
export const averagingAt = (step: number, { averaging }: Pick<Configuration, 'averaging'>): number =>
  Math.min(averaging, (1 + step) / (10 + step));

/** How a step moves the parameters. */
export function adamAt(step: number, configuration: Configuration): AdamSettings {
  const { beta1, beta2, epsilon, clipNorm, weightDecay, averaging } = configuration;
  return {
    learningRate: learningRateAt(step, configuration),
    beta1,
    beta2,
    epsilon,
    clipNorm: clipNorm || Number.POSITIVE_INFINITY,
    ...(weightDecay > 0 && { weightDecay }),
    ...(averaging > 0 && { averaging: averagingAt(step, configuration) }),
  };
}

/** Whether training leaves anything out. */
export const dropsOut = ({ dropout, recurrentDropout }: Pick<Configuration, 'dropout' | 'recurrentDropout'>): boolean =>
  dropout > 0 || recurrentDropout > 0;

/** What a step leaves out: fixed by the seed and the step, so that a run that goes on draws the same. */
export function dropoutAt(step: number, configuration: Configuration): Dropout | undefined {
  const { dropout: outputs, recurrentDropout: candidates, dropoutMasks: masks, seed } = configuration;
  return dropsOut(configuration) ? { outputs, candidates, masks, seed: hash(hash(seed) ^ step) } : undefined;
}
