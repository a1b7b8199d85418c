import type { Batch, Capacity } from '../engine/engine.ts';
import { Random } from '../model/random.ts';

/** Sequences of symbols side by side. */
export interface SymbolBatch extends Batch {
  readonly inputs: Uint32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
}

/**
 * Where the batches of a run come from. A batch is fixed by its step alone, so that a run can be taken up anywhere; its
 * arrays are used again for the next one.
 */
export type Batches = (step: number) => SymbolBatch;

/** The largest batch that a text of `length` symbols has room for. */
export function fitCapacity({ rows, timesteps }: Capacity, length: number): Capacity {
  return { rows, timesteps: Math.min(timesteps, length - 1) };
}

/** Windows from random places of the text, each from a zero state. */
export function randomWindows(text: Uint32Array, capacity: Capacity, seed: number): Batches {
  const batch = emptyBatch(capacity, 'zero');
  const random = new Random(seed);
  const starts = text.length - capacity.timesteps;
  return (step) => {
    random.position = 2 * capacity.rows * step;
    for (let row = 0; row < capacity.rows; row++) fillRow(batch, row, text, random.integer(starts));
    return batch;
  };
}

/**
 * The text cut into as many streams as there are rows, read side by side from one batch to the next with the state
 * carried over (truncated backpropagation through time); from the start again, from a zero state, when they end.
 */
export function contiguousStreams(text: Uint32Array, capacity: Capacity): Batches {
  const batches = { zero: emptyBatch(capacity, 'zero'), carried: emptyBatch(capacity, 'carried') };
  const stream = Math.max(capacity.timesteps, Math.floor((text.length - 1) / capacity.rows));
  const pieces = Math.floor(stream / capacity.timesteps);
  const last = text.length - 1 - capacity.timesteps;
  return (step) => {
    const piece = (step - 1) % pieces;
    const batch = batches[piece === 0 ? 'zero' : 'carried'];
    for (let row = 0; row < capacity.rows; row++) {
      // In a text too short for so many rows, the last ones read what others read.
      fillRow(
        batch,
        row,
        text,
        Math.min(row * stream, last - (pieces - 1) * capacity.timesteps) + piece * capacity.timesteps,
      );
    }
    return batch;
  };
}

/** A piece of a text, and which part of what is counted of that text it counts. */
export type Piece = SymbolBatch & { readonly share: number };

/**
 * A whole text, cut into as many streams as keep at least `capacity.timesteps` symbols each: in one piece, or in several of
 * which each counts the next `longest` timesteps. A later one finds out in which state they begin by reading as many symbols
 * before them as the session has timesteps.
 */
export function* wholeText(text: Uint32Array, capacity: Capacity, longest: number): Iterable<Piece> {
  const rows = Math.max(1, Math.min(capacity.rows, Math.floor((text.length - 1) / capacity.timesteps)));
  const timesteps = Math.floor((text.length - 1) / rows);
  for (let counted = 0; counted < timesteps; counted += longest) {
    const first = Math.max(0, counted - capacity.timesteps);
    const end = Math.min(counted + longest, timesteps);
    const batch = emptyBatch({ rows, timesteps: end - first }, 'zero');
    for (let row = 0; row < rows; row++) fillRow(batch, row, text, row * timesteps + first);
    yield { ...batch, countFrom: counted - first, share: (end - counted) / timesteps };
  }
}

function emptyBatch({ rows, timesteps }: Capacity, initialState: 'zero' | 'carried'): SymbolBatch {
  const inputs = new Uint32Array(rows * timesteps);
  return { rows, timesteps, inputs, targets: new Uint32Array(inputs.length), initialState };
}

function fillRow(
  { rows, timesteps, inputs, targets }: SymbolBatch,
  row: number,
  text: Uint32Array,
  start: number,
): void {
  for (let t = 0; t < timesteps; t++) {
    inputs[t * rows + row] = text[start + t]!;
    targets[t * rows + row] = text[start + t + 1]!;
  }
}
