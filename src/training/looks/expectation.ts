import type { Vocabulary } from '../../model/vocabulary.ts';

/** How many of the likeliest symbols are told. */
const told = 5;

/** The least probability that is told apart from 0: about the least number of float32. */
const least = 2 ** -149;

/** A symbol that may come next. */
export interface Candidate {
  readonly symbol: string;
  /** From 0 to 1. */
  readonly probability: number;
}

/** What a network expected while it read symbols. */
export interface Expectation {
  /** What each symbol cost that was read, in bits, `[T]`: see `surprisesOf`. */
  readonly surprises: Float32Array;
  /** After each timestep the likeliest next symbols, the likeliest first, `[T]`. */
  readonly likeliest: readonly (readonly Candidate[])[];
}

/** @param outputs y, `[T][V]` @param ids what was read, `[T]` */
export function expectationOf(outputs: Float32Array, ids: Uint32Array, vocabulary: Vocabulary): Expectation {
  const likeliest = Array.from(ids, (_, t) => {
    const row = rowOf(outputs, t, vocabulary.size);
    const sum = sumOf(row);
    return likeliestOf(row).map((id) => ({ symbol: vocabulary.symbols[id]!, probability: row[id]! / sum }));
  });
  return { surprises: surprisesOf(outputs, ids, vocabulary.size), likeliest };
}

/**
 * How much each symbol surprised the network that read it, in bits: −log2 of the probability that it gave the symbol just before,
 * `[T]`. The first has none, and is NaN.
 *
 * @param outputs y, `[T][V]`
 * @param ids what was read, `[T]`
 */
export function surprisesOf(outputs: Float32Array, ids: Uint32Array, size: number): Float32Array {
  return Float32Array.from(ids, (id, t) => {
    if (t === 0) return Number.NaN;
    const row = rowOf(outputs, t - 1, size);
    return -Math.log2(Math.max(least, row[id]! / sumOf(row)));
  });
}

const rowOf = (outputs: Float32Array, t: number, size: number): Float32Array =>
  outputs.subarray(t * size, (t + 1) * size);

/** As when the network writes, probabilities are proportional to the outputs, also where each answers for one symbol. */
const sumOf = (row: Float32Array): number =>
  Math.max(
    row.reduce((sum, y) => sum + y, 0),
    least,
  );

/** The ids of the largest outputs, the largest first; of equal ones the lower id. A vocabulary may be too long to be sorted whole. */
function likeliestOf(row: Float32Array): readonly number[] {
  const found: number[] = [];
  for (const [id, y] of row.entries()) {
    if (found.length === told && y <= row[found.at(-1)!]!) continue;
    const place = found.findIndex((other) => row[other]! < y);
    found.splice(place < 0 ? found.length : place, 0, id);
    found.length = Math.min(found.length, told);
  }
  return found;
}
