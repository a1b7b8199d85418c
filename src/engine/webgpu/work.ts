import type { ModelConfiguration } from '../../model/configuration.ts';
import { parameterLayout, parametersOf } from '../../model/parameters.ts';
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
  readonly I: number;
  readonly H: number;
  readonly O: number;
  /** B·T */
  readonly N: number;
  /** B·H: one timestep's states. */
  readonly state: number;
  readonly gates: number;
  /** Parameters. */
  readonly P: number;
  /** Whether vectors go in, and no symbols. */
  readonly vectors: boolean;
  readonly constants: Readonly<Record<string, number>>;
}

type Count = (sizes: Sizes) => readonly [operations: number, elements: number];

/** Of four bytes, how many a recurrent weight takes. */
const weight = ({ HALF }: Sizes['constants']) => (HALF ? 0.5 : 1);

/** In: symbols and U, or the products of both; W, b, h₀. Out: h, and what is kept for the way back. */
const forward =
  (kept: number): Count =>
  ({ I, H, N, state, gates, vectors, constants }) => [
    2 * gates * N * H * H,
    N + gates * H * (vectors ? N : I) + gates * (weight(constants) * H * H + H) + state + (1 + kept) * N * H,
  ];

/** In: Wᵀ, what was kept, ∂h; out: da, ∂h. */
const backward =
  (kept: number): Count =>
  ({ H, N, state, gates, constants }) => [
    2 * gates * N * H * H,
    gates * weight(constants) * H * H + (1 + kept + gates + 2) * N * H + state,
  ];

/** One timestep of a stepwise strategy. In: W of so many gates, h or da; out: what they made of it. */
const timestep =
  (gatesOf: (constants: Sizes['constants']) => number): Count =>
  ({ H, state, constants }) => {
    const gates = gatesOf(constants);
    return [2 * gates * state * H, gates * weight(constants) * H * H + (3 + 2 * gates) * state];
  };

/** In: h, V, b_y, targets; out: ∂logits, losses. */
const output: Count = ({ H, O, N, vectors }) => [2 * N * H * O, N * H + H * O + O + N * (vectors ? O : 1) + N * O + N];

/** Operations and elements (of four bytes each) of every kernel of a training step. */
const table: Readonly<Record<Exclude<KernelName, 'generate'>, Count>> = {
  // q, z, r, c
  'gru-forward': forward(4),
  'gru-backward': backward(4),
  'rnn-forward': forward(0),
  'rnn-backward': backward(0),
  'gru-step-forward': timestep(({ CANDIDATE }) => (CANDIDATE ? 1 : 2)),
  'gru-step-backward': timestep(({ RESET }) => (RESET ? 1 : 2)),
  'rnn-step-forward': timestep(() => 1),
  'rnn-step-backward': timestep(() => 1),
  'output-softmax': output,
  'output-sigmoid': output,
  arrange: ({ constants: { MATRICES = 1, HEIGHT = 0, WIDTH = 0, HALF = 0 } }) => [
    0,
    (1 + weight({ HALF })) * MATRICES * HEIGHT * WIDTH,
  ],
  product: ({ N, gates, constants: { DEPTH = 0, WIDTH = 0, SKIPPED } }) => {
    const matrices = SKIPPED ? 1 : gates;
    return [2 * N * DEPTH * WIDTH * matrices, N * DEPTH + matrices * (DEPTH * WIDTH + N * WIDTH)];
  },
  // In: the states or inputs, and the gradients by what was made of them; out: the parts.
  'weight-gradient': ({ N, gates, constants }) => {
    const { HEIGHT = 0, WIDTH = 0, SPLITS = 1, SKIPPED, CANDIDATE, BIASED } = constants;
    const matrices = SKIPPED ? 1 : gates;
    const incoming = CANDIDATE === undefined ? 1 : 2;
    const weights = SPLITS * matrices * (HEIGHT * WIDTH + (BIASED === 0 ? 0 : WIDTH));
    return [2 * N * HEIGHT * WIDTH * matrices, incoming * N * HEIGHT + matrices * N * WIDTH + weights];
  },
  'gradient-sum': ({ constants: { SPLITS = 1, LENGTH = 0 } }) => [4 * SPLITS * LENGTH, 4 * (SPLITS + 1) * LENGTH],
  // In: places, da; out: the parts.
  'input-gradient': ({ I, H, N, gates, constants: { SPLITS = 1 } }) => [
    gates * N * H,
    N + I + 1 + gates * (N * H + SPLITS * I * H),
  ],
  'gradient-norm': ({ P }) => [2 * P, P],
  report: ({ N }) => [N, N],
  // In: ∂, m, v, θ; out: m, v, θ.
  adam: ({ P }) => [12 * P, 7 * P],
};

/** What each dispatch of a training step has to do for a network and a batch, by its kernel and its constants. */
export function workOf(
  dispatches: readonly Pick<Dispatch, 'kernel' | 'constants'>[],
  model: ModelConfiguration,
  { rows, timesteps }: Capacity,
): readonly Work[] {
  const { inputSize: I, hiddenSize: H, outputSize: O, cell } = model;
  const P = parameterLayout(model).length;
  const gates = parametersOf(cell, 'input').length;
  const sizes = { I, H, O, N: rows * timesteps, state: rows * H, gates, P, vectors: model.inputs === 'vectors' };
  return dispatches.map(({ kernel, constants }) => {
    if (kernel === 'generate') throw new RangeError('Generation is no part of a training step.');
    const [operations, elements] = table[kernel]({ ...sizes, constants });
    // A sequence, and a flat buffer that is too long to be bound, are shared out among dispatches.
    const sharing = shared.has(kernel) ? dispatches.filter((other) => other.kernel === kernel).length : 1;
    return { operations: operations / sharing, bytes: (4 * elements) / sharing };
  });
}

const shared: ReadonlySet<KernelName> = new Set<KernelName>([
  'gru-forward',
  'gru-backward',
  'rnn-forward',
  'rnn-backward',
  'gradient-norm',
  'adam',
]);
