import { demandText } from '../../data/text/task.ts';
import type { Cell } from '../../model/cells/cells.ts';
import type { Run } from '../run.ts';
import { traceText } from './trace.ts';

/** The most characters that are read at a time. */
export const longestReading = 240;

/** What the gates and states of one layer did while its network read a text from zero states. */
export interface Reading {
  readonly text: string;
  /** One for each timestep. */
  readonly symbols: readonly string[];
  readonly cell: Cell;
  /** Which layer, from 0, of how many. */
  readonly layer: number;
  readonly layers: number;
  /** H */
  readonly hidden: number;
  /** By their names in the equations, gates and states after each symbol, `[T][H]` each. */
  readonly values: Readonly<Record<string, Float32Array>>;
}

/**
 * Has the network read a text, and watches one of its layers, or if it has not so many, the last.
 *
 * @throws RangeError naming a character that the network does not know, or asking for text where there is none
 */
export async function readText(run: Run, text: string, layer = 0): Promise<Reading> {
  const { vocabulary } = demandText(run.task).encoding;
  const ids = vocabulary.encode(text).slice(0, longestReading);
  if (ids.length === 0) throw new RangeError('A text to read needs at least one character.');
  const { cell, layers: count, hiddenSize: hidden } = run.model;
  const { layers } = await traceText(run.network, ids);
  const symbols = Array.from(ids, (id) => vocabulary.symbols[id]!);
  const seen = Math.min(layer, count - 1);
  return { text, symbols, cell, layer: seen, layers: count, hidden, values: layers[seen]! };
}
