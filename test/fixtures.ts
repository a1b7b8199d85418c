import { readdirSync, readFileSync } from 'node:fs';
import type { Batch, Dropout, TrainingState } from '../src/engine/engine.ts';
import { initialState } from '../src/engine/initial-state.ts';
import type { Cell } from '../src/model/cells/cells.ts';
import {
  type Cost,
  type ModelConfiguration,
  type Output,
  symbolModel,
  type Values,
} from '../src/model/configuration.ts';
import { type ParameterName, parameterLayout } from '../src/model/parameters.ts';

/** PyTorch's gradients: see `test/fixtures/README.md`. */

/** The networks that PyTorch's gradients are known of. */
export const gradientFixtures = [
  'gru-5x1x1x1',
  'gru-11x7x3x5',
  'gru-40x48x6x20-h0',
  'gru-76x64x8x32',
  'rnn-3x5x2x2x6-h0',
  'rnn-7x10x7x4x12',
] as const;

/** Networks of every cell, of one and more layers, and of every output: see `test/networks/README.md`. */
export const networkFixtures = fixturesIn('networks');

/** Some of them with dropout. */
export const dropoutFixtures = fixturesIn('networks/dropout');

/** The fixtures of a folder beside `fixtures`. */
function fixturesIn(folder: string): string[] {
  return readdirSync(new URL(`./${folder}`, import.meta.url))
    .filter((file) => file.endsWith('.model.safetensors'))
    .map((file) => `../${folder}/${file.replace('.model.safetensors', '')}`);
}

interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
}

const path = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);

/** The tensors of a fixture's file. */
export const readTensors = (name: string) => parseTensors(readFileSync(path(`${name}.safetensors`)));

/** Reads a safetensors file, after the format's description alone: 8 bytes of header length, a JSON header, the tensors. */
export function parseTensors(file: Buffer): Record<string, Tensor> {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { dtype: 'F32' | 'F64'; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = Object.entries(header).filter(([key]) => key !== '__metadata__');
  return Object.fromEntries(
    tensors.map(
      ([
        key,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const bytes = Uint8Array.from(file.subarray(start + from, start + to)).buffer;
        return [key, { shape, data: dtype === 'F32' ? new Float32Array(bytes) : new Float64Array(bytes) }];
      },
    ),
  );
}

export const readJson = (name: string): unknown => JSON.parse(readFileSync(path(`${name}.json`), 'utf8'));

/** A fixture's network, as an engine's session takes it. */
export function readModel(name: string, rows: number): { model: ModelConfiguration; state: TrainingState } {
  const tensors = readTensors(`${name}.model`);
  const [hiddenSize, outputSize] = tensors['V']!.shape as [number, number];
  const inputSize = Object.entries(tensors).find(([name]) => /^U/.test(name))![1].shape[0]!;
  const sizes = { inputSize, hiddenSize, outputSize };
  const said = readMetadata(`${name}.model`);
  const model: ModelConfiguration =
    said['format_version'] === '2'
      ? {
          cell: said['cell'] as Cell,
          layers: Number(said['layers']),
          inputs: said['inputs'] as Values,
          output: said['output'] as Output,
          cost: said['cost'] as Cost,
          ...sizes,
        }
      : 'U' in tensors
        ? { cell: 'rnn', layers: 1, inputs: 'vectors', ...sizes, output: 'sigmoid', cost: 'cross-entropy' }
        : symbolModel('gru', inputSize, hiddenSize);
  const state = initialState(model, { rows, timesteps: 1 }, 0);
  for (const { name, offset } of parameterLayout(model).places) state.parameters.set(tensors[name]!.data, offset);
  return { model, state };
}

/** The metadata of a fixture's file. */
function readMetadata(name: string): Record<string, string> {
  const file = readFileSync(path(`${name}.safetensors`));
  const header = JSON.parse(file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0))));
  return header.__metadata__ ?? {};
}

/**
 * Symbols as `tokens` `[T][B]`; vectors as `inputs` `[T][B][I]`; targets `[T][B]` or `[T][B][O]`, null where nothing counts.
 */
export interface WrittenBatch {
  readonly tokens?: number[][];
  readonly inputs?: number[][][];
  readonly targets: (number | number[] | null)[][];
  readonly initialState?: number[][] | number[][][];
  readonly lengths?: number[];
  readonly dropout?: Dropout;
}

export function toBatch({ tokens, inputs, targets, initialState, lengths, dropout }: WrittenBatch): Batch {
  const places = targets.flat();
  const one = places.find((target) => target !== null)!;
  const vectors = Array.isArray(one);
  const flat = places.flatMap((target) => target ?? (vectors ? one.map(() => 0) : 0));
  return {
    rows: targets[0]!.length,
    timesteps: targets.length,
    initialState: initialState === undefined ? 'zero' : Float32Array.from(initialState.flat(2)),
    inputs: tokens ? Uint32Array.from(tokens.flat()) : Float32Array.from(inputs!.flat(2)),
    targets: vectors ? Float32Array.from(flat) : Uint32Array.from(flat),
    ...(places.includes(null) && { counts: Uint8Array.from(places, (target) => Number(target !== null)) }),
    ...(lengths && { lengths: Uint32Array.from(lengths) }),
    ...(dropout && { dropout }),
  };
}

/** ‖actual − expected‖ / ‖expected‖; where nothing is expected, ‖actual‖. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}

/** The relative error of each parameter of a flat buffer. */
export function relativeErrors(
  model: ModelConfiguration,
  actual: Float32Array | Float64Array,
  expected: (name: ParameterName, offset: number, length: number) => ArrayLike<number>,
): Record<string, number> {
  const errors = parameterLayout(model).places.map(({ name, offset, length }) => [
    name,
    relativeError(actual.subarray(offset, offset + length), expected(name, offset, length)),
  ]);
  return Object.fromEntries(errors) as Record<string, number>;
}
