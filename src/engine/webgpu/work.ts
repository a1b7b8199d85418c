import type { ModelConfiguration } from '../../model/configuration.ts';
import { parameterLayout } from '../../model/parameters.ts';
import type { Capacity } from '../engine.ts';
import type { KernelName } from './kernels.ts';
import type { Dispatch } from './plan.ts';

/** What a dispatch has to do, whoever does it. */
export interface Work {
  /** Floating-point operations: two for a multiply-add; what is done once for each element of a result counts as one. */
  readonly operations: number;
  /** Bytes that go in or come out: each number once, however often a kernel reads it. */
  readonly bytes: number;
}

interface Sizes {
  readonly V: number;
  readonly H: number;
  /** B·T */
  readonly N: number;
  /** B·H: one timestep's states. */
  readonly state: number;
  /** Parameters. */
  readonly P: number;
  readonly constants: Readonly<Record<string, number>>;
}

/** Operations and elements (of four bytes each) of every kernel of a training step. */
const table: Readonly<Record<Exclude<KernelName, 'generate'>, (sizes: Sizes) => readonly [number, number]>> = {
  // In: symbols, U, W, b, h₀; out: h, q, z, r, c.
  forward: ({ V, H, N, state }) => [6 * N * H * H, N + 3 * (V * H + H * H + H) + state + 5 * N * H],
  // In: h, V, b_y, targets; out: ∂logits, losses.
  output: ({ V, H, N }) => [2 * N * H * V, N * H + H * V + V + N + N * V + N],
  transpose: ({ constants }) => [0, 2 * constants['MATRICES']! * constants['HEIGHT']! * constants['WIDTH']!],
  // In: ∂logits, Vᵀ; out: ∂h.
  'output-backward': ({ V, H, N }) => [2 * N * H * V, N * V + V * H + N * H],
  // In: Wᵀ, h, q, z, r, c, ∂h; out: da, ∂h.
  backward: ({ H, N, state }) => [6 * N * H * H, 3 * H * H + 2 * N * H + 6 * N * H + 2 * N * H + state],
  // In: the states and the gradients by what was made of them; out: the parts.
  'weight-gradient': ({ H, N, constants }) => {
    const [matrices, width] = [constants['MATRICES']!, constants['WIDTH']!];
    const incoming = matrices === 1 ? 1 : 2;
    const weights = constants['SPLITS']! * matrices * (H * width + width);
    return [2 * N * H * width * matrices, incoming * N * H + matrices * N * width + weights];
  },
  'weight-gradient-sum': ({ constants }) => {
    const weights = 4 * constants['LENGTH']!;
    return [constants['SPLITS']! * weights, (constants['SPLITS']! + 1) * weights];
  },
  // In: places, da; out: ∂U.
  'input-gradient': ({ V, H, N }) => [3 * N * H, N + V + 1 + 3 * N * H + 3 * V * H],
  'gradient-norm': ({ P }) => [2 * P, P],
  report: ({ N }) => [N, N],
  // In: ∂, m, v, θ; out: m, v, θ.
  adam: ({ P }) => [12 * P, 7 * P],
};

/** What a dispatch of a training step has to do for a network and a batch, by its kernel and its constants. */
export function workOf(
  { kernel, constants }: Pick<Dispatch, 'kernel' | 'constants'>,
  model: ModelConfiguration,
  { rows, timesteps }: Capacity,
): Work {
  if (kernel === 'generate') throw new RangeError('Generation is no part of a training step.');
  const { outputSize: V, hiddenSize: H } = model;
  const sizes = { V, H, N: rows * timesteps, state: rows * H, P: parameterLayout(model).length };
  const [operations, elements] = table[kernel]({ ...sizes, constants: { MATRICES: 1, ...constants } });
  return { operations, bytes: 4 * elements };
}
