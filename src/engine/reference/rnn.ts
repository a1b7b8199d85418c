/**
 * The textbook's recurrent cell, one timestep forward and one backward: `docs/bptt.md` derives it. Vectors are rows, ⊙ is
 * element-wise. One sequence at a time.
 */

import type { RnnParameterName } from '../../model/parameters.ts';
import {
  accumulate,
  accumulateOuter,
  elementwise,
  type Input,
  type Matrix,
  sum,
  times,
  timesTransposed,
  type Vector,
  σ,
} from './vectors.ts';

/** Parameters, or gradients by them, as flat matrices and vectors. */
type Parameters = Readonly<Record<RnnParameterName, Matrix>>;

/** What one timestep computed. Both are `[H]`. */
export interface Timestep {
  /** The state it started from. */
  readonly h: Vector;
  /** h′ = σ(s), the state it ended in. */
  readonly next: Vector;
}

/** The state h `[H]` meets the input x. */
export function step({ U, W, b }: Parameters, x: Input, h: Vector): Timestep {
  const H = h.length;
  const s = sum(times(x, U, H), times(h, W, H), b);
  return { h, next: s.map(σ) };
}

/**
 * From g = ∂loss/∂h′ `[H]` to the timestep's share of the gradients, which it adds up.
 *
 * @returns ∂loss/∂h, `[H]`
 */
export function stepBackward(
  { W }: Parameters,
  x: Input,
  { h, next }: Timestep,
  g: Vector,
  gradients: Parameters,
): Vector {
  // h′ = σ(s), and σ′(s) = σ(s) (1 − σ(s))
  const ds = elementwise((g, next) => g * next * (1 - next), g, next);

  accumulateOuter(gradients.W, h, ds);
  accumulateOuter(gradients.U, x, ds);
  accumulate(gradients.b, ds);

  return timesTransposed(ds, W);
}
