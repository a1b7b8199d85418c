import { enableProdMode, io, tensor } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import type { ModelFile } from '../../src/files/model-file.ts';
import type { NamedFile } from '../../src/interop/network.ts';
import type { Cell } from '../../src/model/cells/cells.ts';
import { type ModelConfiguration, targetsOf } from '../../src/model/configuration.ts';
import { initialParameters } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';

// Without it TensorFlow.js advertises another backend.
enableProdMode();

/** How long the sequences are that networks are compared on, and how many. */
export const [rows, timesteps] = [3, 7] as const;

/** What goes into a network in the tests, row by row: `[B][T]` symbols or `[B][T][I]`. */
export function inputsOf({ inputs, inputSize }: Pick<ModelConfiguration, 'inputs' | 'inputSize'>): number[] {
  const random = new Random(11);
  return inputs === 'symbols'
    ? Array.from({ length: rows * timesteps }, () => Math.floor(random.uniform() * inputSize))
    : Array.from({ length: rows * timesteps * inputSize }, () => Math.fround(4 * random.uniform() - 2));
}

/** What the reference makes of `inputsOf(model)`, row by row: `[B][T][O]`. */
export async function referenceOutputs({ model, parameters }: ModelFile): Promise<Float64Array> {
  const { inputs, inputSize, outputSize: O } = model;
  const I = inputs === 'symbols' ? 1 : inputSize;
  const timewise = exchanged(inputsOf(model), rows, I);
  const targets =
    targetsOf(model) === 'symbols' ? new Uint32Array(rows * timesteps) : new Float32Array(rows * timesteps * O);
  const session = await new ReferenceEngine().open(model, { rows, timesteps });
  session.write({ ...initialState(model, { rows, timesteps }, 0), parameters });
  const { outputs } = await session.trace({
    rows,
    timesteps,
    inputs: inputs === 'symbols' ? Uint32Array.from(timewise) : Float32Array.from(timewise),
    targets,
    initialState: 'zero',
  });
  return exchanged(outputs, timesteps, O);
}

/** Blocks of `size` numbers in `count` lines, with lines and columns exchanged. */
function exchanged(values: ArrayLike<number>, count: number, size: number): Float64Array {
  const columns = values.length / (count * size);
  return Float64Array.from({ length: values.length }, (_, i) => {
    const [block, within] = [Math.floor(i / size), i % size];
    return values[((block % count) * columns + Math.floor(block / count)) * size + within]!;
  });
}

/** What TensorFlow.js makes of `inputsOf(model)`, row by row: `[B][T][O]`. */
export function predict(
  network: LayersModel,
  model: Pick<ModelConfiguration, 'inputs' | 'inputSize'>,
): ArrayLike<number> {
  const shape = model.inputs === 'symbols' ? [rows, timesteps] : [rows, timesteps, model.inputSize];
  const outputs = network.predict(tensor(inputsOf(model), shape, model.inputs === 'symbols' ? 'int32' : 'float32'));
  if (Array.isArray(outputs)) throw new Error('The network has more than one output.');
  return outputs.dataSync();
}

/** The largest difference of two lists of numbers. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`There are ${actual.length} numbers, not ${expected.length}.`);
  return Array.from(actual).reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
}

/** Loads a layers model into TensorFlow.js from the bytes of its files. */
export function loadIntoTensorFlow(files: readonly NamedFile[]): Promise<LayersModel> {
  const bytesOf = (name: string) => files.find((file) => file.name === name)!.bytes;
  const json = JSON.parse(new TextDecoder().decode(bytesOf('model.json'))) as io.ModelJSON;
  const load = (manifest: io.WeightsManifestConfig): Promise<[io.WeightsManifestEntry[], io.WeightData]> => {
    const shards = manifest.flatMap(({ paths }) => paths.map((path) => bytesOf(path).slice().buffer));
    return Promise.resolve([manifest.flatMap(({ weights }) => weights), shards]);
  };
  return loadLayersModel({ load: () => io.getModelArtifactsForJSON(json, load) });
}

/** The files that TensorFlow.js makes of a model: as a download has them. */
export async function saveFromTensorFlow(model: LayersModel, config: io.SaveConfig = {}): Promise<NamedFile[]> {
  let files: NamedFile[] = [];
  const handler = io.withSaveHandler(async (artifacts) => {
    const { weightSpecs, weightData, ...words } = artifacts;
    const weightsManifest = [{ paths: ['./model.weights.bin'], weights: weightSpecs }];
    const json = JSON.stringify({ ...words, weightsManifest });
    files = [
      { name: 'model.json', bytes: new TextEncoder().encode(json) },
      { name: 'model.weights.bin', bytes: new Uint8Array(io.CompositeArrayBuffer.join(weightData)) },
    ];
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler, config);
  return files;
}

/** A network of five symbols, or of vectors of three numbers, with characters that a careless writer gets wrong. */
export function sluiceModel(cell: Cell, layers: number, kind: Partial<ModelConfiguration> = {}): ModelFile {
  const symbols = kind.inputs !== 'vectors';
  const model: ModelConfiguration = {
    cell,
    layers,
    inputs: 'symbols',
    inputSize: symbols ? 5 : 3,
    hiddenSize: 4,
    outputSize: symbols ? 5 : 2,
    output: 'log-softmax',
    cost: 'cross-entropy',
    ...kind,
  };
  const parameters = initialParameters(model, 3).map((value) => 2 * value) as Float32Array<ArrayBuffer>;
  // What a sum or a product with zeros would lose.
  for (let i = 0; i < parameters.length; i += 7) parameters[i] = -0;
  return {
    model,
    parameters,
    ...(symbols && { vocabulary: new Vocabulary(['\n', '"', '😀', 'a', '\\'].slice(0, model.inputSize)) }),
  };
}

/** The 32 bits of each number, which tell −0 from 0. */
export const bitsOf = (numbers: Float32Array<ArrayBuffer>) =>
  new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
