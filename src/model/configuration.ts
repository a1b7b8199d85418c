import type { Cell } from './cells/cells.ts';

/** What a network may make of its logits. */
export const outputs = ['log-softmax', 'sigmoid', 'linear'] as const;
/** How far its outputs are from the targets may be counted as this. */
export const costs = ['cross-entropy', 'squared-error'] as const;

/** What a network makes of its logits. */
export type Output = (typeof outputs)[number];
/** How far outputs are from targets. */
export type Cost = (typeof costs)[number];

/** What goes in or should come out at each timestep: one symbol, or a vector of real numbers. */
export type Values = 'symbols' | 'vectors';

/** The most layers that a network may have. */
export const mostLayers = 16;

/** What a network is: what goes in, its cell, what comes out, and their sizes. All else about it is in its parameters. */
export interface ModelConfiguration {
  /** The recurrent cell: see `src/model/cells/`. */
  readonly cell: Cell;
  /** L: layers in a stack. Each reads the states of the one below; the first reads what goes in. */
  readonly layers: number;
  /** What goes in at each timestep. */
  readonly inputs: Values;
  /** I: how many symbols there are (V), or how long the vectors are that go in. */
  readonly inputSize: number;
  /** H: how many hidden units of each layer carry the state from one timestep to the next. */
  readonly hiddenSize: number;
  /** O: how many symbols or classes there are, or how long the vectors are that should come out. */
  readonly outputSize: number;
  /**
   * `log-softmax`: the probabilities of symbols or classes of which one is right. `sigmoid`: each output for itself, between
   * 0 and 1; several may be right. `linear`: real numbers.
   */
  readonly output: Output;
  /**
   * `cross-entropy`: −log p(target), or for `sigmoid` the binary one, −Σ t log y + (1 − t) log(1 − y), in nats.
   * `squared-error`, for `sigmoid` and `linear`: ½ Σ (y − t)².
   */
  readonly cost: Cost;
  /** Whether it has biases: `false` if every bias is 0, and training leaves it so. It has them if it is left out. */
  readonly biases?: boolean;
}

/**
 * What the outputs are compared with: for `log-softmax` the number of the right symbol or class, for `linear` a vector; for
 * `sigmoid` what goes in, a symbol standing for a one-hot vector.
 */
export const targetsOf = ({ inputs, output }: Pick<ModelConfiguration, 'inputs' | 'output'>): Values =>
  output === 'log-softmax' ? 'symbols' : output === 'linear' ? 'vectors' : inputs;

/** A network that reads symbols and predicts which comes next. */
export function symbolModel(
  cell: Cell,
  vocabularySize: number,
  hiddenSize: number,
  {
    output = 'log-softmax',
    layers = 1,
    ...more
  }: Partial<Pick<ModelConfiguration, 'output' | 'layers' | 'biases'>> = {},
): ModelConfiguration {
  const [inputSize, outputSize] = [vocabularySize, vocabularySize];
  return { cell, layers, inputs: 'symbols', inputSize, hiddenSize, outputSize, output, cost: 'cross-entropy', ...more };
}

/** @throws RangeError naming what no network can have. */
export function assertModelConfiguration(model: ModelConfiguration): void {
  const { layers, inputs, inputSize, hiddenSize, outputSize, output, cost } = model;
  const least = inputs === 'symbols' ? 2 : 1;
  if (!Number.isInteger(inputSize) || inputSize < least) {
    throw new RangeError(
      inputs === 'symbols'
        ? `A vocabulary needs at least 2 symbols, not ${inputSize}.`
        : `A network needs at least 1 input, not ${inputSize}.`,
    );
  }
  if (!Number.isInteger(hiddenSize) || hiddenSize < 1) {
    throw new RangeError(`A network needs at least 1 hidden unit, not ${hiddenSize}.`);
  }
  if (!Number.isInteger(layers) || layers < 1 || layers > mostLayers) {
    throw new RangeError(`A network has 1 to ${mostLayers} layers, not ${layers}.`);
  }
  if (!Number.isInteger(outputSize) || outputSize < 1) {
    throw new RangeError(`A network needs at least 1 output, not ${outputSize}.`);
  }
  if (output === 'sigmoid' && inputs === 'symbols' && inputSize !== outputSize) {
    throw new RangeError(`With σ a network predicts the ${inputSize} symbols that it reads, not ${outputSize}.`);
  }
  if (output === 'log-softmax' && cost !== 'cross-entropy') {
    throw new RangeError('A log-softmax is over symbols or classes, and its cost is their cross-entropy.');
  }
  if (output === 'linear' && cost !== 'squared-error') {
    throw new RangeError('A linear output is any real number, and its cost is the squared error.');
  }
}

/** Whether a network predicts the symbols that it reads, so that it can go on from its own predictions. */
export const predictsItsInput = (model: ModelConfiguration): boolean =>
  model.inputs === 'symbols' && targetsOf(model) === 'symbols' && model.inputSize === model.outputSize;
