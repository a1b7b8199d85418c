import { FileError } from '../../files/error.ts';
import { asObject, type JsonObject } from '../../json-object.ts';
import { type Cell, cells } from '../../model/cells/cells.ts';
import { type Output, outputs } from '../../model/configuration.ts';
import { quote } from '../../quote.ts';
import { type FusedLayer, type FusedOutput, foldEmbedding, type Matrix, transposed } from '../fused.ts';
import { assemble, type Imported, type ImportOptions, type NamedFile, type Told } from '../network.ts';
import { gateOrder, layerForms, shown } from './format.ts';
import { sortFiles } from './manifest.ts';
import { describe, type Layer, layersOf } from './topology.ts';
import { assertShape, hasWeights, type Weight, Weights } from './weights.ts';

export { shardsOf } from './manifest.ts';

/**
 * A network that TensorFlow.js or Keras’ converter has saved as a layers model.
 *
 * @param files the `model.json` and the weights that it names, in any order
 * @throws FileError if they are damaged, one is missing or of no use, or the network does what none of Sluice’s does
 */
export function readKeras(files: readonly NamedFile[], options: ImportOptions): Imported {
  if (options.map !== undefined) {
    throw new FileError('A layers model says itself which weight is which: leave the mapping file away.');
  }
  const sorted = sortFiles(files);
  const remarks = new Set<string>();
  const layers = layersOf(sorted.model.topology).map(unwrapped);
  for (const layer of layers) assertKnown(layer);
  const parts = partsOf(layers.filter((layer) => acts(layer, remarks)));
  const weights = new Weights(layers, sorted);
  if (weights.hasOptimizer) remarks.add('The optimizer’s state is left away: a training starts its own.');
  const { cell, units, stack } = readStack(parts.recurrent, weights, options, remarks);
  const [first, ...others] = stack as [FusedLayer, ...FusedLayer[]];
  const input = readInput(parts, first.input, weights);
  const output = readOutput(parts.dense, units, weights);
  const told: Told = {
    cell,
    inputs: parts.embedding && 'symbols',
    output: readActivation(parts),
    weights: { layers: [{ ...first, input }, ...others], output },
    tags: sorted.model.tags,
  };
  const file = assemble({ ...told, output: told.output ?? outputOfLogits(told, options, remarks) }, gateOrder, options);
  return { file, remarks: [...remarks] };
}

/** All recurrent layers, which have the same cell and as many units each. */
function readStack(layers: readonly Layer[], weights: Weights, options: ImportOptions, remarks: Set<string>) {
  const stack = layers.map((layer) => readRecurrent(layer, weights, options, remarks));
  const { cell, units } = stack[0]!;
  const other = stack.findIndex((each) => each.cell !== cell || each.units !== units);
  if (other > 0) {
    throw new FileError(
      `${describe(layers[other]!)} has ${stack[other]!.units} units of ${stack[other]!.cell}, the first one ${units} of ${cell}: all layers of Sluice’s networks are alike.`,
    );
  }
  if (options.cell !== undefined && options.cell !== cell) {
    throw new FileError(`The file says that its cell is ${cell}: it cannot be ${options.cell}.`);
  }
  return { cell, units, stack: stack.map(({ weights }) => weights) };
}

/** What is to be made of logits that the layers leave as they are. */
function outputOfLogits({ inputs, weights, tags }: Told, options: ImportOptions, remarks: Set<string>): Output {
  const said = outputs.find((each) => each === tags.get('output')) ?? options.output;
  if (said !== undefined) return said;
  const readsSymbols =
    inputs === 'symbols' ||
    options.vocabulary !== undefined ||
    tags.has('vocabulary') ||
    tags.get('inputs') === 'symbols';
  if (!readsSymbols || weights.layers[0]!.input.columns !== weights.output.weight.rows) return 'linear';
  remarks.add(
    'The output is linear: it is read as the logits of a softmax over the symbols. With --output linear it stays as it is.',
  );
  return 'log-softmax';
}

/** Classes that do nothing where a network is used. */
const idle = new Set([
  'Dropout',
  'SpatialDropout1D',
  'GaussianDropout',
  'GaussianNoise',
  'AlphaDropout',
  'ActivityRegularization',
]);

/** The class of the layer that has a cell’s weights, by the class of the cell. */
const cellClasses = new Map([
  ['GRUCell', 'GRU'],
  ['LSTMCell', 'LSTM'],
  ['SimpleRNNCell', 'SimpleRNN'],
]);

