/**
 * The gradients by the recurrent weights, written out as sums over the timesteps as `docs/bptt.md` has them: from the states
 * that a network went through and the gradients by these states, with no backpropagation.
 */

import type { Batch, Gradients, Trace } from '../engine/engine.ts';
import { type Cell, statesOf } from '../model/cells/cells.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { layerSuffix, type ParameterName, parameterLayout, parameterViews } from '../model/parameters.ts';

type Vector = readonly number[];
type Named = Readonly<Record<string, Vector>>;

/** One timestep of one row in one layer, `[H]` each, by the names of the equations. */
interface Timestep {
  readonly before: Named;
  readonly after: Named;
  readonly gates: Named;
  /** ∇E by each of the states after it. */
  readonly G: Named;
  /** x W for a matrix of the layer's, `[H, H]`. */
  times(x: Vector, W: string): Vector;
  /** x Wᵀ */
  timesTransposed(x: Vector, W: string): Vector;
  /** A vector of the layer's parameters. */
  vector(name: string): Vector;
}

/** What a timestep adds to the gradient by each recurrent weight: the product xᵀ a of two vectors. */
type Terms = Readonly<Record<string, readonly [x: Vector, a: Vector]>>;

/** `f` of the elements of vectors. */
const each = (f: (...elements: number[]) => number, ...vectors: readonly Vector[]): Vector =>
  vectors[0]!.map((_, j) => f(...vectors.map((vector) => vector[j]!)));

/** The sums over i, with h = h^i, h′ = h^{i+1} and G = ∇_{h′}E, of the cells whose sums are written out. */
const termsOf: Readonly<Partial<Record<Cell, (timestep: Timestep) => Terms>>> = {
  // ∇_W E = Σ hᵀ [G ⊙ σ′(s)]     where σ′(s) = h′ ⊙ (1 − h′)
  rnn: ({ before: { h }, after: { h: next }, G }) => ({
    W: [h!, each((g, next) => g * next * (1 - next), G['h']!, next!)],
  }),

  // ∇_W E = Σ hᵀ [G ⊙ tanh′(s)]  where tanh′(s) = 1 − h′²
  'rnn-tanh': ({ before: { h }, after: { h: next }, G }) => ({
    W: [h!, each((g, next) => g * (1 - next ** 2), G['h']!, next!)],
  }),

  // ∇_W_z E = Σ hᵀ [G ⊙ (c − h) ⊙ z ⊙ (1 − z)]
  // ∇_W_r E = Σ hᵀ [a W_hᵀ ⊙ h ⊙ r ⊙ (1 − r)]    where a = G ⊙ z ⊙ (1 − c²)
  // ∇_W_h E = Σ (r ⊙ h)ᵀ a
  gru: ({ before: { h }, gates: { z, r, c }, G, timesTransposed }) => {
    const a = each((g, z, c) => g * z * (1 - c ** 2), G['h']!, z!, c!);
    return {
      W_z: [h!, each((g, c, h, z) => g * (c - h) * z * (1 - z), G['h']!, c!, h!, z!)],
      W_r: [h!, each((dq, h, r) => dq * h * r * (1 - r), timesTransposed(a, 'W_h'), h!, r!)],
      W_h: [each((r, h) => r * h, r!, h!), a],
    };
  },

  // ∇_W_r E = Σ hᵀ [a ⊙ p ⊙ r ⊙ (1 − r)]          where a = G ⊙ z ⊙ (1 − c²) and p = h W_h + b_hh
  // ∇_W_h E = Σ hᵀ [a ⊙ r], and ∇_W_z E as above
  'gru-after': ({ before: { h }, gates: { z, r, c }, G, times, vector }) => {
    const a = each((g, z, c) => g * z * (1 - c ** 2), G['h']!, z!, c!);
    const p = each((product, b) => product + b, times(h!, 'W_h'), vector('b_hh'));
    return {
      W_z: [h!, each((g, c, h, z) => g * (c - h) * z * (1 - z), G['h']!, c!, h!, z!)],
      W_r: [h!, each((a, p, r) => a * p * r * (1 - r), a, p, r!)],
      W_h: [h!, each((a, r) => a * r, a, r!)],
    };
  },

  // ∇_W_o E = Σ hᵀ [G ⊙ tanh(c′) ⊙ o ⊙ (1 − o)]
  // ∇_W_f E = Σ hᵀ [d ⊙ c ⊙ f ⊙ (1 − f)]          where d = ∇_{c′}E + G ⊙ o ⊙ (1 − tanh²(c′))
  // ∇_W_i E = Σ hᵀ [d ⊙ g ⊙ i ⊙ (1 − i)]
  // ∇_W_g E = Σ hᵀ [d ⊙ i ⊙ (1 − g²)]
  lstm: ({ before: { h, c }, after: { c: next }, gates: { i, f, g, o }, G }) => {
    const d = each((dc, dh, o, c) => dc + dh * o * (1 - Math.tanh(c) ** 2), G['c']!, G['h']!, o!, next!);
    return {
      W_i: [h!, each((d, g, i) => d * g * i * (1 - i), d, g!, i!)],
      W_f: [h!, each((d, c, f) => d * c * f * (1 - f), d, c!, f!)],
      W_g: [h!, each((d, i, g) => d * i * (1 - g ** 2), d, i!, g!)],
      W_o: [h!, each((dh, c, o) => dh * Math.tanh(c) * o * (1 - o), G['h']!, next!, o!)],
    };
  },
};

