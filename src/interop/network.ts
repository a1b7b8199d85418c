import { FileError } from '../files/error.ts';
import { faultOf, isWithoutBiases, type ModelFile, readClasses, readVocabulary } from '../files/model-file.ts';
import type { Cell } from '../model/cells/cells.ts';
import {
  assertModelConfiguration,
  type Cost,
  costs,
  type ModelConfiguration,
  type Output,
  outputs,
  type Values,
} from '../model/configuration.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { type FusedNetwork, type GateOrder, unfuse } from './fused.ts';

/** A file by its name, without folders. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a person says of a foreign file that it does not say itself. */
export interface ImportOptions {
  /** The symbol of each id, if the network reads symbols. */
  readonly vocabulary?: Vocabulary | undefined;
  /** The cell, where the names of the weights leave two. */
  readonly cell?: Cell | undefined;
  /** What the network makes of its logits, where nothing in the file tells. */
  readonly output?: Output | undefined;
  /** Which weight is which: the text of a mapping file, JSON. */
  readonly map?: string | undefined;
}

/** What came in. */
export interface Imported {
  readonly file: ModelFile;
  /** What was left away, in a sentence each, because it does not act where a network is used. */
  readonly remarks: readonly string[];
}

/** A network as its foreign file tells it. */
export interface Told {
  readonly cell: Cell;
  /** What goes in, if the file tells. */
  readonly inputs?: Values | undefined;
  /** What it makes of its logits, if the file tells. */
  readonly output?: Output | undefined;
  /** `false` if it has no biases. */
  readonly biases?: boolean | undefined;
  readonly weights: FusedNetwork;
  /** What Sluice wrote beside the weights, or who saved them again: see `tagsOf`. */
  readonly tags: ReadonlyMap<string, string>;
}

/** What no other format has a place for, as strings that each can keep beside the weights. */
export function tagsOf({ model, vocabulary, classes }: ModelFile): ReadonlyMap<string, string> {
  const tags = new Map([
    ['inputs', model.inputs],
    ['output', model.output],
    ['cost', model.cost],
  ] as [string, string][]);
  if (model.biases === false) tags.set('biases', 'off');
  if (vocabulary !== undefined) tags.set('vocabulary', JSON.stringify(vocabulary.symbols));
  if (classes !== undefined) tags.set('classes', JSON.stringify(classes));
  return tags;
}

/**
 * A model of Sluice from what a foreign file tells and what a person says.
 *
 * @param orders the framework's gate orders
 * @throws FileError if they do not make a whole and sound network
 */
export function assemble(told: Told, orders: GateOrder, options: ImportOptions): ModelFile {
  const { cell, weights } = told;
  const order = orders[cell];
  if (order === undefined) throw new FileError(`The file’s format has no ${cell} cell.`);
  assertShapes(weights, order.length);
  const [first] = weights.layers;
  const sizes = {
    layers: weights.layers.length,
    inputSize: first!.input.columns,
    hiddenSize: first!.recurrent.columns,
    outputSize: weights.output.weight.rows,
  };
  const biases = [...weights.layers.flatMap((layer) => [layer.inputBias, layer.recurrentBias]), weights.output.bias];
  const has = biases.some((bias) => bias !== undefined);
  return complete({ ...told, ...sizes, biases: has }, (model) => unfuse(model, order, weights), options);
}

/** The sizes of a network, by which its file tells them. */
type Sizes = Pick<ModelConfiguration, 'layers' | 'inputSize' | 'hiddenSize' | 'outputSize'>;

/**
 * A model of Sluice: as `assemble`, from parameters of whatever form.
 *
 * @param parametersOf makes the flat buffer of `parameterLayout(model)`
 * @throws FileError if they do not make a whole and sound network
 */
export function complete(
  told: Omit<Told, 'weights'> & Sizes,
  parametersOf: (model: ModelConfiguration) => Float32Array<ArrayBuffer>,
  options: ImportOptions,
): ModelFile {
  const { cell, layers, inputSize, hiddenSize, outputSize, tags } = told;
  const kind = kindOf(told, options);
  const biases = (told.biases === false || isWithoutBiases(tags)) && { biases: false };
  const model: ModelConfiguration = { cell, layers, inputSize, hiddenSize, outputSize, ...kind, ...biases };
  try {
    assertModelConfiguration(model);
  } catch (error) {
    throw new FileError(`The file’s network cannot be one of Sluice’s. ${(error as Error).message}`);
  }
  const vocabulary = model.inputs === 'symbols' ? vocabularyOf(model, tags, options) : undefined;
  const classes = readClasses(tags.get('classes'), model);
  const parameters = parametersOf(model);
  const file: ModelFile = { model, ...(vocabulary && { vocabulary }), ...(classes && { classes }), parameters };
  const fault = faultOf(file);
  if (fault !== undefined) throw new FileError(fault);
  return file;
}

