import type { EngineName, TrainingState } from '../engine/engine.ts';
import { engineNames } from '../engine/engine.ts';
import {
  assertModelConfiguration,
  cells,
  costs,
  type ModelConfiguration,
  outputs,
  symbolModel,
} from '../model/configuration.ts';
import { type ParameterLayout, parameterLayout, parameterNames, parametersOf } from '../model/parameters.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { type Configuration, parseSetting, settingNames, settings } from '../training/configuration.ts';
import { FileError } from './error.ts';
import { asObject, type JsonObject, parseJson, parseJsonObject, quote } from './json.ts';
import { decodeTensors, encodeTensors, type Tensor } from './safetensors.ts';

/** A network as a file holds it, and if it is a checkpoint, all that its training needs to go on. */
export interface ModelFile {
  readonly model: ModelConfiguration;
  /** The symbols, if the network reads symbols. */
  readonly vocabulary?: Vocabulary;
  /** Laid out by `parameterLayout(model)`. */
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly training?: Training;
}

/** What is in a checkpoint besides the network. Batches follow from the configuration, the text and the step. */
export interface Training extends Omit<TrainingState, 'parameters'> {
  readonly configuration: Readonly<Configuration>;
  /** The text, by the name it had, and its fingerprint. */
  readonly corpus: { readonly name: string; readonly sha256: string };
  /** What computed, and how it cut up the work: only there and so will the numbers be the same to the last bit. */
  readonly engine: { readonly name: EngineName; readonly device: string; readonly tuning?: string };
}

const format = 'sluice';
const formatVersion = '1';
const carriedName = 'carried_state';
/** What stands before a parameter's name for Adam's moments. */
const moments = { m: 'adam.m.', v: 'adam.v.' } as const;

/** A file's bytes: safetensors, with the tensors under the names of the equations. */
export function encodeModelFile({ model, vocabulary, parameters, training }: ModelFile): Uint8Array<ArrayBuffer> {
  const layout = parameterLayout(model);
  const tensors = new Map(tensorsOf(layout, '', parameters));
  const metadata = new Map([
    ['format', format],
    ['format_version', formatVersion],
    ['cell', model.cell],
    ['output', model.output],
  ]);
  if (model.cost !== 'cross-entropy') metadata.set('cost', model.cost);
  if (vocabulary !== undefined) metadata.set('vocabulary', JSON.stringify(vocabulary.symbols));
  if (training !== undefined) {
    const { m, v, carriedState, ...words } = training;
    for (const [name, tensor] of tensorsOf(layout, moments.m, m)) tensors.set(name, tensor);
    for (const [name, tensor] of tensorsOf(layout, moments.v, v)) tensors.set(name, tensor);
    const rows = carriedState.length / model.hiddenSize;
    tensors.set(carriedName, { shape: [rows, model.hiddenSize], data: carriedState });
    const { step, corpus, engine, configuration } = words;
    metadata.set('training', JSON.stringify({ step, corpus, engine, configuration }));
  }
  return encodeTensors({ metadata, tensors });
}

function tensorsOf({ places }: ParameterLayout, prefix: string, flat: Float32Array<ArrayBuffer>): [string, Tensor][] {
  return places.map(({ name, shape, offset, length }) => [
    prefix + name,
    { shape, data: flat.subarray(offset, offset + length) },
  ]);
}

/**
 * What a file's bytes hold.
 *
 * @throws FileError if it is not a whole and sound model of Sluice
 */
export function decodeModelFile(file: Uint8Array): ModelFile {
  const { metadata, tensors } = decodeTensors(file);
  if (metadata.get('format') !== format)
    throw new FileError('This is not a model of Sluice: its metadata do not say so.');
  const version = metadata.get('format_version');
  if (version !== formatVersion) {
    throw new FileError(
      `This model has format_version ${quote(version ?? '')}; this Sluice reads ${formatVersion}: get a newer one.`,
    );
  }
  const vocabulary = readVocabulary(metadata.get('vocabulary'));
  const model = readModel(metadata, tensors, vocabulary);
  const layout = parameterLayout(model);
  const words = metadata.get('training');
  assertNames(layout, tensors, words !== undefined);
  const parameters = readFlat(layout, '', tensors);
  const read = { model, ...(vocabulary && { vocabulary }), parameters };
  return words === undefined ? read : { ...read, training: readTraining(words, layout, tensors, vocabulary) };
}

