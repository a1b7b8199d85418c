/**
 * The gradients by the recurrent weights as `docs/bptt.md` has them, written out as sums over the timesteps: from the
 * states that a network went through and the gradients by these states, with no backpropagation.
 */

import type { Batch, Gradients, Trace } from '../engine/engine.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { type ParameterName, parameterLayout, parameterViews } from '../model/parameters.ts';

/**
 * The sums over all timesteps i, and over all rows of the batch. With G = ∇_{h^{i+1}}E:
 *
 *     RNN   ∇_W E   = Σ (h^i)ᵀ [G ⊙ σ′(s^{i+1})]          where σ′(s^{i+1}) = h^{i+1} ⊙ (1 − h^{i+1})
 *
 *     GRU   ∇_W_z E = Σ (h^i)ᵀ [G ⊙ (c − h^i) ⊙ z ⊙ (1 − z)]
 *           ∇_W_r E = Σ (h^i)ᵀ [a W_hᵀ ⊙ h^i ⊙ r ⊙ (1 − r)]    where a = G ⊙ z ⊙ (1 − c²)
 *           ∇_W_h E = Σ (r ⊙ h^i)ᵀ a
 *
 * @param flat the network's parameters
 * @returns the gradient by each recurrent parameter, `[H, H]`
 */
export function recurrentSums(
  model: ModelConfiguration,
  flat: Float32Array,
  { rows, timesteps }: Batch,
  { states, gates }: Trace,
  { stateGradients }: Gradients,
): ReadonlyMap<ParameterName, Float64Array> {
  const H = model.hiddenSize;
  const sums = new Map<ParameterName, Float64Array>();
  /** Adds xᵀ y to the gradient by a parameter. */
  const add = (name: ParameterName, x: readonly number[], y: readonly number[]) => {
    const sum = sums.get(name) ?? new Float64Array(H * H);
    for (let j = 0; j < H; j++) for (let k = 0; k < H; k++) sum[j * H + k]! += x[j]! * y[k]!;
    sums.set(name, sum);
  };
  const { W_h } = parameterViews(parameterLayout(model), flat);

  for (let place = 0; place < rows * timesteps; place++) {
    /** What stands at a place of `[T][B][H]`. */
    const at = (values: ArrayLike<number>, place: number) =>
      Array.from({ length: H }, (_, j) => values[place * H + j]!);
    const h = at(states, place);
    const next = at(states, place + rows);
    const G = at(stateGradients, place + rows);
    if (model.cell === 'rnn') {
      const ds = G.map((g, j) => g * next[j]! * (1 - next[j]!));
      add('W', h, ds);
      continue;
    }
    const [z, r, c] = [at(gates.z!, place), at(gates.r!, place), at(gates.c!, place)];
    const a = G.map((g, j) => g * z[j]! * (1 - c[j]! ** 2));
    const dq = G.map((_, j) => a.reduce((sum, a_k, k) => sum + a_k * W_h[j * H + k]!, 0));
    const q = r.map((r, j) => r * h[j]!);
    const da_z = G.map((g, j) => g * (c[j]! - h[j]!) * z[j]! * (1 - z[j]!));
    const da_r = dq.map((dq, j) => dq * h[j]! * r[j]! * (1 - r[j]!));
    add('W_z', h, da_z);
    add('W_r', h, da_r);
    add('W_h', q, a);
  }
  return sums;
}
