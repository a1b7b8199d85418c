import type { Cell } from '../../../model/configuration.ts';
import type { Trace } from '../../engine.ts';
import type { Kernels } from '../kernels.ts';
import type { MemoryPlan, Own } from '../memory.ts';
import { gru } from './gru.ts';
import { rnn } from './rnn.ts';

/** All in which one cell differs from another. */
export interface CellKind {
  /** How many gates there are of each group: see `Gate`. The first reads the state. */
  readonly groups: readonly number[];
  /** What each gate is called in a trace, in the order of their parameters; none where there is nothing to see. */
  readonly traced: readonly (keyof Trace['gates'])[];
  /** The bias of a padding unit, which keeps its state at 0. */
  readonly paddingBias: number;
  /** The cell at work on the rows of one member. */
  start(kernels: Kernels, plan: MemoryPlan, own: Own): Timesteps;
}

/** One timestep forward, and one back, for `rows` rows. */
export interface Timesteps {
  /** From the states and x U + b, which lies in the gates' place, to the gates and the next states. */
  forward(t: number, rows: number): void;
  /** From ∂loss/∂h after the timestep to da, in the gates' place, and to its share of ∂loss/∂h before, which it adds. */
  backward(t: number, rows: number): void;
}

export const cells: Readonly<Record<Cell, CellKind>> = { gru, rnn };
