import type { ModelConfiguration } from '../model/configuration.ts';
import { type Batch, type Capacity, CapacityError } from './engine.ts';

/** @throws RangeError or CapacityError saying what is wrong with the batch. */
export function assertBatch(batch: Batch, model: ModelConfiguration, capacity: Capacity): void {
  const { rows, timesteps, tokens, targets, initialState } = batch;
  const size = rows * timesteps;
  if (!(rows >= 1 && timesteps >= 1))
    throw new RangeError(`A batch of ${rows} rows × ${timesteps} timesteps is empty.`);
  if (rows > capacity.rows || timesteps > capacity.timesteps) {
    throw new CapacityError(
      `A batch of ${rows} rows × ${timesteps} timesteps does not fit a session opened for ${capacity.rows} × ${capacity.timesteps}.`,
    );
  }
  if (tokens.length !== size || targets.length !== size) {
    throw new RangeError(
      `${rows} rows × ${timesteps} timesteps are ${size} symbols; there are ${tokens.length} tokens and ${targets.length} targets.`,
    );
  }
  for (const ids of [tokens, targets]) {
    const wrong = ids.find((id) => id >= model.vocabularySize);
    if (wrong !== undefined) {
      throw new RangeError(`Symbol ${wrong} is not in the vocabulary, which has ${model.vocabularySize} symbols.`);
    }
  }
  if (typeof initialState !== 'string' && initialState.length !== rows * model.hiddenSize) {
    throw new RangeError(
      `The initial state has ${initialState.length} elements, not ${rows} rows × ${model.hiddenSize} hidden units.`,
    );
  }
}

/** @throws RangeError saying what is wrong with the primes or the sampling. */
export function assertPrimes(primes: readonly Uint32Array[], model: ModelConfiguration, temperature: number): void {
  if (!(temperature >= 0)) throw new RangeError(`The temperature is 0 or more, not ${temperature}.`);
  for (const prime of primes) {
    if (prime.length === 0) throw new RangeError('A prime needs at least one character.');
    const wrong = prime.find((id) => id >= model.vocabularySize);
    if (wrong !== undefined) {
      throw new RangeError(`Symbol ${wrong} is not in the vocabulary, which has ${model.vocabularySize} symbols.`);
    }
  }
}
