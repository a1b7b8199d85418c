import { describe, expect, it } from 'vitest';
import {
  contiguousStreams,
  fitCapacity,
  heldOutText,
  leastOfPiece,
  type Piece,
  randomWindows,
} from '../../../src/data/text/batches.ts';

const text = Uint32Array.from({ length: 50 }, (_, i) => i);
const capacity = { rows: 3, timesteps: 4 };
const row = (ids: Uint32Array, b: number, rows = 3) => Array.from(ids).filter((_, i) => i % rows === b);

describe('Random windows', () => {
  it('are pieces of the text, each with what comes next as its targets, from a zero state', () => {
    const batches = randomWindows(text, capacity, 1);
    for (let step = 1; step <= 100; step++) {
      const { inputs, targets, initialState } = batches(step);
      expect(initialState).toBe('zero');
      for (let b = 0; b < 3; b++) {
        const [first] = row(inputs, b) as [number];
        expect(row(inputs, b)).toEqual([0, 1, 2, 3].map((t) => first + t));
        expect(row(targets, b)).toEqual([1, 2, 3, 4].map((t) => first + t));
        expect(first + 4).toBeLessThan(50);
      }
    }
  });

  it('reach the whole text, and are fixed by seed and step alone', () => {
    const seen = new Set<number>();
    const batches = randomWindows(text, capacity, 1);
    for (let step = 1; step <= 300; step++) for (const id of batches(step).targets) seen.add(id);
    expect(seen.size).toBe(49);
    const again = randomWindows(text, capacity, 1);
    expect(Array.from(again(17).inputs)).toEqual(Array.from(batches(17).inputs));
    expect(Array.from(randomWindows(text, capacity, 2)(17).inputs)).not.toEqual(Array.from(batches(17).inputs));
  });
});

describe('Contiguous streams', () => {
  it('go on where the batch before ended, and start again from a zero state', () => {
    const batches = contiguousStreams(text, capacity);
    // 49 symbols with a successor in 3 streams of 16, in 4 pieces of 4.
    for (let step = 1; step <= 9; step++) {
      const { inputs, initialState } = batches(step);
      const piece = (step - 1) % 4;
      expect(initialState).toBe(piece === 0 ? 'zero' : 'carried');
      expect([0, 1, 2].map((b) => row(inputs, b)[0])).toEqual([0, 16, 32].map((start) => start + 4 * piece));
    }
  });

  it('have room in a text that is shorter than a batch', () => {
    const short = text.subarray(0, 6);
    const { inputs, targets } = contiguousStreams(short, capacity)(1);
    expect(Math.max(...inputs)).toBeLessThan(5);
    expect(Math.max(...targets)).toBeLessThan(6);
  });
});

describe('The held-out text', () => {
  /** What a piece counts, as it reads: of each place the symbols before it, the nearest last, and the symbol itself. */
  const counted = ({ rows, timesteps, inputs, targets, countFrom = 0, lengths }: Piece) =>
    Array.from({ length: rows }, (_, b) => b).flatMap((b) =>
      Array.from({ length: (lengths?.[b] ?? timesteps) - countFrom }, (_, i) => {
        const read = row(inputs, b, rows).slice(0, countFrom + i + 1);
        return { read, target: row(targets, b, rows)[countFrom + i]! };
      }),
    );
  const ids = (from: number, length: number) => Uint32Array.from({ length }, (_, i) => from + i);

  it.each([
    ['in one piece', 500, 1000, { rows: 3, timesteps: 4 }, 1000, 1],
    ['in several pieces', 500, 1000, { rows: 3, timesteps: 4 }, 50, 7],
    ['in stretches of a long session', 500, 1000, { rows: 32, timesteps: 250 }, 200, 2],
    ['that is shorter than what is read before it', 500, 30, { rows: 3, timesteps: 4 }, 20, 2],
    ['of one symbol', 500, 1, { rows: 3, timesteps: 4 }, 20, 1],
    ['after a training text of two', 2, 7, { rows: 3, timesteps: 1 }, 4, 2],
  ])('%s counts each symbol once, and never from a blank state', (_, before, length, capacity, longest, count) => {
    const training = ids(0, before);
    const pieces = [...heldOutText(training, ids(before, length), capacity, longest)];
    expect(pieces).toHaveLength(count);
    const places = pieces.flatMap(counted);
    expect(places.map(({ target }) => target).sort((a, b) => a - b)).toEqual([...ids(before, length)]);
    const least = Math.min(Math.max(capacity.timesteps, 64), before - 1);
    for (const { read, target } of places) {
      expect(read.length).toBeGreaterThan(least);
      expect(read).toEqual([...ids(target - read.length, read.length)]);
    }
    for (const piece of pieces) {
      expect(piece).toMatchObject({ initialState: 'zero', countFrom: least });
      expect(piece.timesteps).toBeLessThanOrEqual(least + longest);
      expect(piece.share).toBeCloseTo(counted(piece).length / length, 12);
    }
    expect(pieces.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('is read by as many rows as a session has, but leaves each a sequence', () => {
    const rowsOf = (length: number, rows: number, timesteps: number) =>
      heldOutText(ids(0, 500), ids(500, length), { rows, timesteps }, 1e6)[Symbol.iterator]().next().value!.rows;
    expect(rowsOf(1000, 3, 4)).toBe(3);
    expect(rowsOf(1000, 32, 100)).toBe(10);
    expect(rowsOf(20, 32, 100)).toBe(1);
  });

  it('takes pieces of no more work than a training step, which goes forward and back', () => {
    expect(leastOfPiece(ids(0, 500), { rows: 3, timesteps: 100 })).toBe(200);
    expect(leastOfPiece(ids(0, 500), { rows: 3, timesteps: 4 })).toBe(128);
  });
});

it('shortens sequences to the text', () => {
  expect(fitCapacity({ rows: 3, timesteps: 64 }, 10)).toEqual({ rows: 3, timesteps: 9 });
});
