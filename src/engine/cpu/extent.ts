import { type Droppable, dropBelow } from '../dropout.ts';
import type { Dropout } from '../engine.ts';

/** Which rows are under way, and how far they go. */
export interface Extent {
  /** R, padding included. */
  readonly rows: number;
  /** T */
  readonly timesteps: number;
  /** How many timesteps each row has, where not all have T. */
  readonly lengths?: Uint32Array | undefined;
  /** The number of the first row in the whole batch. */
  readonly first: number;
  /** What they leave out. */
  readonly dropout?: Dropout | undefined;
}

/** Rows of numbers in memory: where the first starts, and how far it is from one to the next, in bytes. */
export interface Matrix {
  readonly address: number;
  readonly stride: number;
}

/** Whether some of that is left out. */
export const drops = ({ dropout }: Extent, what: Droppable): boolean =>
  dropout !== undefined && dropBelow(dropout[what]) > 0;

/** The address of a row. */
export const at = ({ address, stride }: Matrix, row: number): number => address + stride * row;

/** The rows from one on. */
export const rowsFrom = (matrix: Matrix, row: number): Matrix => ({ ...matrix, address: at(matrix, row) });

/** The rows of T·R from a timestep on cut into chunks: first row and count of each. */
export function* chunks({ rows, timesteps }: Extent, size: number, from = 0): Iterable<readonly [number, number]> {
  const total = timesteps * rows;
  for (let first = from * rows; first < total; first += size) yield [first, Math.min(size, total - first)];
}
