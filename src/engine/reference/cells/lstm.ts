/**
 * Long short-term memory, one timestep forward and one backward: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997,
 * with the forget gate of Gers, Schmidhuber and Cummins, "Learning to Forget", 2000. Vectors are rows, ⊙ is element-wise. One
 * sequence at a time.
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

type Letter = 'i' | 'f' | 'g' | 'o';
type Names = `${'U' | 'W' | 'b'}_${Letter}`;

/** What one timestep computed. All are `[H]`. */
export interface Timestep {
  /** The state h, and the memory c beside it, that it started from. */
  readonly before: readonly [h: Vector, c: Vector];
  readonly gates: {
    /** Input gate: how much of the candidate is written. */
    readonly i: Vector;
    /** Forget gate: how much of the memory stays. */
    readonly f: Vector;
    /** Candidate. */
    readonly g: Vector;
    /** Output gate: how much of the memory is shown. */
    readonly o: Vector;
  };
  /** m, with which the candidate is multiplied: 1 without dropout. */
  readonly mask: Vector;
  readonly after: readonly [h: Vector, c: Vector];
}

/** The states h and c `[H]` meet the input x; m `[H]` is the candidate's mask. */
export function step(
  { U_i, U_f, U_g, U_o, W_i, W_f, W_g, W_o, b_i, b_f, b_g, b_o }: Parameters<Names>,
  x: Input,
  [h, c]: readonly [Vector, Vector],
  m: Vector,
): Timestep {
  const H = h.length;
  const i = sum(times(x, U_i, H), times(h, W_i, H), b_i).map(σ);
  const f = sum(times(x, U_f, H), times(h, W_f, H), b_f).map(σ);
  const g = sum(times(x, U_g, H), times(h, W_g, H), b_g).map(Math.tanh);
  const o = sum(times(x, U_o, H), times(h, W_o, H), b_o).map(σ);
  const nextC = elementwise((f, c, i, m, g) => f * c + i * m * g, f, c, i, m, g);
  const next = elementwise((o, c) => o * Math.tanh(c), o, nextC);
  return { before: [h, c], gates: { i, f, g, o }, mask: m, after: [next, nextC] };
}

/**
 * From ∂loss/∂h′ and ∂loss/∂c′ `[H]` to the timestep's share of the gradients, which it adds up.
 *
 * @returns ∂loss/∂h and ∂loss/∂c, `[H]`, and ∂loss/∂x
 */
export function stepBackward(
  { U_i, U_f, U_g, U_o, W_i, W_f, W_g, W_o }: Parameters<Names>,
  x: Input,
  { before: [h, c], gates: { i, f, g, o }, mask: m, after: [, nextC] }: Timestep,
  [dNext, dNextC]: readonly [Vector, Vector],
  gradients: Parameters<Names>,
): Backward {
  // h′ = o ⊙ tanh c′
  const da_o = elementwise((d, c, o) => d * Math.tanh(c) * o * (1 - o), dNext, nextC, o);
  const dc = elementwise((dc, d, o, c) => dc + d * o * (1 - Math.tanh(c) ** 2), dNextC, dNext, o, nextC);

  // c′ = f ⊙ c + i ⊙ m ⊙ g
  const da_i = elementwise((dc, m, g, i) => dc * m * g * i * (1 - i), dc, m, g, i);
  const da_f = elementwise((dc, c, f) => dc * c * f * (1 - f), dc, c, f);
  const da_g = elementwise((dc, i, m, g) => dc * i * m * (1 - g * g), dc, i, m, g);

  accumulateOuter(gradients.W_i, h, da_i);
  accumulateOuter(gradients.W_f, h, da_f);
  accumulateOuter(gradients.W_g, h, da_g);
  accumulateOuter(gradients.W_o, h, da_o);
  accumulateOuter(gradients.U_i, x, da_i);
  accumulateOuter(gradients.U_f, x, da_f);
  accumulateOuter(gradients.U_g, x, da_g);
  accumulateOuter(gradients.U_o, x, da_o);
  accumulate(gradients.b_i, da_i);
  accumulate(gradients.b_f, da_f);
  accumulate(gradients.b_g, da_g);
  accumulate(gradients.b_o, da_o);

  const dh = sum(
    timesTransposed(da_i, W_i),
    timesTransposed(da_f, W_f),
    timesTransposed(da_g, W_g),
    timesTransposed(da_o, W_o),
  );
  const dcBefore = elementwise((dc, f) => dc * f, dc, f);
  const inner = { da_i, da_f, da_g, da_o };
  return {
    inner,
    before: [dh, dcBefore],
    x: inputGradient(x, [da_i, U_i], [da_f, U_f], [da_g, U_g], [da_o, U_o]),
  };
}
