import { statesOf } from '../model/cells/cells.ts';
import { type ModelConfiguration, predictsItsInput, targetsOf, type Values } from '../model/configuration.ts';
import { assertDropout } from './dropout.ts';
import { type Batch, type Capacity, CapacityError } from './engine.ts';

/** Whether the loss at timestep t of row b counts. */
export function isCounted({ rows, countFrom = 0, counts, lengths }: Batch, t: number, b: number): boolean {
  return t >= countFrom && (lengths === undefined || t < lengths[b]!) && counts?.[t * rows + b] !== 0;
}

/** How many places of a batch its loss is the mean of. */
export function countedPlaces(batch: Batch): number {
  const { rows, timesteps, countFrom = 0, counts, lengths } = batch;
  if (counts === undefined && lengths === undefined) return rows * (timesteps - countFrom);
  let places = 0;
  for (let t = countFrom; t < timesteps; t++) for (let b = 0; b < rows; b++) places += Number(isCounted(batch, t, b));
  return places;
}

/** Stands for the target of a place that does not count. */
export const absent = 0xffffffff;

/**
 * What is to be compared with what at each place, `[T][B]`: the symbol or class that should come out, 0 where that is a
 * vector, and `absent` where nothing counts. The batch's own targets, if they say all that.
 */
export function markedTargets(batch: Batch): Uint32Array<ArrayBuffer> {
  const { rows, timesteps, targets, countFrom = 0, counts, lengths } = batch;
  const symbols = targets instanceof Uint32Array ? targets : undefined;
  if (symbols && countFrom === 0 && counts === undefined && lengths === undefined) return symbols;
  const marked = new Uint32Array(rows * timesteps);
  for (let t = 0, place = 0; t < timesteps; t++) {
    for (let b = 0; b < rows; b++, place++) {
      marked[place] = isCounted(batch, t, b) ? (symbols?.[place] ?? 0) : absent;
    }
  }
  return marked;
}

/** The timesteps of a batch from `first` to before `end`, as views. Their losses may all be ones that do not count. */
export function timestepsOf(batch: Batch, model: ModelConfiguration, first: number, end: number): Batch {
  const { rows, inputs, targets, countFrom = 0, counts, lengths } = batch;
  const { input, target } = elementsOf(model);
  return {
    ...batch,
    timesteps: end - first,
    inputs: inputs.subarray(first * rows * input, end * rows * input),
    targets: targets.subarray(first * rows * target, end * rows * target),
    countFrom: Math.min(Math.max(0, countFrom - first), end - first),
    ...(counts && { counts: counts.subarray(first * rows, end * rows) }),
    ...(lengths && { lengths: lengths.map((length) => Math.min(Math.max(0, length - first), end - first)) }),
  };
}

/** The rows of a batch from `first` to before `end`, as copies. Their losses may all be ones that do not count. */
export function rowsOf(batch: Batch, model: ModelConfiguration, first: number, end: number): Batch {
  const { rows, inputs, targets, initialState, counts, lengths } = batch;
  const { input, target } = elementsOf(model);
  /** Of `[…][rows][width]` these rows. */
  const take = <Numbers extends Batch['inputs'] | Uint8Array<ArrayBuffer>>(all: Numbers, width: number): Numbers => {
    const size = (end - first) * width;
    const taken = all.slice(0, (all.length / rows / width) * size) as Numbers;
    for (let to = 0, from = first * width; to < taken.length; to += size, from += rows * width) {
      taken.set(all.subarray(from, from + size), to);
    }
    return taken;
  };
  return {
    ...batch,
    rows: end - first,
    inputs: take(inputs, input),
    targets: take(targets, target),
    initialState: typeof initialState === 'string' ? initialState : take(initialState, model.hiddenSize),
    ...(counts && { counts: take(counts, 1) }),
    ...(lengths && { lengths: lengths.slice(first, end) }),
  };
}

