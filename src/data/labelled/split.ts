import { absent } from '../../engine/batch.ts';
import { Random } from '../../model/random.ts';
import { shuffle } from '../shuffle.ts';
import { countedPlaces } from './places.ts';
import type { Samples } from './samples.ts';

/** The numbers of the samples that are trained on, and of those held out, each in rising order. */
export interface SampleSplit {
  readonly training: Uint32Array<ArrayBuffer>;
  readonly validation: Uint32Array<ArrayBuffer>;
}

/**
 * Holds out a share of the samples at random. Where each sample has one label, each class has that share held out, up to a sample,
 * and a class with one sample has none. A sample with nothing that counts is in neither part.
 *
 * @param share at most ½
 */
export function splitSamples(samples: Samples, share: number, seed: number): SampleSplit {
  const counted = countedPlaces(samples);
  const order = shuffle(
    Uint32Array.from(counted.keys()).filter((sample) => counted[sample]! > 0),
    new Random(seed),
  );
  const groups = groupsOf(samples, order);
  const training: number[] = groups.filter(({ length }) => length === 1).flat();
  const validation: number[] = [];
  // Every so many-th of one row of all the classes: so each class gives its share, and they give it together.
  const row = groups.filter(({ length }) => length > 1).flat();
  for (const [place, sample] of row.entries()) {
    const isHeldOut = Math.floor((place + 1) * share) > Math.floor(place * share);
    (isHeldOut ? validation : training).push(sample);
  }
  return { training: Uint32Array.from(training).sort(), validation: Uint32Array.from(validation).sort() };
}

/** The samples class by class; all in one group, where a sample has no one class. */
function groupsOf({ targets }: Samples, order: Uint32Array): number[][] {
  if (targets.kind === 'vectors' || targets.at === 'timestep') return [Array.from(order)];
  const groups: number[][] = targets.classes.map(() => []);
  for (const sample of order) {
    const label = targets.ids[sample]![0]!;
    if (label !== absent) groups[label]!.push(sample);
  }
  return groups;
}

/** As many numbers from all over a list, in its order. */
export const someOf = (numbers: Uint32Array, count: number): Uint32Array<ArrayBuffer> =>
  Uint32Array.from(
    { length: Math.min(count, numbers.length) },
    (_, i) => numbers[Math.floor((i * numbers.length) / Math.min(count, numbers.length))]!,
  );
