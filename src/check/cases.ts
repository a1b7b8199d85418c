import type { Batch, TrainingState } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import { type ModelConfiguration, symbolModel } from '../model/configuration.ts';
import { Random } from '../model/random.ts';

/** V, H, B, T */
export type Shape = readonly [symbols: number, hidden: number, rows: number, timesteps: number];

const vectorModel = (V: number, hiddenSize: number, rest: Pick<ModelConfiguration, 'cell' | 'cost'>) =>
  ({ ...rest, inputs: 'vectors', inputSize: V, hiddenSize, outputSize: 1 + (V >> 1), output: 'sigmoid' }) as const;

/** Every kind of network there is, with V symbols, or V inputs and about half as many outputs. */
export const kinds = {
  'GRU, symbols': (V, H) => symbolModel('gru', V, H),
  'GRU, symbols, sigmoid': (V, H) => symbolModel('gru', V, H, 'sigmoid'),
  'GRU, vectors': (V, H) => vectorModel(V, H, { cell: 'gru', cost: 'cross-entropy' }),
  'RNN, symbols': (V, H) => symbolModel('rnn', V, H),
  'RNN, symbols, sigmoid, squared error': (V, H) => ({ ...symbolModel('rnn', V, H, 'sigmoid'), cost: 'squared-error' }),
  'RNN, vectors': (V, H) => vectorModel(V, H, { cell: 'rnn', cost: 'cross-entropy' }),
  'RNN, vectors, squared error': (V, H) => vectorModel(V, H, { cell: 'rnn', cost: 'squared-error' }),
} satisfies Record<string, (V: number, H: number) => ModelConfiguration>;

export type Kind = keyof typeof kinds;

/** A network, a batch and a start state of the given shape, all drawn from a seed. */
export function randomCase([V, H, rows, timesteps]: Shape, seed: number, kind: Kind = 'GRU, symbols') {
  const model: ModelConfiguration = kinds[kind](V, H);
  const random = new Random(seed);
  const draw = (size: number, from: number) =>
    model.inputs === 'symbols'
      ? Uint32Array.from({ length: rows * timesteps }, () => random.integer(size))
      : Float32Array.from({ length: rows * timesteps * size }, () => from + (1 - from) * random.uniform());
  // Vectors that go in may be negative; what should come out lies between 0 and 1.
  const inputs = draw(model.inputSize, -1);
  const targets = draw(model.outputSize, 0);
  const initial = Float32Array.from({ length: rows * H }, () => 2 * random.uniform() - 1);
  const batch: Batch = { rows, timesteps, inputs, targets, initialState: initial };
  const state: TrainingState = initialState(model, batch, seed);
  return { model, batch, state };
}
