import type { ExperimentResult, Part, Trial } from './experiment.ts';

/**
 * The network's trials with the longest matches, the longest first; of those that end at the same place in the text, whose
 * primes were drawn a little apart, only the longest.
 *
 * @param most how many are wanted
 */
export function longestTrials(
  { series }: ExperimentResult,
  most: number,
): { readonly primesFrom: Part; readonly trial: Trial }[] {
  const trials = series
    .filter(({ model }) => model === 'network')
    .flatMap(({ primesFrom, trials }) => trials.map((trial) => ({ primesFrom, trial })))
    .sort((a, b) => b.trial.length - a.trial.length);
  const ends = new Set<number>();
  const distinct = trials.filter(
    ({ trial: { place, length } }) => place !== null && length > 0 && ends.size < ends.add(place + length).size,
  );
  return distinct.slice(0, most);
}