/** A layer that is applied at each timestep, or a cell that is led through them, in its wrapper’s place. */
function unwrapped(layer: Layer): Layer {
  const { className, names, config, path } = layer;
  const inner = asObject(config.get(className === 'TimeDistributed' ? 'layer' : 'cell'));
  const [innerClass, innerConfig] = [inner?.get('class_name'), asObject(inner?.get('config'))];
  if (typeof innerClass !== 'string' || innerConfig === undefined) return layer;
  const name = innerConfig.get('name');
  if (className === 'TimeDistributed') {
    const known = ['Dense', 'Activation', 'Softmax'].includes(innerClass) || idle.has(innerClass);
    const both = typeof name === 'string' ? [...names, name] : names;
    return known ? { className: innerClass, names: both, config: innerConfig, path } : layer;
  }
  const whole = cellClasses.get(innerClass);
  if (className !== 'RNN' || whole === undefined) return layer;
  return { className: whole, names, config: new Map([...config, ...innerConfig]), path };
}

const recurrentClasses = new Set(['GRU', 'LSTM', 'SimpleRNN']);

/** Why a layer of a class is refused that people are likely to have. */
const refusals = new Map([
  ['Bidirectional', 'reads the text backwards as well; Sluice’s networks read it forwards alone'],
  ['Masking', 'leaves out timesteps by what is in them, which Sluice’s networks do not'],
  ['RNN', 'is made of cells of its own: build it of GRU, LSTM or SimpleRNN layers'],
  ['CuDNNGRU', 'is for NVIDIA’s cards alone: load its weights into a GRU with reset_after, and save that'],
  ['CuDNNLSTM', 'is for NVIDIA’s cards alone: load its weights into an LSTM layer, and save that'],
]);

const otherClasses = new Set(['InputLayer', 'Activation', 'Softmax']);

/** @throws FileError if Sluice has nothing that does what a layer does */
function assertKnown(layer: Layer): void {
  const { className } = layer;
  if (hasWeights(className) || idle.has(className) || otherClasses.has(className)) return;
  throw new FileError(
    `${describe(layer)} ${refusals.get(className) ?? 'does what no layer of Sluice does: its networks have Embedding, GRU, LSTM, SimpleRNN and Dense'}.`,
  );
}

const dropoutRemark = 'Dropout is left away: it does not act where a network is used.';

/** Whether a layer does anything where a network is used. */
function acts(layer: Layer, remarks: Set<string>): boolean {
  const { className, config } = layer;
  if (className === 'Activation') return activationOf(layer, 'activation', 'linear') !== 'linear';
  if (!idle.has(className)) return true;
  // Monte Carlo dropout is a subclass, or a call with training=True, which is refused where a graph tells it.
  if (config.get('rate') !== 0) remarks.add(dropoutRemark);
  return false;
}

/** The layers of a network, by what they are for. */
interface Parts {
  readonly input: Layer | undefined;
  readonly embedding: Layer | undefined;
  readonly recurrent: readonly Layer[];
  readonly dense: Layer;
  /** What is made of the output behind the last layer. */
  readonly activation: Layer | undefined;
}

/** @throws FileError if the layers do not stand as Sluice’s networks have them */
function partsOf(layers: readonly Layer[]): Parts {
  let next = 0;
  const take = (...classes: string[]) => (classes.includes(layers[next]?.className ?? '') ? layers[next++] : undefined);
  const input = take('InputLayer');
  const embedding = take('Embedding');
  const recurrent: Layer[] = [];
  while (recurrentClasses.has(layers[next]?.className ?? '')) recurrent.push(layers[next++]!);
  const dense = recurrent.length > 0 ? take('Dense') : undefined;
  const activation = dense && take('Activation', 'Softmax');
  const wrong = layers[next];
  if (wrong !== undefined) {
    throw new FileError(
      `${describe(wrong)} is in a place where Sluice has none: at most one Embedding, then GRU, LSTM or SimpleRNN layers, then one Dense layer.`,
    );
  }
  if (dense === undefined) {
    throw new FileError(
      recurrent.length > 0
        ? 'The file’s network has no Dense layer that makes its output: Sluice’s networks have one.'
        : 'The file’s network has no recurrent layers, which Sluice’s networks are made of.',
    );
  }
  return { input, embedding, recurrent, dense, activation };
}

/** An option that is on or off, or is not there. */
function flagOf(layer: Layer, option: string): boolean | undefined {
  const value = layer.config.get(option) ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw new FileError(`${describe(layer)} has ${shown(value)} for ${option}, which is neither true nor false.`);
}

/** A size, which is a whole number from 1. */
function sizeOf(layer: Layer, option: string): number {
  const value = layer.config.get(option);
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new FileError(`${describe(layer)} has ${shown(value)} for ${option}, which is no whole number from 1.`);
}

