import type { Batch, Capacity } from '../engine/engine.ts';
import { Random } from '../model/random.ts';

/**
 * Batches cut out of one long sequence, such as a text or a series. A place of the sequence is where it is read and something
 * should come out: at place p goes in what stands there, and what should come out stands `ahead` further on.
 */

/** Symbols, or the elements of vectors. */
export type Values = Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** A long sequence: one symbol, or one vector, behind the other. */
export interface Sequence<Kind extends Values = Values> {
  /** N: how many symbols or vectors there are; more than `ahead`. */
  readonly length: number;
  /** What goes in, `[N]` or `[N][I]`. */
  readonly inputs: Kind;
  /** What should come out, `[N]` or `[N][O]`. */
  readonly targets: Kind;
  /** How far behind a place its target stands. At least 1. */
  readonly ahead: number;
  /** Which targets are there, `[N]`: 0 where one is absent. All are if it is left out. */
  readonly counts?: Uint8Array<ArrayBuffer>;
}

/** A batch cut out of a sequence. */
export interface SequenceBatch<Kind extends Values> extends Batch {
  readonly inputs: Kind;
  readonly targets: Kind;
}

/**
 * Where the batches of a run come from. A batch is fixed by its step alone, so that a run can be taken up anywhere; its
 * arrays are used again for the next one.
 */
export type Batches<Kind extends Values> = (step: number) => SequenceBatch<Kind>;

/** How many places a sequence has: of its last ones nobody knows what should come out. */
export const placesOf = ({ length, ahead }: Pick<Sequence, 'length' | 'ahead'>): number => length - ahead;

/** The first `length` symbols or vectors of a sequence, as views. */
export function beginningOf<Kind extends Values>(sequence: Sequence<Kind>, length: number): Sequence<Kind> {
  const { inputs, targets, counts } = sequence;
  const take = (values: Kind) => values.subarray(0, (values.length / sequence.length) * length) as Kind;
  return {
    ...sequence,
    length,
    inputs: take(inputs),
    targets: take(targets),
    ...(counts && { counts: counts.subarray(0, length) }),
  };
}

/** How many of the places from `first` to before `end` have a target. */
export function countedBetween({ ahead, counts }: Sequence, first: number, end: number): number {
  if (counts === undefined) return end - first;
  let counted = 0;
  for (let place = first; place < end; place++) counted += counts[place + ahead]!;
  return counted;
}

/** How many timesteps lead in: those of streams go on from the ones before. */
export const leadInOf = ({ batches, leadIn }: { readonly batches: 'windows' | 'streams'; readonly leadIn: number }) =>
  batches === 'windows' ? leadIn : 0;

/** The largest batch that a sequence has room for. */
export const fitCapacity = ({ rows, timesteps }: Capacity, places: number): Capacity => ({
  rows,
  timesteps: Math.min(timesteps, places),
});

/**
 * Windows from random places of the sequence, each from a zero state; in each of them something counts.
 *
 * @param capacity of no more timesteps than the sequence has places
 * @param leadIn the timesteps at the beginning of each window that do not count: they bring the state about. Below T
 * @throws RangeError if there is no such window
 */
export function randomWindows<Kind extends Values>(
  sequence: Sequence<Kind>,
  capacity: Capacity,
  seed: number,
  leadIn = 0,
): Batches<Kind> {
  const batch = { ...emptyBatch(sequence, capacity, 'zero'), ...(leadIn > 0 && { countFrom: leadIn }) };
  const random = new Random(seed);
  const starts = startsThatCount(sequence, capacity.timesteps, leadIn);
  const count = starts?.length ?? placesOf(sequence) + 1 - capacity.timesteps;
  if (count === 0) {
    throw new RangeError(
      'In no window there is a target after its lead-in: set a shorter lead-in or a longer sequence.',
    );
  }
  return (step) => {
    random.position = 2 * capacity.rows * step;
    for (let row = 0; row < capacity.rows; row++) {
      const drawn = random.integer(count);
      fillRow(batch, row, sequence, starts?.[drawn] ?? drawn, capacity.timesteps);
    }
    return batch;
  };
}

/** Where windows can begin in which something counts; `undefined` if that is anywhere. */
function startsThatCount(sequence: Sequence, timesteps: number, leadIn: number): Uint32Array<ArrayBuffer> | undefined {
  const { ahead, counts } = sequence;
  if (counts === undefined) return undefined;
  const starts = new Uint32Array(placesOf(sequence) + 1 - timesteps);
  let found = 0;
  let counted = countedBetween(sequence, leadIn, timesteps);
  for (let start = 0; start < starts.length; start++) {
    if (counted > 0) starts[found++] = start;
    counted += (counts[start + timesteps + ahead] ?? 0) - counts[start + leadIn + ahead]!;
  }
  return starts.subarray(0, found);
}

/**
 * The sequence cut into as many streams as there are rows, read side by side from one batch to the next with the state
 * carried over (truncated backpropagation through time); from the start again, from a zero state, when they end. A batch in
 * which nothing would count is passed over, and the next one begins from a zero state as well.
 *
 * @param capacity of no more timesteps than the sequence has places
 * @throws RangeError if nothing counts in any batch
 */
