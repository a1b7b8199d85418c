import type { Batch, TrainingState } from '../../src/engine/engine.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { Random } from '../../src/model/random.ts';

/** V, H, B, T */
export type Shape = readonly [symbols: number, hidden: number, rows: number, timesteps: number];

/** A network, a batch and a start state of the given shape, all drawn from a seed. */
export function randomCase([vocabularySize, hiddenSize, rows, timesteps]: Shape, seed: number) {
  const random = new Random(seed);
  const model: ModelConfiguration = { cell: 'gru', vocabularySize, hiddenSize };
  const ids = () => Uint32Array.from({ length: rows * timesteps }, () => random.integer(vocabularySize));
  const h = Float32Array.from({ length: rows * hiddenSize }, () => 2 * random.uniform() - 1);
  const batch: Batch = { rows, timesteps, tokens: ids(), targets: ids(), initialState: h };
  const state: TrainingState = initialState(model, batch, seed);
  return { model, batch, state };
}
