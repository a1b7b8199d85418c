import type { Given, Syntax } from './options.ts';

/** A command of the command line. */
export interface Command extends Syntax {
  /** What it does, in a sentence or a few. */
  readonly summary: string;
  /** Whether nothing is lost with what it prints: what it is run for is a file. */
  readonly printsByTheWay?: true;
  /**
   * Does it.
   *
   * @returns the exit code
   * @throws RangeError or CapacityError in one sentence if it was asked for what cannot be; Error if it did not succeed
   */
  run(given: Given): Promise<number>;
}
