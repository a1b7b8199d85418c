import { assertBatch } from '../engine/batch.ts';
import type { Batch } from '../engine/engine.ts';
import { asObject } from '../json-object.ts';
import { statesOf } from '../model/cells/cells.ts';
import { type ModelConfiguration, targetsOf, type Values } from '../model/configuration.ts';
import { quote } from '../quote.ts';
import { FileError } from './error.ts';
import { parseJson } from './json.ts';

/**
 * A batch from JSON: `tokens` `[T][B]` where the network reads symbols, `inputs` `[T][B][I]` where it reads vectors;
 * `targets` `[T][B]` or `[T][B][O]`, null where nothing counts; `lengths` `[B]` where rows end early; `initialState`
 * `[S][B][H]` where it is not zero, of a network with a single state also `[B][H]`.
 *
 * @throws RangeError if it is not a batch for this network
 */
export function parseBatch(json: string, model: ModelConfiguration): Batch {
  const fields = asObject(parseJson('The batch', json));
  if (fields === undefined) throw new FileError('The batch is not a JSON object.');
  const inputsName = model.inputs === 'symbols' ? 'tokens' : 'inputs';
  for (const name of fields.keys()) {
    if ([inputsName, 'targets', 'initialState', 'lengths'].includes(name)) continue;
    throw new FileError(`The batch of a network of ${model.inputs} has no ${quote(name)}.`);
  }
  const [written, initialState, lengths] = ['targets', 'initialState', 'lengths'].map((name) => fields.get(name));
  const [timesteps, rows] = [lengthOf(written), lengthOf(first(written))];
  if (timesteps === 0 || rows === 0) throw new FileError('The batch has no targets, [T][B]: it is empty.');
  const read = (name: string, value: unknown, values: Values, size: number) =>
    values === 'symbols'
      ? toIds(name, flatten(name, value, [timesteps, rows]), 'symbols', size - 1)
      : toReals(name, flatten(name, value, [timesteps, rows, size]));
  const inputs = read(inputsName, fields.get(inputsName), model.inputs, model.inputSize);

  const kind = targetsOf(model);
  const nothing = kind === 'symbols' ? 0 : new Array<number>(model.outputSize).fill(0);
  const present = (written as unknown[]).map((row) =>
    Array.isArray(row) ? row.map((target) => target ?? nothing) : row,
  );
  const targets = read('targets', present, kind, model.outputSize);
  const counts = Uint8Array.from((written as unknown[][]).flat(), (target) => Number(target !== null));

  const states = statesOf(model).length;
  const shape = [...(states === 1 && !Array.isArray(first(first(initialState))) ? [] : [states]), rows];
  const batch: Batch = {
    rows,
    timesteps,
    inputs,
    targets,
    initialState:
      initialState === undefined
        ? 'zero'
        : toReals('initialState', flatten('initialState', initialState, [...shape, model.hiddenSize])),
    ...(counts.includes(0) && { counts }),
    ...(lengths !== undefined && {
      lengths: toIds('lengths', flatten('lengths', lengths, [rows]), 'lengths', timesteps),
    }),
  };
  assertBatch(batch, model, batch);
  return batch;
}

const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

/** The first of a list, if it is one. */
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);

/** The numbers of nested lists. */
function flatten(name: string, value: unknown, shape: readonly number[]): number[] {
  const [length, ...rest] = shape;
  if (length === undefined) {
    if (typeof value === 'number') return [value];
  } else if (Array.isArray(value) && value.length === length) {
    return value.flatMap((each) => flatten(name, each, rest));
  }
  throw new FileError(
    `The batch’s ${name} are not lists of lists of numbers, all of the lengths that fit its network.`,
  );
}

/** Whole numbers from 0 to `most`. @param what they are */
function toIds(name: string, numbers: readonly number[], what: string, most: number): Uint32Array<ArrayBuffer> {
  const wrong = numbers.find((id) => !(Number.isInteger(id) && id >= 0 && id <= most));
  if (wrong !== undefined) throw new FileError(`The batch’s ${name} have ${wrong}: ${what} are from 0 to ${most}.`);
  return Uint32Array.from(numbers);
}

function toReals(name: string, numbers: readonly number[]): Float32Array<ArrayBuffer> {
  const reals = Float32Array.from(numbers);
  const wrong = reals.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new FileError(`The batch’s ${name} have ${numbers[wrong]}, which float32 cannot hold.`);
  return reals;
}
