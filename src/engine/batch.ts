import type { ModelConfiguration } from '../model/configuration.ts';
import { type Batch, type Capacity, CapacityError } from './engine.ts';

/** How many places of a batch its loss is the mean of. */
export const countedPlaces = ({ rows, timesteps, countFrom = 0 }: Batch): number => rows * (timesteps - countFrom);

/** The timesteps of a batch from `first` to before `end`, as views. Their losses may all be ones that do not count. */
export function timestepsOf(batch: Batch, model: ModelConfiguration, first: number, end: number): Batch {
  const { rows, inputs, targets, countFrom = 0 } = batch;
  const { input, target } = elementsOf(model);
  return {
    ...batch,
    timesteps: end - first,
    inputs: inputs.subarray(first * rows * input, end * rows * input),
    targets: targets.subarray(first * rows * target, end * rows * target),
    countFrom: Math.min(Math.max(0, countFrom - first), end - first),
  };
}

/** @throws RangeError or CapacityError saying what is wrong with the batch. */
export function assertBatch(batch: Batch, model: ModelConfiguration, capacity: Capacity): void {
  const { rows, timesteps, inputs, targets, initialState, countFrom = 0 } = batch;
  const size = rows * timesteps;
  if (!(rows >= 1 && timesteps >= 1))
    throw new RangeError(`A batch of ${rows} rows × ${timesteps} timesteps is empty.`);
  if (rows > capacity.rows || timesteps > capacity.timesteps) {
    throw new CapacityError(
      `A batch of ${rows} rows × ${timesteps} timesteps does not fit a session opened for ${capacity.rows} × ${capacity.timesteps}.`,
    );
  }
  const { input, target } = elementsOf(model);
  if (inputs.length !== size * input || targets.length !== size * target) {
    const [ins, outs] = model.inputs === 'symbols' ? ['symbols', 'targets'] : ['numbers that go in', 'target numbers'];
    throw new RangeError(
      `${rows} rows × ${timesteps} timesteps take ${size * input} ${ins} and ${size * target} ${outs}; there are ${inputs.length} and ${targets.length}.`,
    );
  }
  for (const values of [inputs, targets]) {
    if (values instanceof Uint32Array !== (model.inputs === 'symbols')) {
      throw new RangeError(`This network takes ${model.inputs}; the batch holds something else.`);
    }
    if (values instanceof Uint32Array) assertSymbols(values, model);
  }
  if (typeof initialState !== 'string' && initialState.length !== rows * model.hiddenSize) {
    throw new RangeError(
      `The initial state has ${initialState.length} elements, not ${rows} rows × ${model.hiddenSize} hidden units.`,
    );
  }
  if (!(Number.isInteger(countFrom) && countFrom >= 0 && countFrom < timesteps)) {
    throw new RangeError(`The loss counts from one of the ${timesteps} timesteps on, not from ${countFrom}.`);
  }
}

/** @throws RangeError saying what is wrong with the primes or the sampling. */
export function assertPrimes(primes: readonly Uint32Array[], model: ModelConfiguration, temperature: number): void {
  if (model.inputs !== 'symbols') throw new RangeError('Only a network that reads symbols can write them.');
  if (!(temperature >= 0)) throw new RangeError(`The temperature is 0 or more, not ${temperature}.`);
  for (const prime of primes) {
    if (prime.length === 0) throw new RangeError('A prime needs at least one character.');
    assertSymbols(prime, model);
  }
}

function assertSymbols(ids: Uint32Array, { inputSize }: ModelConfiguration): void {
  const wrong = ids.find((id) => id >= inputSize);
  if (wrong !== undefined) {
    throw new RangeError(`Symbol ${wrong} is not in the vocabulary, which has ${inputSize} symbols.`);
  }
}

/** How many elements of a batch's arrays each place takes. */
function elementsOf({ inputs, inputSize, outputSize }: ModelConfiguration) {
  return inputs === 'symbols' ? { input: 1, target: 1 } : { input: inputSize, target: outputSize };
}