/**
 * The name of an activation function.
 *
 * @param usual what it is where the layer says nothing
 */
function activationOf(layer: Layer, option: string, usual: string): string {
  const written = layer.config.get(option);
  if (written === undefined) return usual;
  if (written === null) return 'linear';
  // Keras 3 writes a function as an object around its name, or as a layer.
  const value = asObject(written);
  const name = value === undefined ? written : (functionName(value) ?? value.get('class_name'));
  if (typeof name !== 'string')
    throw new FileError(`${describe(layer)} has no name for its ${option}: the file is damaged.`);
  return name;
}

const functionName = (value: JsonObject): unknown => {
  const config = value.get('config');
  return typeof config === 'string' ? config : undefined;
};

/** What a recurrent layer is. */
interface Recurrent {
  readonly cell: Cell;
  readonly units: number;
  readonly weights: FusedLayer;
}

function readRecurrent(layer: Layer, weights: Weights, options: ImportOptions, remarks: Set<string>): Recurrent {
  const what = describe(layer);
  if (flagOf(layer, 'return_sequences') !== true) {
    throw new FileError(
      `${what} puts out its last state alone, where Sluice’s networks put out one at every timestep: build it with return_sequences=True.`,
    );
  }
  if (flagOf(layer, 'go_backwards')) throw new FileError(`${what} reads backwards, which Sluice’s networks do not.`);
  if (flagOf(layer, 'time_major')) {
    throw new FileError(`${what} has time before the batch: build it without time_major, the weights are the same.`);
  }
  if (['dropout', 'recurrent_dropout'].some((option) => (layer.config.get(option) ?? 0) !== 0))
    remarks.add(dropoutRemark);
  if (isHalf(layer))
    remarks.add('There the layers compute with half the precision: here in float32, so that outputs differ a little.');
  const units = sizeOf(layer, 'units');
  const bias = weights.find(layer, 'bias');
  assertBias(layer, bias);
  const cell = cellOf(layer, bias, options);
  const width = gateOrder[cell]!.length * units;
  const kernel = weights.find(layer, 'kernel');
  const inputs = kernel?.shape[0] ?? 0;
  const input = weights.demand(layer, 'kernel', [inputs, width]);
  const recurrent = weights.demand(layer, 'recurrent_kernel', [units, width]);
  const rows = layerForms[cell].resetAfter ? 2 : 1;
  if (bias) assertShape(bias, rows === 2 ? [2, width] : [width]);
  // Without biases they are 0, and no −0 of a sum of none.
  const data = bias?.data ?? new Float32Array(rows * width);
  return {
    cell,
    units,
    weights: {
      input: transposed(matrixOf(input)),
      recurrent: transposed(matrixOf(recurrent)),
      inputBias: data.slice(0, width),
      recurrentBias: rows === 2 ? data.slice(width) : undefined,
    },
  };
}

/** Whether a layer computes in 16 bits, whatever its weights are kept in: `mixed_float16` and the like. */
function isHalf({ config }: Layer): boolean {
  const written = config.get('dtype');
  const policy = asObject(asObject(written)?.get('config'))?.get('name') ?? written;
  return typeof policy === 'string' && /float16$/.test(policy);
}

/** @throws FileError if a layer has a bias and should not, or the other way round */
function assertBias(layer: Layer, bias: Weight | undefined): void {
  const should = flagOf(layer, 'use_bias') ?? true;
  if (should !== (bias !== undefined)) {
    throw new FileError(
      `${describe(layer)} has ${should ? 'no' : 'a'} bias among its weights, but says that it has ${should ? 'one' : 'none'}: the file is damaged.`,
    );
  }
}

const matrixOf = ({ shape, data }: Weight): Matrix => ({ rows: shape[0]!, columns: shape[1]!, data });

function cellOf(layer: Layer, bias: Weight | undefined, options: ImportOptions): Cell {
  const { className } = layer;
  const activation = activationOf(layer, 'activation', 'tanh');
  const refuse = (option: string, name: string, allowed: string) =>
    new FileError(`${describe(layer)} has ${quote(name)} for its ${option}: Sluice’s has ${allowed} there.`);
  const ofClass = cells.filter((cell) => layerForms[cell].className === className);
  const fitting = ofClass.filter((cell) => layerForms[cell].activation === activation);
  if (fitting.length === 0) {
    const allowed = new Set(ofClass.map((cell) => layerForms[cell].activation));
    throw refuse('activation', activation, [...allowed].sort().toReversed().join(' or '));
  }
  const isGated = layerForms[fitting[0]!].gates.length > 1;
  const ofGates = isGated ? activationOf(layer, 'recurrent_activation', 'hard_sigmoid') : 'sigmoid';
  if (ofGates !== 'sigmoid') throw refuse('recurrent_activation', ofGates, 'sigmoid');
  if (fitting.length === 1) return fitting[0]!;
  const said = flagOf(layer, 'reset_after');
  const seen = bias && bias.shape.length === 2;
  if (said !== undefined && seen !== undefined && said !== seen) {
    throw new FileError(`${describe(layer)} has reset_after ${said}, but a bias for ${seen}: the file is damaged.`);
  }
  const after = said ?? seen;
  const found = fitting.find((cell) =>
    after === undefined ? cell === options.cell : layerForms[cell].resetAfter === after,
  );
  if (found !== undefined) return found;
  throw new FileError(
    `${describe(layer)} does not say whether its reset gate acts before or after the recurrent product: give --cell ${fitting.join(' or ')}.`,
  );
}

