import { cells, gatesOf } from '../model/cells/cells.ts';
import {
  assertModelConfiguration,
  costs,
  type ModelConfiguration,
  outputs,
  type Values,
} from '../model/configuration.ts';
import type { Encoding } from '../model/encoding.ts';
import {
  isLearned,
  type ParameterLayout,
  type ParameterPlace,
  parameterLayout,
  parameterNames,
} from '../model/parameters.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { quote } from '../quote.ts';
import { FileError } from './error.ts';
import { parseJson } from './json.ts';
import { demand, faultOfNumbers, placesOf, prefixes, readFlat } from './parameters.ts';
import { decodeTensors, encodeTensors, type Tensor, type TensorFile } from './safetensors.ts';
import { readTraining, type Training, trainingNames, trainingTensors, wordsOf } from './training.ts';
import { readVariables, wordsOfVariables } from './variables.ts';

export type { Course, HeldOut, LastStep, Points, Training } from './training.ts';

/** A network as a file holds it, and if it is a checkpoint, all that its training needs to go on. */
export interface ModelFile extends Encoding {
  readonly model: ModelConfiguration;
  /** The network, laid out by `parameterLayout(model)`. Where its training stands may be another one. */
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly training?: Training;
  /** The version of the format that it was read in. It is always written in the latest. */
  readonly version?: Version;
}

const producer = 'sluice';
/** Loaders of PyTorch's users ask for this `format`, which says how tensors are laid out; until version 2 it named Sluice. */
const format = 'pt';
/** Version 1 had networks of one layer alone, with outputs for the symbols or vectors that go in. */
const versions = ['1', '2', '3', '4', '5'] as const;
type Version = (typeof versions)[number];

/**
 * A file's bytes: safetensors, with the tensors under the names of the equations.
 *
 * @throws FileError if it has numbers that no reader takes
 */
export function encodeModelFile(file: ModelFile): Uint8Array<ArrayBuffer> {
  const fault = faultOf(file);
  if (fault !== undefined) throw new FileError(fault);
  const { model, vocabulary, classes, training } = file;
  const variables = wordsOfVariables(file);
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
  if (model.biases === false) metadata.set('biases', 'off');
  if (classes !== undefined) metadata.set('classes', JSON.stringify(classes));
  if (variables !== undefined) metadata.set('variables', variables);
  if (training !== undefined) metadata.set('training', wordsOf(training));
  return encodeTensors({ metadata, tensors: tensorsOf(file) });
}

/** In a sentence, which numbers of a network or of its training no reader of a file takes; `undefined` if all are sound. */
export function faultOf(file: ModelFile): string | undefined {
  for (const [name, { data }] of tensorsOf(file)) {
    const fault = faultOfNumbers(name, data);
    if (fault !== undefined) return fault;
  }
  return faultOfBiases(file);
}

/** In a sentence, which bias is not 0 of a network without any; `undefined` if none is. */
function faultOfBiases({ model, parameters }: ModelFile): string | undefined {
  const isZero = ({ offset, length }: ParameterPlace) =>
    parameters.subarray(offset, offset + length).every((value) => value === 0);
  const place = parameterLayout(model).places.find((place) => !isLearned(model, place) && !isZero(place));
  return place && `The network is said to have no biases, but ${place.name} is not 0: the file is damaged.`;
}

function tensorsOf({ model, parameters, training }: ModelFile): ReadonlyMap<string, Tensor> {
  const layout = parameterLayout(model);
  return new Map<string, Tensor>([
    ...placesOf(layout, prefixes.network, parameters),
    ...(training === undefined ? [] : trainingTensors(layout, parameters, training)),
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
  const variables = readVariables(metadata.get('variables'), model);
  const layout = parameterLayout(model);
  const words = metadata.get('training');
  assertNames(layout, tensors, words !== undefined);
  const parameters = readFlat(layout, prefixes.network, tensors);
  const encoding = { ...(vocabulary && { vocabulary }), ...(classes && { classes }), ...variables };
  const read = { model, ...encoding, parameters, version };
  const fault = faultOfBiases(read);
  if (fault !== undefined) throw new FileError(fault);
  if (words === undefined) return read;
  return { ...read, training: readTraining(words, layout, parameters, tensors, version !== '1') };
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
  const biases = isWithoutBiases(metadata) && { biases: false };
  const model = { cell, layers, inputs, inputSize, hiddenSize, outputSize, output, cost, ...biases } as const;
  try {
    assertModelConfiguration(model);
  } catch (error) {
    throw new FileError(`The file holds no network: ${(error as Error).message}`);
  }
  return model;
}

/** Whether a file says that its network has no biases. */
export const isWithoutBiases = (metadata: ReadonlyMap<string, string>): boolean => metadata.get('biases') === 'off';

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

/** @throws FileError if there are other tensors than a network, or a checkpoint of one, has */
function assertNames({ model }: ParameterLayout, tensors: ReadonlyMap<string, Tensor>, checkpoint: boolean): void {
  const names = parameterNames(model);
  const known = new Set(checkpoint ? trainingNames(names) : names);
  for (const name of tensors.keys()) {
    if (known.has(name)) continue;
    throw new FileError(`The file has a tensor ${quote(name)}, which is not one of this network’s: it is damaged.`);
  }
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
