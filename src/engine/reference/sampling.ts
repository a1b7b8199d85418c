import { gumbelAt } from '../../model/random.ts';
import { coldest, type Sampling } from '../engine.ts';
import type { Vector } from './vectors.ts';

/**
 * Draws a symbol from softmax(y / temperature), as the largest of y / temperature + Gumbel noise (Gumbel 1954; Maddison,
 * Tarlow and Minka, "A* Sampling", 2014); below `coldest`, the likeliest symbol. Of equals, the first.
 *
 * @param y log-probabilities, or what differs from them by a constant, `[V]`
 * @param sequence which of the sequences side by side
 * @param index how many symbols were drawn for it before
 */
export function sample(y: Vector, { temperature, seed }: Sampling, sequence: number, index: number): number {
  const scores =
    temperature < coldest ? y : y.map((score, symbol) => score / temperature + gumbelAt(seed, sequence, index, symbol));
  return Math.max(0, scores.indexOf(scores.reduce((a, b) => Math.max(a, b))));
}