function readModel(
  metadata: ReadonlyMap<string, string>,
  tensors: ReadonlyMap<string, Tensor>,
  vocabulary: Vocabulary | undefined,
): ModelConfiguration {
  const cell = oneOf('cell', cells, metadata.get('cell'));
  const output = oneOf('output', outputs, metadata.get('output'));
  const cost = oneOf('cost', costs, metadata.get('cost') ?? 'cross-entropy');
  const inputName = parametersOf(cell, 'input')[0]!;
  const outputName = parametersOf(cell, 'output')[0]!;
  const [inputSize, hiddenSize] = matrixShape(inputName, tensors);
  const [, outputSize] = matrixShape(outputName, tensors);
  if (vocabulary !== undefined && vocabulary.size !== inputSize) {
    throw new FileError(
      `The vocabulary has ${vocabulary.size} symbols, but ${inputName} ${inputSize} rows: the file is damaged.`,
    );
  }
  const inputs = vocabulary === undefined ? 'vectors' : 'symbols';
  if (inputs === 'vectors' && output === 'log-softmax') {
    throw new FileError('The file has no vocabulary, which a network with a log-softmax needs: save it with one.');
  }
  const model = { cell, inputs, inputSize, hiddenSize, outputSize, output, cost } as const;
  try {
    assertModelConfiguration(model);
  } catch (error) {
    throw new FileError(`The file holds no network: ${(error as Error).message}`);
  }
  return model;
}

function oneOf<Choice extends string>(what: string, choices: readonly Choice[], written: string | undefined): Choice {
  const choice = choices.find((each) => each === written);
  if (choice !== undefined) return choice;
  throw new FileError(`The file’s ${what} is ${quote(written ?? '')}, not one of ${choices.join(', ')}.`);
}

function matrixShape(name: string, tensors: ReadonlyMap<string, Tensor>): readonly [number, number] {
  const shape = demand(name, tensors).shape;
  if (shape.length !== 2) throw new FileError(`The tensor ${name} is no matrix: the file is damaged.`);
  return shape as [number, number];
}

function demand(name: string, tensors: ReadonlyMap<string, Tensor>): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new FileError(`The file has no tensor ${name}: it is damaged, or of another format.`);
  return tensor;
}

/** @throws FileError if there are other tensors than a network, or a checkpoint of one, has */
function assertNames({ model }: ParameterLayout, tensors: ReadonlyMap<string, Tensor>, checkpoint: boolean): void {
  const names = parameterNames(model.cell);
  const prefixes = checkpoint ? ['', moments.m, moments.v] : [''];
  const known = new Set(prefixes.flatMap((prefix) => names.map((name) => prefix + name)));
  if (checkpoint) known.add(carriedName);
  for (const name of tensors.keys()) {
    if (known.has(name)) continue;
    throw new FileError(`The file has a tensor ${quote(name)}, which is not one of this network’s: it is damaged.`);
  }
}

/** All parameters, or all of one of Adam's moments, as one flat buffer. */
function readFlat(
  layout: ParameterLayout,
  prefix: string,
  tensors: ReadonlyMap<string, Tensor>,
): Float32Array<ArrayBuffer> {
  const parts = layout.places.map(({ name, shape }) => readNumbers(prefix + name, shape, tensors));
  const flat = new Float32Array(layout.length);
  for (const [i, { offset }] of layout.places.entries()) flat.set(parts[i]!, offset);
  return flat;
}

function readNumbers(
  name: string,
  shape: readonly number[],
  tensors: ReadonlyMap<string, Tensor>,
): Float32Array<ArrayBuffer> {
  const tensor = demand(name, tensors);
  if (!(tensor.data instanceof Float32Array)) throw new FileError(`The tensor ${name} is F64: save it as F32.`);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw new FileError(
      `The tensor ${name} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}]: the file is damaged.`,
    );
  }
  const wrong = tensor.data.find((value) => !Number.isFinite(value));
  if (wrong !== undefined)
    throw new FileError(`The tensor ${name} holds ${wrong}: only finite numbers make a network.`);
  return tensor.data;
}

