/**
 * What a recurrent cell is, as plain data. Engines, files and pages derive from it all that one cell has and another has
 * not; the pointwise equations alone are code, in a file of each engine.
 */

/**
 * One of the affine functions that a cell is made of: a = x U + operand W + b, without the terms that it has no parameter
 * for. Then the cell makes of it what its letter stands for.
 */
export interface Gate {
  /** What the equations call what becomes of it: z, r, c. */
  readonly letter: string;
  /** The names of U `[I, H]`, W `[H, H]` and b `[H]`. */
  readonly input?: string;
  readonly recurrent?: string;
  readonly bias: string;
  /** What a page calls it; without one it is not shown, nor traced. */
  readonly title?: string;
  /** What it does, for a page to say after its letter: “lets what is new into a unit”. */
  readonly does?: string;
}

/** Gates that are computed together, because their recurrent products read the same. */
export interface Phase {
  /** What they read: the state h, or q, what the phase before made of it. */
  readonly operand: 'h' | 'q';
  /** Those with a recurrent product come before those without. */
  readonly gates: readonly Gate[];
}

/** A cell's state: h, which the outputs and the layer above read, and what is carried on beside it. */
export type StateName = 'h' | 'c';

/** What one cell has and another has not. */
export interface CellDescription {
  /** What people call it, in one word. */
  readonly title: string;
  /** In a sentence, for whoever chooses one. */
  readonly summary: string;
  /** All that is carried from one timestep to the next. */
  readonly states: readonly ['h', ...StateName[]];
  /** One or two of them, in order; the last one ends in the next state. */
  readonly phases: readonly [Phase, Phase?];
  /** The letter of the gate that is what is new in the next state, if the cell has one: dropout may leave it out. */
  readonly candidate?: string;
  /** The name of the output's bias; its matrix is V. */
  readonly outputBias: string;
  /** Whether it makes something else than 0 of zeros, so that units which are only padding have to be held at 0. */
  readonly restless?: true;
}
