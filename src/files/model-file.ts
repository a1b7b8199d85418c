import type { EngineName, TrainingState } from '../engine/engine.ts';
import { engineNames } from '../engine/engine.ts';
import { cells, gatesOf, statesOf } from '../model/cells/cells.ts';
import {
  assertModelConfiguration,
  costs,
  type ModelConfiguration,
  outputs,
  symbolModel,
  type Values,
} from '../model/configuration.ts';
import { type ParameterLayout, parameterLayout, parameterNames } from '../model/parameters.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { type Configuration, parseSetting, settingNames, settings } from '../training/configuration.ts';
import { FileError } from './error.ts';
import { asObject, type JsonObject, parseJson, parseJsonObject, quote } from './json.ts';
import { decodeTensors, encodeTensors, type Tensor, type TensorFile } from './safetensors.ts';

/** A network as a file holds it, and if it is a checkpoint, all that its training needs to go on. */
export interface ModelFile {
  readonly model: ModelConfiguration;
  /** The symbols, if the network reads symbols. */
  readonly vocabulary?: Vocabulary;
  /** The name of each class, `[O]`, if it tells classes apart and the file names them. */
  readonly classes?: readonly string[];
  /** Laid out by `parameterLayout(model)`. */
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly training?: Training;
  /** The version of the format that it was read in. It is always written in the latest. */
  readonly version?: Version;
}

/** What is in a checkpoint besides the network. Batches follow from the configuration, the text and the step. */
export interface Training extends Omit<TrainingState, 'parameters'> {
  readonly configuration: Readonly<Configuration>;
  /** The text, by the name it had, and its fingerprint. */
  readonly corpus: { readonly name: string; readonly sha256: string };
  /**
   * What computed, and how it cut up the work: only there and so will the numbers be the same to the last bit. Nothing, before
   * the first step.
   */
  readonly engine?: { readonly name: EngineName; readonly device: string; readonly tuning?: string };
}

const producer = 'sluice';
/** Loaders of PyTorch's users ask for this `format`, which says how tensors are laid out; until version 2 it named Sluice. */
const format = 'pt';
/** Version 1 had networks of one layer alone, with outputs for the symbols or vectors that go in. */
const versions = ['1', '2', '3'] as const;
type Version = (typeof versions)[number];
const carriedName = 'carried_state';
/** What stands before a parameter's name for Adam's moments. */
const moments = { m: 'adam.m.', v: 'adam.v.' } as const;

/**
 * A file's bytes: safetensors, with the tensors under the names of the equations.
 *
 * @throws FileError if it has numbers that no reader takes
 */
export function encodeModelFile(file: ModelFile): Uint8Array<ArrayBuffer> {
  const fault = faultOf(file);
  if (fault !== undefined) throw new FileError(fault);
  const { model, vocabulary, classes, training } = file;
  const metadata = new Map([
    ['format', format],
    ['producer', producer],
    ['format_version', versions.at(-1)!],
    ['cell', model.cell],
    ['layers', String(model.layers)],
    ['inputs', model.inputs],
    ['output', model.output],
    ['cost', model.cost],
  ]);
  if (vocabulary !== undefined) metadata.set('vocabulary', JSON.stringify(vocabulary.symbols));
  if (classes !== undefined) metadata.set('classes', JSON.stringify(classes));
  if (training !== undefined) {
    const { step, corpus, engine, configuration } = training;
    metadata.set('training', JSON.stringify({ step, corpus, engine, configuration }));
  }
  return encodeTensors({ metadata, tensors: tensorsOf(file) });
}