/** The first layer’s matrix for what goes in, `[G·H, I]`. */
function readInput({ input, embedding, recurrent }: Parts, matrix: Matrix, weights: Weights): Matrix {
  const first = input ?? embedding ?? recurrent[0]!;
  assertInputShape(first, embedding ? undefined : matrix.columns);
  if (embedding === undefined) return matrix;
  if (flagOf(embedding, 'mask_zero')) {
    throw new FileError(
      `${describe(embedding)} has mask_zero: symbol 0 is left out, which Sluice’s networks do not. Train it without.`,
    );
  }
  const shape = [sizeOf(embedding, 'input_dim'), sizeOf(embedding, 'output_dim')];
  const embeddings = matrixOf(weights.demand(embedding, 'embeddings', shape));
  if (embeddings.columns !== matrix.columns) {
    throw new FileError(
      `${describe(embedding)} puts out ${embeddings.columns} numbers, but the next layer reads ${matrix.columns}: the file is damaged.`,
    );
  }
  return foldEmbedding(embeddings, matrix);
}

/** @throws FileError if something else goes in than `[batch, time]`, or `[batch, time, size]` for vectors */
function assertInputShape(layer: Layer, size: number | undefined): void {
  const { config } = layer;
  const written = config.get('batch_input_shape') ?? config.get('batch_shape') ?? undefined;
  if (written === undefined) return;
  const shape = asObject(written)?.get('items') ?? written;
  const expected = size === undefined ? '[batch, time]' : `[batch, time, ${size}]`;
  const fits =
    Array.isArray(shape) &&
    shape.length === (size === undefined ? 2 : 3) &&
    shape.every((each) => each === null || (Number.isSafeInteger(each) && each >= 1)) &&
    (size === undefined || shape[2] === null || shape[2] === size);
  if (!fits)
    throw new FileError(`${describe(layer)} takes in another shape than ${expected}, which the weights are for.`);
}

function readOutput(dense: Layer, hidden: number, weights: Weights): FusedOutput {
  const kernel = weights.demand(dense, 'kernel', [hidden, sizeOf(dense, 'units')]);
  const bias = weights.find(dense, 'bias');
  assertBias(dense, bias);
  if (bias) assertShape(bias, [kernel.shape[1]!]);
  return { weight: transposed(matrixOf(kernel)), bias: bias?.data };
}

const outputsByName = new Map<string, Output>([
  ['softmax', 'log-softmax'],
  ['log_softmax', 'log-softmax'],
  ['Softmax', 'log-softmax'],
  ['sigmoid', 'sigmoid'],
]);

/** What the network makes of its logits; `undefined` if it leaves them as they are. */
function readActivation({ dense, activation }: Parts): Output | undefined {
  const named: [layer: Layer, name: string][] = [[dense, activationOf(dense, 'activation', 'linear')]];
  if (activation?.className === 'Softmax') {
    const axis = activation.config.get('axis') ?? -1;
    if (axis !== -1 && axis !== 2) {
      throw new FileError(
        `${describe(activation)} goes along axis ${shown(axis)}, and Sluice’s along the last: build it with axis −1.`,
      );
    }
    named.push([activation, 'softmax']);
  } else if (activation) named.push([activation, activationOf(activation, 'activation', 'linear')]);
  const acting = named.filter(([, name]) => name !== 'linear');
  if (acting.length > 1) {
    throw new FileError(
      `${describe(acting[1]![0])} comes after another activation: Sluice’s networks have one at most.`,
    );
  }
  const [layer, name] = acting[0] ?? [];
  if (layer === undefined || name === undefined) return undefined;
  const output = outputsByName.get(name);
  if (output !== undefined) return output;
  throw new FileError(
    `${describe(layer)} has ${quote(name)} for its activation: Sluice’s output has softmax, sigmoid or linear.`,
  );
}
