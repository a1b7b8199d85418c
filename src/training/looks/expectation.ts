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
    const probabilities = probabilitiesAt(outputs, t, vocabulary.size);
    const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]!);
    return order.slice(0, told).map((id) => ({ symbol: vocabulary.symbols[id]!, probability: probabilities[id]! }));
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
  return Float32Array.from(ids, (id, t) =>
    t === 0 ? Number.NaN : -Math.log2(Math.max(least, probabilitiesAt(outputs, t - 1, size)[id]!)),
  );
}

/** As when the network writes, probabilities are proportional to the outputs, also where each answers for one symbol. */
function probabilitiesAt(outputs: Float32Array, t: number, size: number): Float64Array {
  const row = Float64Array.from(outputs.subarray(t * size, (t + 1) * size));
  const sum = row.reduce((sum, y) => sum + y, 0);
  return row.map((y) => y / Math.max(sum, least));
}
