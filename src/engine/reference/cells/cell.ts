import type { Input, Matrix, Vector } from '../vectors.ts';

/** The parameters of one layer, or gradients by them, as flat matrices and vectors, by the names of the first layer. */
export type Parameters<Name extends string = string> = Readonly<Record<Name, Matrix>>;

/** A cell's states, `[H]` each, in the order of its description: h, or h and c. */
export type States = readonly [h: Vector, c?: Vector];

/** What one timestep computed, `[H]` each. */
export interface Timestep {
  /** The states it started from. */
  readonly before: States;
  /** The states it ended in. */
  readonly after: States;
  /** What became of each gate, by its letter. */
  readonly gates: Readonly<Record<string, Vector>>;
  /** m, what the candidates were multiplied with; only of a cell that has some. */
  readonly mask?: Vector;
}

/** ∂loss by what a timestep read. */
export interface Backward {
  /** By what stands between the states, `[H]` each, by the names of the equations: da of each gate, and dq where there is a q. */
  readonly inner: Readonly<Record<string, Vector>>;
  /** By the states it started from. */
  readonly before: States;
  /** By the input x, `[I]`; nothing where that is a symbol. */
  readonly x: Vector | undefined;
}

/** A recurrent cell, one timestep forward and one backward. */
export interface Cell {
  /**
   * The states meet the input x.
   *
   * @param mask m `[H]`, with which the candidates are multiplied, if the cell has some: 1 without dropout
   */
  step(parameters: Parameters, x: Input, before: States, mask: Vector): Timestep;
  /** From ∂loss by the states it ended in to the timestep's share of the gradients, which it adds up. */
  stepBackward(parameters: Parameters, x: Input, timestep: Timestep, g: States, gradients: Parameters): Backward;
}

/** A cell whose equations name its parameters, states and gates, for whoever has them by any name. */
export const cell = <Name extends string, Own extends States, Made extends Timestep>(own: {
  step(parameters: Parameters<Name>, x: Input, before: Own, mask: Vector): Made;
  stepBackward(parameters: Parameters<Name>, x: Input, timestep: Made, g: Own, gradients: Parameters<Name>): Backward;
}): Cell => own as unknown as Cell;
