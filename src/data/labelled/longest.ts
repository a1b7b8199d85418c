import type { Samples } from './samples.ts';

const known = new WeakMap<Samples, number>();

/** The timesteps of the longest sample. */
export function longestOf(samples: Samples): number {
  const longest = known.get(samples) ?? timestepsIn(samples).reduce((most, timesteps) => Math.max(most, timesteps), 0);
  known.set(samples, longest);
  return longest;
}

const timestepsIn = ({ inputs }: Samples): readonly number[] =>
  inputs.kind === 'symbols'
    ? inputs.ids.map(({ length }) => length)
    : inputs.values.map(({ length }) => length / inputs.names.length);

/** How many samples there are. */
export const samplesIn = ({ inputs }: Samples): number =>
  (inputs.kind === 'symbols' ? inputs.ids : inputs.values).length;
