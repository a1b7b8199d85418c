/** What a network is: its cell and its two sizes. Everything else about it is in its parameters. */
export interface ModelConfiguration {
  /** The recurrent cell: `gru`, with the reset gate before the recurrent product (Cho et al. 2014). */
  readonly cell: 'gru';
  /** V: how many symbols there are, of which one goes in and one is predicted at each timestep. */
  readonly vocabularySize: number;
  /** H: how many hidden units carry the state from one timestep to the next. */
  readonly hiddenSize: number;
}

/** @throws RangeError naming the size that no network can have. */
export function assertModelConfiguration(model: ModelConfiguration): void {
  if (!Number.isInteger(model.vocabularySize) || model.vocabularySize < 2) {
    throw new RangeError(`A vocabulary needs at least 2 symbols, not ${model.vocabularySize}.`);
  }
  if (!Number.isInteger(model.hiddenSize) || model.hiddenSize < 1) {
    throw new RangeError(`A network needs at least 1 hidden unit, not ${model.hiddenSize}.`);
  }
}