export function contiguousStreams<Kind extends Values>(sequence: Sequence<Kind>, capacity: Capacity): Batches<Kind> {
  const { rows, timesteps } = capacity;
  const batches = {
    zero: emptyBatch(sequence, capacity, 'zero'),
    carried: emptyBatch(sequence, capacity, 'carried'),
  };
  const stream = Math.max(timesteps, Math.floor(placesOf(sequence) / rows));
  const pieces = Math.floor(stream / timesteps);
  const last = placesOf(sequence) - timesteps;
  // In a sequence too short for so many rows, the last ones read what others read.
  const startOf = (row: number, piece: number) =>
    Math.min(row * stream, last - (pieces - 1) * timesteps) + piece * timesteps;
  const counting = Array.from({ length: pieces }, (_, piece) => piece).filter((piece) => {
    const starts = Array.from({ length: rows }, (_, row) => startOf(row, piece));
    return starts.some((start) => countedBetween(sequence, start, start + timesteps) > 0);
  });
  if (counting.length === 0) throw new RangeError('In no stream there is a target: learn from windows instead.');
  return (step) => {
    const index = (step - 1) % counting.length;
    const piece = counting[index]!;
    const goesOn = index > 0 && counting[index - 1] === piece - 1;
    const batch = batches[goesOn ? 'carried' : 'zero'];
    for (let row = 0; row < rows; row++) fillRow(batch, row, sequence, startOf(row, piece), timesteps);
    return batch;
  };
}

/** A piece of the end of a sequence. */
export type EndPiece<Kind extends Values> = SequenceBatch<Kind> & {
  /** Which share of all that counts the piece counts. */
  readonly share: number;
  /** Of each row, how many places after the first of the end the one stands that counts first. */
  readonly places: readonly number[];
};

/** Places that are read before those that count, unless a session reads more at once: as far back as states matter. */
const leastBefore = 64;

/** How many places a session reads to find out in which state those that follow `before` places are met. */
export const placesBefore = (before: number, { timesteps }: Capacity): number =>
  Math.min(Math.max(timesteps, leastBefore), before);

/** The least that a piece of the end counts, in timesteps: so it takes no more work than a training step. */
export const leastOfPiece = (before: number, capacity: Capacity): number => 2 * placesBefore(before, capacity);

/**
 * The end of a sequence, each of whose places is counted once, cut into as many stretches side by side as leave each a
 * session's sequence: in one piece, or in several of which each counts the next `longest` timesteps. No state is blank where it
 * counts: before each stretch, and again before each piece, those places are read that bring its state about, of the first
 * stretch those before the end. A piece in which nothing would count is left out.
 *
 * @param before how many places stand before the end; fewer than there are
 */
export function* endOf<Kind extends Values>(
  sequence: Sequence<Kind>,
  before: number,
  capacity: Capacity,
  longest: number,
): Iterable<EndPiece<Kind>> {
  const length = placesOf(sequence) - before;
  const total = countedBetween(sequence, before, before + length);
  const read = placesBefore(before, capacity);
  const rows = Math.max(1, Math.min(capacity.rows, Math.floor(length / Math.max(capacity.timesteps, leastBefore))));
  const starts = Array.from({ length: rows + 1 }, (_, row) => Math.floor((row * length) / rows));
  const stretch = Math.ceil(length / rows);
  for (let first = 0; first < stretch; first += longest) {
    const end = Math.min(first + longest, stretch);
    const batch = emptyBatch(sequence, { rows, timesteps: read + end - first }, 'zero');
    const lengths = new Uint32Array(rows);
    const places = starts.slice(0, rows).map((start) => start + first);
    let counted = 0;
    for (const [row, place] of places.entries()) {
      const count = Math.min(end - first, starts[row + 1]! - place);
      lengths[row] = read + count;
      counted += countedBetween(sequence, before + place, before + place + count);
      fillRow(batch, row, sequence, before + place - read, read + count);
    }
    if (counted === 0) continue;
    // Of stretches that are not equally long, some end one timestep before the others.
    const ends = lengths.some((one) => one < batch.timesteps) ? { lengths } : {};
    yield { ...batch, ...ends, countFrom: read, share: counted / total, places };
  }
}

function emptyBatch<Kind extends Values>(
  { length, inputs, targets, counts }: Sequence<Kind>,
  { rows, timesteps }: Capacity,
  initialState: 'zero' | 'carried',
): SequenceBatch<Kind> {
  const size = rows * timesteps;
  /** As many elements of the same type as so many places have. */
  const room = (values: Kind) =>
    new (values.constructor as new (size: number) => Kind)((values.length / length) * size);
  return {
    rows,
    timesteps,
    inputs: room(inputs),
    targets: room(targets),
    initialState,
    ...(counts && { counts: new Uint8Array(size) }),
  };
}

/** Puts the places of a sequence from `start` on into the first `timesteps` of a row. */
function fillRow<Kind extends Values>(
  { rows, inputs, targets, counts }: SequenceBatch<Kind>,
  row: number,
  sequence: Sequence<Kind>,
  start: number,
  timesteps: number,
): void {
  copyRow(inputs, row, rows, sequence.inputs, start, timesteps, sequence.length);
  copyRow(targets, row, rows, sequence.targets, start + sequence.ahead, timesteps, sequence.length);
  if (counts && sequence.counts) {
    copyRow(counts, row, rows, sequence.counts, start + sequence.ahead, timesteps, sequence.length);
  }
}

/** Copies the symbols or vectors from `start` on, of `length`, into a row of `[T][rows]` or `[T][rows][width]`. */
function copyRow<Numbers extends Values | Uint8Array>(
  to: Numbers,
  row: number,
  rows: number,
  from: Numbers,
  start: number,
  timesteps: number,
  length: number,
): void {
  const width = from.length / length;
  for (let t = 0; t < timesteps; t++) {
    const [target, source] = [(t * rows + row) * width, (start + t) * width];
    for (let i = 0; i < width; i++) to[target + i] = from[source + i]!;
  }
}