/**
 * The sums over all timesteps, and over all rows of the batch.
 *
 * @param flat the network's parameters
 * @returns the gradient by each recurrent parameter, `[H, H]`; none if its cell's sums are not written out
 */
export function recurrentSums(
  model: ModelConfiguration,
  flat: Float32Array,
  { rows, timesteps, lengths }: Batch,
  trace: Trace,
  { stateGradients }: Gradients,
): ReadonlyMap<ParameterName, Float64Array> {
  const sums = new Map<ParameterName, Float64Array>();
  const terms = termsOf[model.cell];
  if (terms === undefined) return sums;
  const H = model.hiddenSize;
  const parameters = parameterViews(parameterLayout(model), flat);
  const states = statesOf(model);
  const at = (values: ArrayLike<number>, place: number) => Array.from({ length: H }, (_, j) => values[place * H + j]!);
  /** What stands at a place of `[…][B][H]`, by name. */
  const allAt = (named: Readonly<Record<string, ArrayLike<number>>>, place: number): Named =>
    Object.fromEntries(Object.entries(named).map(([name, values]) => [name, at(values, place)]));

  for (const [layer, { states: traced, gates }] of trace.layers.entries()) {
    const suffix = layerSuffix(layer);
    const weight = (W: string, j: number, k: number) => parameters[W + suffix]![j * H + k]!;
    const products = {
      times: (x: Vector, W: string) => x.map((_, k) => x.reduce((sum, x, j) => sum + x * weight(W, j, k), 0)),
      timesTransposed: (x: Vector, W: string) => x.map((_, j) => x.reduce((sum, x, k) => sum + x * weight(W, j, k), 0)),
      vector: (name: string) => Array.from(parameters[name + suffix]!),
    };
    for (let place = 0; place < rows * timesteps; place++) {
      const [t, row] = [Math.floor(place / rows), place % rows];
      if (t >= (lengths?.[row] ?? timesteps)) continue;
      const next = place + rows;
      const own = states.flatMap((state, s) => (state.layer === layer ? [[state.name, s] as const] : []));
      const G = Object.fromEntries(
        own.map(([name, s]) => [name, at(stateGradients, s * (timesteps + 1) * rows + next)]),
      );
      const timestep = { before: allAt(traced, place), after: allAt(traced, next), gates: allAt(gates, place), G };
      for (const [name, [x, a]] of Object.entries(terms({ ...timestep, ...products }))) {
        const sum = sums.get(name + suffix) ?? new Float64Array(H * H);
        for (let j = 0; j < H; j++) for (let k = 0; k < H; k++) sum[j * H + k]! += x[j]! * a[k]!;
        sums.set(name + suffix, sum);
      }
    }
  }
  return sums;
}
