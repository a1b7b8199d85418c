/**
 * The gated recurrent unit with its reset gate after the recurrent product, one timestep forward and one backward. Vectors
 * are rows, ⊙ is element-wise. One sequence at a time. As PyTorch's `nn.GRU`, cuDNN and Keras have it, but for z: here it is
 * how much of the state is replaced, as in `gru.ts`.
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

type Names = 'U_z' | 'U_r' | 'U_h' | 'W_z' | 'W_r' | 'W_h' | 'b_z' | 'b_r' | 'b_hh' | 'b_h';

/** What one timestep computed. All are `[H]`. */
export interface Timestep {
  readonly before: readonly [h: Vector];
  readonly gates: {
    readonly z: Vector;
    readonly r: Vector;
    /** p = h W_h + b_hh: what the reset gate lets through. */
    readonly p: Vector;
    readonly c: Vector;
  };
  /** m, with which the candidate is multiplied: 1 without dropout. */
  readonly mask: Vector;
  readonly after: readonly [h: Vector];
}

/** The state h `[H]` meets the input x; m `[H]` is the candidate's mask. */
export function step(
  { U_z, U_r, U_h, W_z, W_r, W_h, b_z, b_r, b_hh, b_h }: Parameters<Names>,
  x: Input,
  [h]: readonly [Vector],
  m: Vector,
): Timestep {
  const H = h.length;
  const z = sum(times(x, U_z, H), times(h, W_z, H), b_z).map(σ);
  const r = sum(times(x, U_r, H), times(h, W_r, H), b_r).map(σ);
  const p = sum(times(h, W_h, H), b_hh);
  const a_c = sum(times(x, U_h, H), b_h);
  const c = elementwise((a, r, p) => Math.tanh(a + r * p), a_c, r, p);
  const next = elementwise((z, h, m, c) => (1 - z) * h + z * m * c, z, h, m, c);
  return { before: [h], gates: { z, r, p, c }, mask: m, after: [next] };
}

/**
 * From g = ∂loss/∂h′ `[H]` to the timestep's share of the gradients, which it adds up.
 *
 * @returns ∂loss/∂h, `[H]`, and ∂loss/∂x
 */
export function stepBackward(
  { U_z, U_r, U_h, W_z, W_r, W_h }: Parameters<Names>,
  x: Input,
  { before: [h], gates: { z, r, p, c }, mask: m }: Timestep,
  [g]: readonly [Vector],
  gradients: Parameters<Names>,
): Backward {
  // h′ = (1 − z) ⊙ h + z ⊙ m ⊙ c
  const da_c = elementwise((g, z, m, c) => g * z * m * (1 - c * c), g, z, m, c);
  const da_z = elementwise((g, m, c, h, z) => g * (m * c - h) * z * (1 - z), g, m, c, h, z);

  // a_c = x U_h + b_h + r ⊙ p
  const dp = elementwise((da, r) => da * r, da_c, r);
  const da_r = elementwise((da, p, r) => da * p * r * (1 - r), da_c, p, r);

  accumulateOuter(gradients.W_z, h, da_z);
  accumulateOuter(gradients.W_r, h, da_r);
  accumulateOuter(gradients.W_h, h, dp);
  accumulateOuter(gradients.U_z, x, da_z);
  accumulateOuter(gradients.U_r, x, da_r);
  accumulateOuter(gradients.U_h, x, da_c);
  accumulate(gradients.b_z, da_z);
  accumulate(gradients.b_r, da_r);
  accumulate(gradients.b_hh, dp);
  accumulate(gradients.b_h, da_c);

  const dh = sum(
    elementwise((g, z) => g * (1 - z), g, z),
    timesTransposed(da_z, W_z),
    timesTransposed(da_r, W_r),
    timesTransposed(dp, W_h),
  );
  const inner = { da_z, da_r, da_c, dp };
  return { inner, before: [dh], x: inputGradient(x, [da_z, U_z], [da_r, U_r], [da_c, U_h]) };
}