/** What goes in, what comes out, and how far that is from the targets: what the file tells, else what can only be meant. */
function kindOf(told: Omit<Told, 'weights'>, options: ImportOptions): { inputs: Values; output: Output; cost: Cost } {
  const { tags } = told;
  const tagged = <Word extends string>(words: readonly Word[], word: string | undefined) =>
    words.find((each) => each === word);
  const known = told.inputs ?? tagged<Values>(['symbols', 'vectors'], tags.get('inputs'));
  if (known === 'vectors' && options.vocabulary !== undefined) {
    throw new FileError('Vectors go into the file’s network, not symbols: leave the vocabulary away.');
  }
  const output = told.output ?? tagged(outputs, tags.get('output')) ?? options.output;
  if (options.output !== undefined && output !== options.output) {
    throw new FileError(`The file says that its output is ${output}: it cannot be ${options.output}.`);
  }
  const inputs = known ?? (options.vocabulary !== undefined || tags.has('vocabulary') ? 'symbols' : undefined);
  if (inputs === undefined && output === undefined) {
    throw new FileError(
      'The weights do not tell whether symbols or vectors go in: give --vocabulary for symbols, or for vectors --output linear, sigmoid or log-softmax.',
    );
  }
  const made = output ?? (inputs === 'symbols' ? 'log-softmax' : undefined);
  if (made === undefined) {
    throw new FileError(
      'The weights do not tell what becomes of the output: give --output linear, sigmoid or log-softmax.',
    );
  }
  const usual = made === 'linear' ? 'squared-error' : 'cross-entropy';
  return { inputs: inputs ?? 'vectors', output: made, cost: tagged(costs, tags.get('cost')) ?? usual };
}

function vocabularyOf(
  model: ModelConfiguration,
  tags: ReadonlyMap<string, string>,
  options: ImportOptions,
): Vocabulary {
  const vocabulary = options.vocabulary ?? readVocabulary(tags.get('vocabulary'));
  if (vocabulary === undefined) throw new MissingVocabularyError(model.inputSize);
  if (vocabulary.size !== model.inputSize) {
    throw new FileError(`The vocabulary has ${vocabulary.size} symbols, but the network reads ${model.inputSize}.`);
  }
  return vocabulary;
}

/** The network reads symbols, and nobody has said which. */
export class MissingVocabularyError extends FileError {
  /** How many symbols the network reads. */
  readonly size: number;

  constructor(size: number) {
    super(
      `The network reads ${size} symbols, and the file does not say which: give --vocabulary, a JSON list of them in the order of their ids, or the text that it has learned.`,
    );
    this.size = size;
  }
}

/** @throws FileError naming the first of the weights that does not fit the others */
function assertShapes({ layers, output }: FusedNetwork, gates: number): void {
  const { columns: H } = layers[0]!.recurrent;
  const fault = (what: string) => new FileError(`The weights do not fit together: ${what}.`);
  for (const [i, { input, recurrent, inputBias, recurrentBias }] of layers.entries()) {
    const layer = `of layer ${i + 1}`;
    if (recurrent.columns !== H || recurrent.rows !== gates * H) {
      throw fault(`the recurrent matrix ${layer} is ${recurrent.rows} × ${recurrent.columns}, not ${gates * H} × ${H}`);
    }
    if (input.rows !== gates * H)
      throw fault(`the input matrix ${layer} makes ${input.rows} numbers, not ${gates * H}`);
    if (i > 0 && input.columns !== H) throw fault(`the input matrix ${layer} reads ${input.columns} numbers, not ${H}`);
    for (const bias of [inputBias, recurrentBias]) {
      if (bias && bias.length !== gates * H)
        throw fault(`a bias ${layer} has ${bias.length} numbers, not ${gates * H}`);
    }
  }
  const { weight, bias } = output;
  if (weight.columns !== H) throw fault(`the output reads ${weight.columns} numbers, not the ${H} of the state`);
  if (bias && bias.length !== weight.rows)
    throw fault(`the output’s bias has ${bias.length} numbers, not ${weight.rows}`);
}
