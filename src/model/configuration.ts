/** The recurrent cells there are. */
export const cells = ['gru', 'rnn'] as const;
/** What a network may make of its logits. */
export const outputs = ['log-softmax', 'sigmoid'] as const;
/** How far its outputs are from the targets may be counted as this. */
export const costs = ['cross-entropy', 'squared-error'] as const;

export type Cell = (typeof cells)[number];
export type Output = (typeof outputs)[number];
export type Cost = (typeof costs)[number];

/** What a network is: what goes in, its cell, what comes out, and their sizes. All else about it is in its parameters. */
export interface ModelConfiguration {
  /**
   * `gru`: the gated recurrent unit with its reset gate before the recurrent product (Cho et al. 2014). `rnn`: the
   * textbook's, h' = σ(x U + h W + b).
   */
  readonly cell: Cell;
  /** What goes in at each timestep, and what the outputs are compared with: one symbol, or a vector of real numbers. */
  readonly inputs: 'symbols' | 'vectors';
  /** I: how many symbols there are (V), or how long the vectors are that go in. */
  readonly inputSize: number;
  /** H: how many hidden units carry the state from one timestep to the next. */
  readonly hiddenSize: number;
  /** O: how many symbols there are (V), or how long the vectors are that should come out. */
  readonly outputSize: number;
  /**
   * `log-softmax`: the probabilities of symbols of which one is right. `sigmoid`: each output for itself, between 0 and 1;
   * several may be right.
   */
  readonly output: Output;
  /**
   * `cross-entropy`: −log p(target), or for `sigmoid` the binary one, −Σ t log y + (1 − t) log(1 − y), in nats.
   * `squared-error`, for `sigmoid` alone: ½ Σ (y − t)².
   */
  readonly cost: Cost;
}

/** A network that reads symbols and predicts which comes next. */
export function symbolModel(
  cell: Cell,
  vocabularySize: number,
  hiddenSize: number,
  output: Output = 'log-softmax',
): ModelConfiguration {
  const [inputSize, outputSize] = [vocabularySize, vocabularySize];
  return { cell, inputs: 'symbols', inputSize, hiddenSize, outputSize, output, cost: 'cross-entropy' };
}

/** @throws RangeError naming what no network can have. */
export function assertModelConfiguration(model: ModelConfiguration): void {
  const { inputs, inputSize, hiddenSize, outputSize, output, cost } = model;
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
  if (!Number.isInteger(outputSize) || outputSize < 1) {
    throw new RangeError(`A network needs at least 1 output, not ${outputSize}.`);
  }
  if (inputs === 'symbols' && inputSize !== outputSize) {
    throw new RangeError(`A network predicts the ${inputSize} symbols that it reads, not ${outputSize}.`);
  }
  if (output === 'log-softmax' && (inputs !== 'symbols' || cost !== 'cross-entropy')) {
    throw new RangeError('A log-softmax is over symbols, and its cost is their cross-entropy.');
  }
}
