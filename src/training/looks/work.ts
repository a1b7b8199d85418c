import type { Run } from '../run.ts';

/** Multiply-adds that a look takes at most, so that it is brief on a slow engine as well. */
const most = 2e9;

/**
 * How much of something a look can take in.
 *
 * @param wanted how much is enough
 * @param timesteps how many of them the network reads for each
 * @returns at least 1
 */
export const affordable = (
  { parameterCount }: Pick<Run, 'parameterCount'>,
  wanted: number,
  timesteps: number,
): number => Math.max(1, Math.min(wanted, Math.floor(most / (parameterCount * timesteps))));