function readVocabulary(written: string | undefined): Vocabulary | undefined {
  if (written === undefined) return undefined;
  const symbols = parseJson('The vocabulary', written);
  if (!Array.isArray(symbols)) throw new FileError('The vocabulary is not a list of symbols: the file is damaged.');
  const known = new Set<string>();
  for (const [id, symbol] of symbols.entries()) {
    if (typeof symbol !== 'string' || !/^\P{Surrogate}$/su.test(symbol)) {
      throw new FileError(`Symbol ${id} of the vocabulary is not one character: the file is damaged.`);
    }
    if (known.has(symbol)) throw new FileError(`${quote(symbol)} stands twice in the vocabulary: the file is damaged.`);
    known.add(symbol);
  }
  return new Vocabulary([...known]);
}

function readTraining(
  written: string,
  layout: ParameterLayout,
  tensors: ReadonlyMap<string, Tensor>,
  vocabulary: Vocabulary | undefined,
): Training {
  const { cell, hiddenSize, output } = layout.model;
  const words = parseJsonObject('The file’s training', written);
  const step = words.get('step');
  if (!Number.isSafeInteger(step) || (step as number) < 0) {
    throw new FileError('The training’s step is not a whole number from 0: the file is damaged.');
  }
  const configuration = readConfiguration(asObject(words.get('configuration')));
  const model = symbolModel(configuration.cell, layout.model.inputSize, configuration.hidden, configuration.output);
  if (!vocabulary || model.cell !== cell || model.hiddenSize !== hiddenSize || model.output !== output) {
    throw new FileError('The training’s configuration is of another network than the file’s: the file is damaged.');
  }
  const v = readFlat(layout, moments.v, tensors);
  if (v.some((value) => value < 0)) {
    throw new FileError('Adam’s second moments are squares, and some here are negative: the file is damaged.');
  }
  return {
    step: step as number,
    corpus: readCorpus(asObject(words.get('corpus'))),
    engine: readEngine(asObject(words.get('engine'))),
    configuration,
    m: readFlat(layout, moments.m, tensors),
    v,
    carriedState: readNumbers(carriedName, [configuration.batch, hiddenSize], tensors),
  };
}

function readConfiguration(written: JsonObject | undefined): Readonly<Configuration> {
  if (written === undefined) throw new FileError('The training has no configuration: the file is damaged.');
  for (const name of written.keys()) {
    if ((settingNames as readonly string[]).includes(name)) continue;
    throw new FileError(`The training’s configuration has ${quote(name)}, which is no setting: the file is damaged.`);
  }
  const entries = settingNames.map((name) => {
    // A file that is older than a setting does not name it.
    const value = written.has(name) ? written.get(name) : settings[name].default;
    const shown = String(value);
    if (typeof value !== typeof settings[name].default) {
      throw new FileError(`The training’s configuration has no valid ${name}: the file is damaged.`);
    }
    try {
      return [name, parseSetting(name, shown)] as const;
    } catch {
      throw new FileError(`The training’s configuration has ${quote(shown)} for ${name}: the file is damaged.`);
    }
  });
  return Object.fromEntries(entries) as Configuration;
}

function readCorpus(written: JsonObject | undefined): Training['corpus'] {
  const [name, sha256] = [written?.get('name'), written?.get('sha256')];
  if (typeof name !== 'string' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new FileError('The training does not say on which text: it needs a name and a SHA-256.');
  }
  return { name, sha256 };
}

function readEngine(written: JsonObject | undefined): Training['engine'] {
  const [name, device] = [engineNames.find((each) => each === written?.get('name')), written?.get('device')];
  if (name === undefined || typeof device !== 'string') {
    throw new FileError('The training does not say on which engine: the file is damaged.');
  }
  const tuning = written?.get('tuning');
  return { name, device, ...(typeof tuning === 'string' && { tuning }) };
}
