import type { Configuration } from './configuration.ts';

/** The learning rate at a step (from 1): a linear warm-up, then constant, or half a cosine down to zero at the goal. */
export function learningRateAt(
  step: number,
  { learningRate, schedule, warmup, steps }: Pick<Configuration, 'learningRate' | 'schedule' | 'warmup' | 'steps'>,
): number {
  if (step <= warmup) return (learningRate * step) / warmup;
  if (schedule === 'constant') return learningRate;
  const progress = Math.min(1, (step - warmup - 1) / Math.max(1, steps - warmup));
  return (learningRate * (1 + Math.cos(Math.PI * progress))) / 2;
}
