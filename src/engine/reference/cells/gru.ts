/**
 * The gated recurrent unit, one timestep forward and one backward, in the notation of `docs/architecture.md`: vectors are
 * rows, ⊙ is element-wise. One sequence at a time.
 *
 * The reset gate stands before the recurrent product: Cho et al., "Learning Phrase Representations using RNN
 * Encoder–Decoder for Statistical Machine Translation", 2014.
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

type Names = 'U_z' | 'U_r' | 'U_h' | 'W_z' | 'W_r' | 'W_h' | 'b_z' | 'b_r' | 'b_h';

/** What one timestep computed. All are `[H]`. */
export interface Timestep {
  /** h, the state it started from. */
  readonly before: readonly [h: Vector];
  readonly gates: {
    /** Update gate: how much of the state is replaced. */
    readonly z: Vector;
    /** Reset gate: how much of the state the candidate sees. */
    readonly r: Vector;
    /** Candidate. */
    readonly c: Vector;
  };
  /** m, with which the candidate is multiplied: 1 without dropout. */
  readonly mask: Vector;
  /** r ⊙ h */
  readonly q: Vector;
  /** h′, the state it ended in. */
  readonly after: readonly [h: Vector];
}

/** The state h `[H]` meets the input x; m `[H]` is the candidate's mask. */
export function step(
  { U_z, U_r, U_h, W_z, W_r, W_h, b_z, b_r, b_h }: Parameters<Names>,
  x: Input,
  [h]: readonly [Vector],
  m: Vector,
): Timestep {
  const H = h.length;
  const z = sum(times(x, U_z, H), times(h, W_z, H), b_z).map(σ);
  const r = sum(times(x, U_r, H), times(h, W_r, H), b_r).map(σ);
  const q = elementwise((r, h) => r * h, r, h);
  const c = sum(times(x, U_h, H), times(q, W_h, H), b_h).map(Math.tanh);
  const next = elementwise((z, h, m, c) => (1 - z) * h + z * m * c, z, h, m, c);
  return { before: [h], gates: { z, r, c }, mask: m, q, after: [next] };
}

/**
 * From g = ∂loss/∂h′ `[H]` to the timestep's share of the gradients, which it adds up.
 *
 * @returns ∂loss/∂h, `[H]`, and ∂loss/∂x
 */
export function stepBackward(
  { U_z, U_r, U_h, W_z, W_r, W_h }: Parameters<Names>,
  x: Input,
  { before: [h], gates: { z, r, c }, mask: m, q }: Timestep,
  [g]: readonly [Vector],
  gradients: Parameters<Names>,
): Backward {
  // h′ = (1 − z) ⊙ h + z ⊙ m ⊙ c
  const da_c = elementwise((g, z, m, c) => g * z * m * (1 - c * c), g, z, m, c);
  const da_z = elementwise((g, m, c, h, z) => g * (m * c - h) * z * (1 - z), g, m, c, h, z);

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

  const dh = sum(
    elementwise((g, z) => g * (1 - z), g, z),
    elementwise((dq, r) => dq * r, dq, r),
    timesTransposed(da_z, W_z),
    timesTransposed(da_r, W_r),
  );
  const inner = { da_z, da_r, da_c, dq };
  return { inner, before: [dh], x: inputGradient(x, [da_z, U_z], [da_r, U_r], [da_c, U_h]) };
}
