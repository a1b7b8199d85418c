import type { Batch } from '../engine/engine.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { FileError } from './error.ts';
import { asObject, parseJson, quote } from './json.ts';

/**
 * A batch from JSON: `tokens` and `targets` as `[T][B]` ids where the network reads symbols, `inputs` `[T][B][I]` and
 * `targets` `[T][B][O]` where it reads vectors; `initialState` `[B][H]` where it is not zero.
 *
 * @throws FileError if it is not a batch for this network
 */
export function parseBatch(json: string, model: ModelConfiguration): Batch {
  const fields = asObject(parseJson('The batch', json));
  if (fields === undefined) throw new FileError('The batch is not a JSON object.');
  const symbols = model.inputs === 'symbols';
  const inputsName = symbols ? 'tokens' : 'inputs';
  for (const name of fields.keys()) {
    if ([inputsName, 'targets', 'initialState'].includes(name)) continue;
    throw new FileError(`The batch of a network of ${model.inputs} has no ${quote(name)}.`);
  }
  const targets = fields.get('targets');
  const [timesteps, rows] = [lengthOf(targets), lengthOf(Array.isArray(targets) ? targets[0] : undefined)];
  if (timesteps === 0 || rows === 0) throw new FileError('The batch has no targets, [T][B]: it is empty.');
  const read = (name: string, width: number) => {
    const shape = symbols ? [timesteps, rows] : [timesteps, rows, width];
    const numbers = flatten(name, fields.get(name), shape);
    return symbols ? toSymbols(name, numbers, model.inputSize) : toReals(name, numbers);
  };
  const initialState = fields.get('initialState');
  return {
    rows,
    timesteps,
    inputs: read(inputsName, model.inputSize),
    targets: read('targets', model.outputSize),
    initialState:
      initialState === undefined
        ? 'zero'
        : toReals('initialState', flatten('initialState', initialState, [rows, model.hiddenSize])),
  };
}

const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

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

function toSymbols(name: string, numbers: readonly number[], count: number): Uint32Array<ArrayBuffer> {
  const wrong = numbers.find((id) => !(Number.isInteger(id) && id >= 0 && id < count));
  if (wrong !== undefined)
    throw new FileError(`The batch’s ${name} have ${wrong}: symbols are from 0 to ${count - 1}.`);
  return Uint32Array.from(numbers);
}

function toReals(name: string, numbers: readonly number[]): Float32Array<ArrayBuffer> {
  const reals = Float32Array.from(numbers);
  const wrong = reals.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new FileError(`The batch’s ${name} have ${numbers[wrong]}, which float32 cannot hold.`);
  return reals;
}