/** @throws RangeError or CapacityError saying what is wrong with the batch. */
export function assertBatch(batch: Batch, model: ModelConfiguration, capacity: Capacity): void {
  const { rows, timesteps, inputs, targets, initialState, countFrom = 0, counts, lengths } = batch;
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
    const ins = model.inputs === 'symbols' ? 'symbols' : 'numbers that go in';
    const outs = targetsOf(model) === 'symbols' ? 'targets' : 'target numbers';
    throw new RangeError(
      `${rows} rows × ${timesteps} timesteps take ${size * input} ${ins} and ${size * target} ${outs}; there are ${inputs.length} and ${targets.length}.`,
    );
  }
  assertValues(inputs, model.inputs, 'takes');
  assertValues(targets, targetsOf(model), 'is compared with');
  if (inputs instanceof Uint32Array) assertSymbols(inputs, model);
  if (counts !== undefined && counts.length !== size) {
    throw new RangeError(`There are ${size} places that may count, but counts says so of ${counts.length}.`);
  }
  if (lengths !== undefined) {
    const wrong = lengths.find((length) => length > timesteps);
    if (lengths.length !== rows) throw new RangeError(`There are ${rows} rows, but the lengths of ${lengths.length}.`);
    if (wrong !== undefined)
      throw new RangeError(`A row of ${wrong} timesteps is longer than the batch's ${timesteps}.`);
  }
  if (targets instanceof Uint32Array) assertTargets(targets, batch, model);
  const states = statesOf(model).length;
  if (typeof initialState !== 'string' && initialState.length !== states * rows * model.hiddenSize) {
    const of = states === 1 ? '' : `${states} states × `;
    throw new RangeError(
      `The initial state has ${initialState.length} elements, not ${of}${rows} rows × ${model.hiddenSize} hidden units.`,
    );
  }
  if (!(Number.isInteger(countFrom) && countFrom >= 0 && countFrom < timesteps)) {
    throw new RangeError(`The loss counts from one of the ${timesteps} timesteps on, not from ${countFrom}.`);
  }
  if (batch.dropout !== undefined) assertDropout(batch.dropout, model, capacity);
  if (countedPlaces(batch) === 0) throw new RangeError('Nothing in the batch counts: every target is absent.');
}

/** @throws RangeError saying what is wrong with the primes or the sampling. */
export function assertPrimes(primes: readonly Uint32Array[], model: ModelConfiguration, temperature: number): void {
  if (!predictsItsInput(model))
    throw new RangeError('Only a network that predicts the symbols it reads can write them.');
  if (!(temperature >= 0)) throw new RangeError(`The temperature is 0 or more, not ${temperature}.`);
  for (const prime of primes) {
    if (prime.length === 0) throw new RangeError('A prime needs at least one character.');
    assertSymbols(prime, model);
  }
}

function assertValues(values: Batch['inputs'], kind: Values, how: string): void {
  if (values instanceof Uint32Array === (kind === 'symbols')) return;
  throw new RangeError(`This network ${how} ${kind}; the batch holds something else.`);
}

function assertSymbols(ids: Uint32Array, { inputSize }: ModelConfiguration): void {
  const wrong = ids.find((id) => id >= inputSize);
  if (wrong !== undefined) {
    throw new RangeError(`Symbol ${wrong} is not in the vocabulary, which has ${inputSize} symbols.`);
  }
}

/** What stands where nothing counts does not matter. */
function assertTargets(targets: Uint32Array, batch: Batch, { outputSize }: ModelConfiguration): void {
  const { rows } = batch;
  const wrong = targets.find((id, i) => id >= outputSize && isCounted(batch, Math.floor(i / rows), i % rows));
  if (wrong !== undefined) throw new RangeError(`Target ${wrong} is not one of the ${outputSize} outputs.`);
}

/** How many elements of a batch's arrays each place takes. */
function elementsOf(model: ModelConfiguration) {
  return {
    input: model.inputs === 'symbols' ? 1 : model.inputSize,
    target: targetsOf(model) === 'symbols' ? 1 : model.outputSize,
  };
}
