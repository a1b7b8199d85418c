import { type Cell, describeCell, gatesOf } from '../model/cells/cells.ts';
import type { Capacity } from './engine.ts';
import { rowsAtOnce } from './parts.ts';

/** What is needed of each weight: itself, its gradient, and Adam's two moments. */
const copies = 4;

/** The sizes that decide how much memory a network takes. */
export interface Sizes extends Capacity {
  readonly cell: Cell;
  readonly layers: number;
  /** H */
  readonly hidden: number;
}

/**
 * The bytes that training takes on any engine, at the least: of each timestep and layer the states, their gradients and the
 * gates, `[T][B][H]` each for the rows of a part, and the weights between hidden units. What depends on the vocabulary is left
 * out, so that this is known before there is a network.
 */
export function leastMemory({ cell, layers, hidden: H, ...capacity }: Sizes): number {
  const [T, B] = [capacity.timesteps, rowsAtOnce(capacity)];
  const gates = gatesOf(cell);
  const states = describeCell(cell).states.length;
  const recurrent = gates.filter(({ recurrent }) => recurrent).length;
  const inputs = gates.filter(({ input }) => input).length;
  const weights = (layers * recurrent + (layers - 1) * inputs) * H * H;
  return 4 * (layers * (2 * states + gates.length) * T * B * H + copies * weights);
}
