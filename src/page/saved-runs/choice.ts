import { type Axis, axes } from './curves.ts';

/** The most runs that are compared with the one that stands. */
export const mostCompared = 5;

/** Which runs are compared, each in a place of its own with a letter, and over what. Plain data, kept between visits. */
export interface Comparison {
  /** The ids of runs; `null` where a place is free. */
  readonly places: readonly (string | null)[];
  readonly axis: Axis;
}

export const noComparison: Comparison = { places: new Array<null>(mostCompared).fill(null), axis: 'steps' };

/** What a place is called. */
export const letterOf = (place: number): string => 'ABCDE'.charAt(place);

/**
 * With one run more; `undefined` if all places are taken.
 *
 * @param isThere whether a run can be compared at all: others lose their places to it
 */
export function withRun(comparison: Comparison, id: string, isThere: (id: string) => boolean): Comparison | undefined {
  const { places } = comparison;
  if (places.includes(id)) return comparison;
  const isFree = (other: string | null) => other === null || !isThere(other);
  const free = places.indexOf(null);
  const place = free >= 0 ? free : places.findIndex(isFree);
  return place < 0 ? undefined : { ...comparison, places: places.with(place, id) };
}

export const withoutRun = (comparison: Comparison, id: string): Comparison => ({
  ...comparison,
  places: comparison.places.map((other) => (other === id ? null : other)),
});

const key = 'sluice-compared';

/** What was compared at the visit before. */
export function readComparison(): Comparison {
  try {
    const { places, axis } = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Comparison>;
    const isWhole =
      places?.length === mostCompared &&
      places.every((id) => id === null || typeof id === 'string') &&
      axes.includes(axis!);
    return isWhole ? { places, axis: axis! } : noComparison;
  } catch {
    // The browser keeps nothing, or something else wrote it.
    return noComparison;
  }
}

export function keepComparison(comparison: Comparison): void {
  try {
    localStorage.setItem(key, JSON.stringify(comparison));
  } catch {
    // Where the browser keeps nothing, it is for this visit.
  }
}
