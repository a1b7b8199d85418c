import { describe, expect, it } from 'vitest';
import {
  beginningOf,
  contiguousStreams,
  type EndPiece,
  endOf,
  placesOf,
  randomWindows,
  type Sequence,
  type SequenceBatch,
} from '../../src/data/windows.ts';
import { countedPlaces, isCounted } from '../../src/engine/batch.ts';

type Vectors = Float32Array<ArrayBuffer>;

/** Rows of two numbers that tell their row, with three to predict, of which those that `isAbsent` says are not there. */
function sequenceOf(length: number, ahead: number, isAbsent?: (row: number) => boolean): Sequence<Vectors> {
  const rows = Array.from({ length }, (_, row) => row);
  return {
    length,
    ahead,
    inputs: Float32Array.from(rows.flatMap((row) => [row, -row])),
    targets: Float32Array.from(rows.flatMap((row) => [row, row + 0.25, row + 0.5])),
    ...(isAbsent && { counts: Uint8Array.from(rows, (row) => Number(!isAbsent(row))) }),
  };
}

/** The places of a batch, row by row: the row that goes in, the one that should come out, and whether that counts. */
function placesIn(batch: SequenceBatch<Vectors>, sequence: Sequence<Vectors>) {
  const { rows, timesteps, inputs, targets, lengths } = batch;
  const places = Array.from({ length: rows }, (_, b) =>
    Array.from({ length: lengths?.[b] ?? timesteps }, (_, t) => {
      const at = t * rows + b;
      const counts = isCounted(batch, t, b);
      return { t, row: inputs[2 * at]!, target: targets[3 * at]!, counts, at };
    }),
  );
  const wrong = places.flat().filter(({ t, row, target, counts, at }) => {
    const shouldCount = t >= (batch.countFrom ?? 0) && sequence.counts?.[target] !== 0;
    const vectors = [...inputs.subarray(2 * at, 2 * at + 2), ...targets.subarray(3 * at, 3 * at + 3)];
    const expected = [row, -row, target, target + 0.25, target + 0.5];
    return counts !== shouldCount || target !== row + sequence.ahead || vectors.some((x, i) => x !== expected[i]);
  });
  expect(wrong).toEqual([]);
  return places;
}

const capacity = { rows: 3, timesteps: 4 };

describe('Windows', () => {
  it('are rows in their order, each with the one that stands so far ahead, and reach all of them', () => {
    const sequence = sequenceOf(30, 5);
    const seen = new Set<number>();
    const batches = randomWindows(sequence, capacity, 1);
    for (let step = 1; step <= 300; step++) {
      for (const window of placesIn(batches(step), sequence)) {
        expect(window.map(({ row }) => row)).toEqual([0, 1, 2, 3].map((t) => window[0]!.row + t));
        for (const { target } of window) seen.add(target);
      }
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => 5 + i));
  });

  it('begin wherever something counts after the lead-in, and nowhere else', () => {
    const sequence = sequenceOf(40, 2, (row) => row % 13 !== 6);
    const starts = new Set<number>();
    const batches = randomWindows(sequence, capacity, 1, 2);
    for (let step = 1; step <= 300; step++) {
      for (const window of placesIn(batches(step), sequence)) {
        expect(window.some(({ counts }) => counts)).toBe(true);
        starts.add(window[0]!.row);
      }
    }
    // A target at 6, 19 or 32, of the third or the fourth timestep.
    expect([...starts].sort((a, b) => a - b)).toEqual([1, 2, 14, 15, 27, 28]);
  });

  it('say so where nothing counts', () => {
    const sequence = sequenceOf(20, 1, (row) => row !== 2);
    expect(() => randomWindows(sequence, capacity, 1, 3)).toThrow(/In no window/);
    expect(randomWindows(sequence, capacity, 1, 1)(1).inputs[0]).toBe(0);
  });
});

describe('Streams', () => {
  it('pass over batches in which nothing counts, and go on from a zero state', () => {
    // 48 places in 3 streams of 16: pieces of 4, of which the second has no target in any stream.
    const sequence = sequenceOf(50, 2, (row) => [4, 5, 6, 7].includes((row - 2) % 16));
    const batches = contiguousStreams(sequence, capacity);
    const steps = [1, 2, 3, 4].map((step) => {
      const batch = batches(step);
      const firsts = placesIn(batch, sequence).map((row) => row[0]!.row);
      return { state: batch.initialState, firsts };
    });
    expect(steps).toEqual([
      { state: 'zero', firsts: [0, 16, 32] },
      { state: 'zero', firsts: [8, 24, 40] },
      { state: 'carried', firsts: [12, 28, 44] },
      { state: 'zero', firsts: [0, 16, 32] },
    ]);
  });

  it('say so where nothing counts', () => {
    expect(() =>
      contiguousStreams(
        sequenceOf(20, 1, (row) => row < 18),
        { rows: 2, timesteps: 8 },
      ),
    ).toThrow(/no stream/);
  });
});

describe('The end of a sequence', () => {
  const all = (pieces: readonly EndPiece<Vectors>[], sequence: Sequence<Vectors>) =>
    pieces.flatMap((piece) => placesIn(piece, sequence).flatMap((row) => row.slice(piece.countFrom)));

  it.each([
    ['all there', undefined],
    ['a third absent', (row: number) => row % 3 === 0],
    ['a long gap', (row: number) => row > 200 && row < 520],
  ])('counts each target once, in whatever pieces: %s', (_, isAbsent) => {
    const sequence = sequenceOf(600, 7, isAbsent);
    for (const longest of [5, 64, 1000]) {
      const pieces = [...endOf(sequence, 100, capacity, longest)];
      const places = all(pieces, sequence);
      const expected = Array.from({ length: 493 }, (_, i) => 107 + i).filter((row) => !isAbsent?.(row));
      const counted = places.filter(({ counts }) => counts).map(({ target }) => target);
      expect(counted.sort((a, b) => a - b)).toEqual(expected);
      for (const piece of pieces) {
        expect(piece.share * expected.length).toBeCloseTo(countedPlaces(piece), 9);
        expect(piece.share).toBeGreaterThan(0);
        // What stands before a row in its piece is what stands before it in the sequence.
        for (const row of placesIn(piece, sequence)) {
          expect(row.map((place) => place.row)).toEqual(row.map((_, t) => row[0]!.row + t));
        }
        expect(piece.countFrom).toBe(64);
      }
    }
  });

  it('has no pieces where nothing counts', () => {
    expect([
      ...endOf(
        sequenceOf(100, 1, (row) => row >= 50),
        49,
        capacity,
        10,
      ),
    ]).toEqual([]);
  });
});

it('takes the beginning of a sequence as views', () => {
  const sequence = sequenceOf(10, 2, (row) => row === 3);
  const beginning = beginningOf(sequence, 5);
  expect(placesOf(beginning)).toBe(3);
  expect([...beginning.inputs]).toEqual([0, -0, 1, -1, 2, -2, 3, -3, 4, -4]);
  expect(beginning.targets).toHaveLength(15);
  expect([...beginning.counts!]).toEqual([1, 1, 1, 0, 1]);
  expect(beginning.inputs.buffer).toBe(sequence.inputs.buffer);
});
