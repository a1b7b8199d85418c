import type { Run } from '../run.ts';
import { traceText } from './trace.ts';

/** The most characters that are read at a time. */
export const longestReading = 240;

/** What a network's gates and states did while it read a text from a zero state. */
export interface Reading {
  readonly text: string;
  /** One for each timestep. */
  readonly symbols: readonly string[];
  /** H */
  readonly hidden: number;
  /** By the names of the equations, after each symbol, `[T][H]`. An RNN has no gates. */
  readonly values: { readonly h: Float32Array; readonly z?: Float32Array; readonly r?: Float32Array };
}

/**
 * Has the network read a text, and watches it.
 *
 * @throws RangeError naming a character that the network does not know, or asking for text where there is none
 */
export async function readText(run: Run, text: string): Promise<Reading> {
  const ids = run.vocabulary.encode(text).slice(0, longestReading);
  if (ids.length === 0) throw new RangeError('A text to read needs at least one character.');
  const { h, gates } = await traceText(run.session, ids);
  const symbols = Array.from(ids, (id) => run.vocabulary.symbols[id]!);
  return { text, symbols, hidden: run.model.hiddenSize, values: { h, ...gates } };
}