/** In a sentence, which numbers of a network or of its training no reader of a file takes; `undefined` if all are sound. */
export function faultOf(file: ModelFile): string | undefined {
  for (const [name, { data }] of tensorsOf(file)) {
    const fault = faultOfNumbers(name, data);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function tensorsOf({ model, parameters, training }: ModelFile): ReadonlyMap<string, Tensor> {
  const layout = parameterLayout(model);
  const tensors = new Map<string, Tensor>(placesOf(layout, '', parameters));
  if (training !== undefined) {
    const { m, v, carriedState } = training;
    for (const [name, tensor] of placesOf(layout, moments.m, m)) tensors.set(name, tensor);
    for (const [name, tensor] of placesOf(layout, moments.v, v)) tensors.set(name, tensor);
    const states = statesOf(model).length;
    const rows = carriedState.length / (states * model.hiddenSize);
    tensors.set(carriedName, { shape: [states, rows, model.hiddenSize], data: carriedState });
  }
  return tensors;
}

function placesOf({ places }: ParameterLayout, prefix: string, flat: Float32Array<ArrayBuffer>): [string, Tensor][] {
  return places.map(({ name, shape, offset, length }) => [
    prefix + name,
    { shape, data: flat.subarray(offset, offset + length) },
  ]);
}

/** Whether a safetensors file says that it is a model of Sluice, of whatever version. */
export const isOwn = (metadata: TensorFile['metadata']): boolean =>
  metadata.get('producer') === producer || metadata.get('format') === producer;

/**
 * What a file's bytes hold.
 *
 * @throws FileError if it is not a whole and sound model of Sluice
 */
export function decodeModelFile(file: Uint8Array): ModelFile {
  const { metadata, tensors } = decodeTensors(file);
  if (!isOwn(metadata)) throw new FileError('This is not a model of Sluice: its metadata do not say so.');
  const written = metadata.get('format_version') ?? '';
  const version = versions.find((each) => each === written);
  if (version === undefined) {
    throw new FileError(
      `This model has format_version ${quote(written)}; this Sluice reads 1 to ${versions.at(-1)}: get a newer one.`,
    );
  }
  const vocabulary = readVocabulary(metadata.get('vocabulary'));
  const model = readModel(version, metadata, tensors, vocabulary);
  const classes = readClasses(metadata.get('classes'), model);
  const layout = parameterLayout(model);
  const words = metadata.get('training');
  assertNames(layout, tensors, words !== undefined);
  const parameters = readFlat(layout, '', tensors);
  const read = { model, ...(vocabulary && { vocabulary }), ...(classes && { classes }), parameters, version };
  return words === undefined ? read : { ...read, training: readTraining(version, words, layout, tensors) };
}

function readModel(
  version: Version,
  metadata: ReadonlyMap<string, string>,
  tensors: ReadonlyMap<string, Tensor>,
  vocabulary: Vocabulary | undefined,
): ModelConfiguration {
  const cell = oneOf('cell', cells, metadata.get('cell'));
  const output = oneOf('output', outputs, metadata.get('output'));
  const older = version === '1';
  const cost = oneOf('cost', costs, metadata.get('cost') ?? (older ? 'cross-entropy' : undefined));
  const known: Values = vocabulary === undefined ? 'vectors' : 'symbols';
  const inputs = oneOf<Values>('inputs', ['symbols', 'vectors'], older ? known : metadata.get('inputs'));
  const layers = readLayers(older ? '1' : metadata.get('layers'));
  const inputName = gatesOf(cell).find(({ input }) => input !== undefined)!.input!;
  const [inputSize, hiddenSize] = matrixShape(inputName, tensors);
  const [, outputSize] = matrixShape('V', tensors);
  if (vocabulary !== undefined && vocabulary.size !== inputSize) {
    throw new FileError(
      `The vocabulary has ${vocabulary.size} symbols, but ${inputName} ${inputSize} rows: the file is damaged.`,
    );
  }
  if (inputs !== known || (older && inputs === 'vectors' && output === 'log-softmax')) {
    throw new FileError(
      inputs === 'symbols' || older
        ? 'The file has no vocabulary, which a network of symbols needs: save it with one.'
        : 'The file has a vocabulary, but vectors go into its network: the file is damaged.',
    );
  }
  const model = { cell, layers, inputs, inputSize, hiddenSize, outputSize, output, cost } as const;
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

function readLayers(written: string | undefined): number {
  const layers = Number(written);
  if (Number.isInteger(layers) && String(layers) === written) return layers;
  throw new FileError(`The file’s layers are ${quote(written ?? '')}, which is no number of layers: it is damaged.`);
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
  const names = parameterNames(model);
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
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw new FileError(
      `The tensor ${name} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}]: the file is damaged.`,
    );
  }
  const data = tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(tensor.data);
  const fault = faultOfNumbers(name, data);
  if (fault !== undefined) throw new FileError(fault);
  return data;
}

/** What is wrong with the numbers that stand under a name, whether they are read or are to be written. */
function faultOfNumbers(name: string, numbers: Tensor['data']): string | undefined {
  const wrong = numbers.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) return `The tensor ${name} holds ${wrong}: only finite numbers make a network.`;
  const isNegative = name.startsWith(moments.v) && numbers.some((value) => value < 0);
  return isNegative ? 'Adam’s second moments are squares, and some here are negative: they are damaged.' : undefined;
}

export function readVocabulary(written: string | undefined): Vocabulary | undefined {
  if (written === undefined) return undefined;
  const symbols = parseJson('The vocabulary', written);
  if (!Array.isArray(symbols)) throw new FileError('The vocabulary is not a list of symbols: the file is damaged.');
  const known = new Set<string>();
  for (const [id, symbol] of symbols.entries()) {
    if (typeof symbol !== 'string' || !/^\P{Surrogate}$/su.test(symbol)) {
      throw new FileError(
        `Symbol ${id} of the vocabulary is not one character, which is what a symbol of Sluice’s is.`,
      );
    }
    if (known.has(symbol)) throw new FileError(`${quote(symbol)} stands twice in the vocabulary: the file is damaged.`);
    known.add(symbol);
  }
  return new Vocabulary([...known]);
}

/** A list of names, no two of which need be different. */
export function readClasses(written: string | undefined, model: ModelConfiguration): readonly string[] | undefined {
  if (written === undefined) return undefined;
  const { output, outputSize } = model;
  const classes = parseJson('The list of classes', written);
  if (!Array.isArray(classes) || !classes.every((name) => typeof name === 'string')) {
    throw new FileError('The classes are not a list of names: the file is damaged.');
  }
  if (output !== 'log-softmax' || classes.length !== outputSize) {
    throw new FileError(
      `The file names ${classes.length} classes, but its network has ${outputSize} outputs of ${output}: it is damaged.`,
    );
  }
  return classes;
}

function readTraining(
  version: Version,
  written: string,
  layout: ParameterLayout,
  tensors: ReadonlyMap<string, Tensor>,
): Training {
  const { inputSize, hiddenSize } = layout.model;
  const words = parseJsonObject('The file’s training', written);
  const step = words.get('step');
  if (!Number.isSafeInteger(step) || (step as number) < 0) {
    throw new FileError('The training’s step is not a whole number from 0: the file is damaged.');
  }
  const configuration = readConfiguration(asObject(words.get('configuration')));
  const model = symbolModel(configuration.cell, inputSize, configuration.hidden, configuration);
  if (Object.entries(model).some(([name, value]) => value !== layout.model[name as keyof ModelConfiguration])) {
    throw new FileError('The training’s configuration is of another network than the file’s: the file is damaged.');
  }
  const states = version === '1' ? [] : [statesOf(model).length];
  const carriedShape = [...states, configuration.batch, hiddenSize];
  return {
    step: step as number,
    corpus: readCorpus(asObject(words.get('corpus'))),
    ...(words.has('engine') && { engine: readEngine(asObject(words.get('engine'))) }),
    configuration,
    m: readFlat(layout, moments.m, tensors),
    v: readFlat(layout, moments.v, tensors),
    carriedState: readNumbers(carriedName, carriedShape, tensors),
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

function readEngine(written: JsonObject | undefined): NonNullable<Training['engine']> {
  const [name, device] = [engineNames.find((each) => each === written?.get('name')), written?.get('device')];
  if (name === undefined || typeof device !== 'string') {
    throw new FileError('The training does not say on which engine: the file is damaged.');
  }
  const tuning = written?.get('tuning');
  return { name, device, ...(typeof tuning === 'string' && { tuning }) };
}
