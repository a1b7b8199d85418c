import type { Run } from '../run.ts';

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
  const { session } = run;
  const { hiddenSize: H, cell } = run.model;
  const h = new Float32Array(ids.length * H);
  const z = new Float32Array(cell === 'gru' ? h.length : 0);
  const r = new Float32Array(z.length);
  let initialState: 'zero' | Float32Array<ArrayBuffer> = 'zero';
  // Longer texts than a session takes are read in pieces, each from the state in which the last one ended.
  for (let start = 0; start < ids.length; start += session.capacity.timesteps) {
    const inputs = ids.slice(start, start + session.capacity.timesteps);
    const batch = { rows: 1, timesteps: inputs.length, inputs, targets: inputs, initialState };
    const { states, gates } = await session.trace(batch);
    h.set(states.subarray(H), start * H);
    if (gates.z) z.set(gates.z, start * H);
    if (gates.r) r.set(gates.r, start * H);
    initialState = Float32Array.from(states.subarray(inputs.length * H));
  }
  const symbols = Array.from(ids, (id) => run.vocabulary.symbols[id]!);
  return { text, symbols, hidden: H, values: cell === 'gru' ? { h, z, r } : { h } };
}
