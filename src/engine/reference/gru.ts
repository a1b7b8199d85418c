/**
 * The gated recurrent unit, one timestep forward and one backward, in the notation of `docs/architecture.md`: vectors are
 * rows, ⊙ is element-wise. One sequence at a time.
 *
 * The reset gate stands before the recurrent product: Cho et al., "Learning Phrase Representations using RNN
 * Encoder–Decoder for Statistical Machine Translation", 2014.
 */

import type { GruParameterName } from '../../model/parameters.ts';
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
type Parameters = Readonly<Record<GruParameterName, Matrix>>;

/** What one timestep computed. All are `[H]`. */
export interface Timestep {
  /** The state it started from. */
  readonly h: Vector;
  /** Update gate: how much of the state is replaced. */
  readonly z: Vector;
  /** Reset gate: how much of the state the candidate sees. */
  readonly r: Vector;
  /** r ⊙ h */
  readonly q: Vector;
  /** Candidate. */
  readonly c: Vector;
  /** h′, the state it ended in. */
  readonly next: Vector;
}

/** The state h `[H]` meets the input x. */
export function step({ U_z, U_r, U_h, W_z, W_r, W_h, b_z, b_r, b_h }: Parameters, x: Input, h: Vector): Timestep {
  const H = h.length;
  const z = sum(times(x, U_z, H), times(h, W_z, H), b_z).map(σ);
  const r = sum(times(x, U_r, H), times(h, W_r, H), b_r).map(σ);
  const q = elementwise((r, h) => r * h, r, h);
  const c = sum(times(x, U_h, H), times(q, W_h, H), b_h).map(Math.tanh);
  const next = elementwise((z, h, c) => (1 - z) * h + z * c, z, h, c);
  return { h, z, r, q, c, next };
}

/**
 * From g = ∂loss/∂h′ `[H]` to the timestep's share of the gradients, which it adds up.
 *
 * @returns ∂loss/∂h, `[H]`
 */
export function stepBackward(
  { W_z, W_r, W_h }: Parameters,
  x: Input,
  { h, z, r, q, c }: Timestep,
  g: Vector,
  gradients: Parameters,
): Vector {
  // h′ = (1 − z) ⊙ h + z ⊙ c
  const da_c = elementwise((g, z, c) => g * z * (1 - c * c), g, z, c);
  const da_z = elementwise((g, c, h, z) => g * (c - h) * z * (1 - z), g, c, h, z);

  // q = r ⊙ h
  const dq = timesTransposed(da_c, W_h);
  const da_r = elementwise((dq, h, r) => dq * h * r * (1 - r), dq, h, r);

  accumulateOuter(gradients.W_z, h, da_z);
  accumulateOuter(gradients.W_r, h, da_r);
  accumulateOuter(gradients.W_h, q, da_c);
  accumulateOuter(gradients.U_z, x, da_z);
  accumulateOuter(gradients.U_r, x, da_r);
  accumulateOuter(gradients.U_h, x, da_c);
  accumulate(gradients.b_z, da_z);
  accumulate(gradients.b_r, da_r);
  accumulate(gradients.b_h, da_c);

  return sum(
    elementwise((g, z) => g * (1 - z), g, z),
    elementwise((dq, r) => dq * r, dq, r),
    timesTransposed(da_z, W_z),
    timesTransposed(da_r, W_r),
  );
}
