/**
 * The plain recurrent cell with tanh, one timestep forward and one backward: Elman, "Finding Structure in Time", 1990, and
 * PyTorch's `nn.RNN`. Vectors are rows, ⊙ is element-wise. One sequence at a time.
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
} from '../vectors.ts';
import type { Backward, Parameters } from './cell.ts';

type Names = 'U' | 'W' | 'b';

/** What one timestep computed. Both are `[H]`. */
export interface Timestep {
  /** h, the state it started from. */
  readonly before: readonly [h: Vector];
  readonly gates: Readonly<Record<string, Vector>>;
  /** h′ = tanh s, the state it ended in. */
  readonly after: readonly [h: Vector];
}

/** The state h `[H]` meets the input x. */
export function step({ U, W, b }: Parameters<Names>, x: Input, [h]: readonly [Vector]): Timestep {
  const H = h.length;
  const s = sum(times(x, U, H), times(h, W, H), b);
  return { before: [h], gates: {}, after: [s.map(Math.tanh)] };
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
  // h′ = tanh s, and tanh′(s) = 1 − tanh² s
  const ds = elementwise((g, next) => g * (1 - next * next), g, next);

  accumulateOuter(gradients.W, h, ds);
  accumulateOuter(gradients.U, x, ds);
  accumulate(gradients.b, ds);

  return { inner: { ds }, before: [timesTransposed(ds, W)], x: inputGradient(x, [ds, U]) };
}
