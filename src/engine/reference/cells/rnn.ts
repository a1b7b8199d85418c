/**
 * The textbook's recurrent cell, one timestep forward and one backward: `docs/bptt.md` derives it. Vectors are rows, ⊙ is
 * element-wise. One sequence at a time.
 */

import {
  accumulate,
  accumulateOuter,
  elementwise,
  type Input,
  inputGradient,
  sum,
  times,
  timesTransposed,
  type Vector,
  σ,
} from '../vectors.ts';
import type { Backward, Parameters } from './cell.ts';

type Names = 'U' | 'W' | 'b';

/** What one timestep computed. Both are `[H]`. */
export interface Timestep {
  /** h, the state it started from. */
  readonly before: readonly [h: Vector];
  readonly gates: Readonly<Record<string, Vector>>;
  /** h′ = σ(s), the state it ended in. */
  readonly after: readonly [h: Vector];
}

/** The state h `[H]` meets the input x. */
export function step({ U, W, b }: Parameters<Names>, x: Input, [h]: readonly [Vector]): Timestep {
  const H = h.length;
  const s = sum(times(x, U, H), times(h, W, H), b);
  return { before: [h], gates: {}, after: [s.map(σ)] };
}

/**
 * From g = ∂loss/∂h′ `[H]` to the timestep's share of the gradients, which it adds up.
 *
 * @returns ∂loss/∂h, `[H]`, and ∂loss/∂x
 */
export function stepBackward(
  { U, W }: Parameters<Names>,
  x: Input,
  { before: [h], after: [next] }: Timestep,
  [g]: readonly [Vector],
  gradients: Parameters<Names>,
): Backward {
  // h′ = σ(s), and σ′(s) = σ(s) (1 − σ(s))
  const ds = elementwise((g, next) => g * next * (1 - next), g, next);

  accumulateOuter(gradients.W, h, ds);
  accumulateOuter(gradients.U, x, ds);
  accumulate(gradients.b, ds);

  return { inner: { ds }, before: [timesTransposed(ds, W)], x: inputGradient(x, [ds, U]) };
}
