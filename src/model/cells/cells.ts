import type { CellDescription, Gate, StateName } from './description.ts';
import { gru } from './gru.ts';
import { gruAfter } from './gru-after.ts';
import { lstm } from './lstm.ts';
import { rnn } from './rnn.ts';
import { rnnTanh } from './rnn-tanh.ts';

/** The recurrent cells there are, by the names that settings and files have for them. */
export const cellDescriptions = {
  gru,
  'gru-after': gruAfter,
  lstm,
  rnn,
  'rnn-tanh': rnnTanh,
} as const satisfies Record<string, CellDescription>;

/** A recurrent cell, by its name. */
export type Cell = keyof typeof cellDescriptions;

/** The names of all cells. */
export const cells = Object.keys(cellDescriptions) as unknown as readonly [Cell, ...Cell[]];

/** What a cell is. */
export const describeCell = (cell: Cell): CellDescription => cellDescriptions[cell];

/** A cell's phases, one or two. */
export const phasesOf = (cell: Cell) => describeCell(cell).phases.flatMap((phase) => phase ?? []);

/** All gates of a cell, in the order in which engines keep them: phase by phase. */
export const gatesOf = (cell: Cell): readonly Gate[] => phasesOf(cell).flatMap(({ gates }) => gates);

/** The gates that a trace holds, and a page shows. */
export const tracedGates = (cell: Cell): readonly Gate[] => gatesOf(cell).filter(({ title }) => title !== undefined);

/** Whether a cell has gates to be shown. The others carry their state on as it comes: one of these is there to compare with. */
export const isGated = (cell: Cell): boolean => tracedGates(cell).length > 0;

/** The cell that one is compared with: the first with gates for one without, the first without for one with gates. */
export const comparedWith = (cell: Cell): Cell => cells.find((other) => isGated(other) !== isGated(cell))!;

/** One of the states that a network carries from one timestep to the next. */
export interface NetworkState {
  /** Counted from 0. */
  readonly layer: number;
  readonly name: StateName;
}

/** All states of a network, layer by layer, in the order in which they lie in `[S][B][H]`. */
export const statesOf = ({ cell, layers }: { readonly cell: Cell; readonly layers: number }): NetworkState[] =>
  Array.from({ length: layers }, (_, layer) => describeCell(cell).states.map((name) => ({ layer, name }))).flat();
