import { gumbelAt } from '../model/random.ts';
import { coldest, type Sampling } from './engine.ts';

/**
 * Draws a symbol from softmax(scores / temperature), as the largest of score / temperature + Gumbel noise; below `coldest`
 * the one with the largest score. Of equals, the first.
 *
 * @param scores the logarithms of numbers that symbols are drawn in proportion to, `[V]`
 * @param sequence which of the sequences side by side
 * @param index how many symbols were drawn for it before
 */
export function sample(scores: Float64Array, { temperature, seed }: Sampling, sequence: number, index: number): number {
  let best = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (const [symbol, score] of scores.entries()) {
    const noisy = temperature < coldest ? score : score / temperature + gumbelAt(seed, sequence, index, symbol);
    if (noisy > largest) [best, largest] = [symbol, noisy];
  }
  return best;
}
