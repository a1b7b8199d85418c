import type { Batch, Capacity } from '../../engine/engine.ts';
import { Random } from '../../model/random.ts';

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

/**
 * Windows from random places of the text, each from a zero state.
 *
 * @param leadIn the timesteps at the beginning of each window that do not count: they bring the state about. Below T
 */
export function randomWindows(text: Uint32Array, capacity: Capacity, seed: number, leadIn = 0): Batches {
  const batch = { ...emptyBatch(capacity, 'zero'), ...(leadIn > 0 && { countFrom: leadIn }) };
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

/** A piece of the held-out text. */
export type Piece = SymbolBatch & {
  /** Which share of the text the piece counts. */
  readonly share: number;
  /** Where in the text the first symbol of each row stands that counts. */
  readonly places: readonly number[];
};

/** Symbols that are read before those that count, unless a session reads more at once: as far back as states matter. */
const leastBefore = 64;

/** How many symbols a session reads of a text to find out in which state those that follow are met. */
const symbolsBefore = (training: Uint32Array, { timesteps }: Capacity): number =>
  Math.min(Math.max(timesteps, leastBefore), training.length - 1);

/** The least that a piece of the held-out text counts, in timesteps: so it takes no more work than a training step. */
export const leastOfPiece = (training: Uint32Array, capacity: Capacity): number =>
  2 * symbolsBefore(training, capacity);

/**
 * The held-out text, each of whose symbols is counted once, cut into as many stretches side by side as leave each a session's
 * sequence: in one piece, or in several of which each counts the next `longest` timesteps. No state is blank where it counts:
 * before each stretch, and again before each piece, those symbols are read that bring its state about, of the first stretch the
 * end of the training text.
 *
 * @param training at least one symbol
 * @param validation what follows them in the text, at least one symbol
 */
export function* heldOutText(
  training: Uint32Array,
  validation: Uint32Array,
  capacity: Capacity,
  longest: number,
): Iterable<Piece> {
  const { length } = validation;
  const before = symbolsBefore(training, capacity);
  const rows = Math.max(1, Math.min(capacity.rows, Math.floor(length / Math.max(capacity.timesteps, leastBefore))));
  const starts = Array.from({ length: rows + 1 }, (_, row) => Math.floor((row * length) / rows));
  const stretch = Math.ceil(length / rows);
  const symbolAt = (place: number) => (place < 0 ? training[training.length + place] : validation[place])!;
  for (let first = 0; first < stretch; first += longest) {
    const end = Math.min(first + longest, stretch);
    const batch = emptyBatch({ rows, timesteps: before + end - first }, 'zero');
    const lengths = new Uint32Array(rows);
    const places = starts.slice(0, rows).map((start) => start + first);
    let counted = 0;
    for (const [row, from] of places.entries()) {
      const count = Math.min(end - first, starts[row + 1]! - from);
      lengths[row] = before + count;
      counted += count;
      for (let t = 0; t < before + count; t++) {
        const place = from - before + t;
        batch.inputs[t * rows + row] = symbolAt(place - 1);
        batch.targets[t * rows + row] = symbolAt(place);
      }
    }
    // Of stretches that are not equally long, some end one timestep before the others.
    const ends = counted < rows * (end - first) ? { lengths } : {};
    yield { ...batch, ...ends, countFrom: before, share: counted / length, places };
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
