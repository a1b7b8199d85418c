import type { Vocabulary } from './vocabulary.ts';

/** A variable of real numbers. A network reads and predicts (value − mean) / deviation. */
export interface Variable {
  readonly name: string;
  readonly mean: number;
  /** Above 0. */
  readonly deviation: number;
}

/**
 * How what goes into a network and what comes out is written as numbers: what has to be known to use it without the data that it
 * has learned from.
 */
export interface Encoding {
  /** The symbols that go in, and come out again where the network predicts what it reads. */
  readonly vocabulary?: Vocabulary;
  /** The variables that go in, `[I]`. */
  readonly inputs?: readonly Variable[];
  /** The name of each class that is told apart, `[O]`. */
  readonly classes?: readonly string[];
  /** The variables that come out, `[O]`. */
  readonly outputs?: readonly Variable[];
  /** Of a series: how many rows ahead of what went in last the outputs are. */
  readonly ahead?: number;
  /** Whether outputs mean something after each timestep, or only at a sequence's end. */
  readonly answers?: 'timestep' | 'end';
}

/** The encoding that a file, or whatever else has one, is among other things. */
export function encodingIn({ vocabulary, inputs, classes, outputs, ahead, answers }: Encoding): Encoding {
  return {
    ...(vocabulary && { vocabulary }),
    ...(inputs && { inputs }),
    ...(classes && { classes }),
    ...(outputs && { outputs }),
    ...(ahead !== undefined && { ahead }),
    ...(answers && { answers }),
  };
}
