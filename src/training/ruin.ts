import type { ModelConfiguration } from '../model/configuration.ts';

/** The loss in nats of a network that has learned nothing: of each symbol it says what it says of any other. */
export const lossOfNothing = ({ output, outputSize }: Pick<ModelConfiguration, 'output' | 'outputSize'>): number =>
  output === 'sigmoid' ? outputSize * Math.LN2 : Math.log(outputSize);

/**
 * Whether a training has come to nothing although its numbers are finite, as after steps that were too long: a network that has
 * lost half of what the best one that was saved had learned does not take its place.
 */
export class RuinWatch {
  readonly #nothing: number;
  #best = Number.POSITIVE_INFINITY;

  constructor(model: Pick<ModelConfiguration, 'output' | 'outputSize'>) {
    this.#nothing = lossOfNothing(model);
  }

  /** The least loss of a network that was saved, in nats; infinite before. */
  get best(): number {
    return this.#best;
  }

  /** @param loss of a network that is to be saved, in nats */
  ruins(loss: number): boolean {
    return this.#best < this.#nothing && !(loss <= (this.#best + this.#nothing) / 2);
  }

  /** @param loss of a network that was saved, in nats */
  saved(loss: number): void {
    if (loss < this.#best) this.#best = loss;
  }
}
