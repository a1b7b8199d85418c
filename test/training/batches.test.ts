import { describe, expect, it } from 'vitest';
import { contiguousStreams, fitCapacity, randomWindows, wholeText } from '../../src/training/batches.ts';

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

describe('A whole text', () => {
  it('is read once, in as many streams as leave each a sequence', () => {
    const [piece, ...others] = wholeText(text, capacity, 16);
    expect(piece).toMatchObject({ rows: 3, timesteps: 16, countFrom: 0, share: 1 });
    expect(new Set(piece!.inputs).size).toBe(48);
    expect(others).toEqual([]);
    expect([...wholeText(text.subarray(0, 3), capacity, 16)]).toMatchObject([{ rows: 1, timesteps: 2 }]);
  });

  it('is cut into pieces of which each counts what the one before did not, and reads a sequence before', () => {
    const pieces = [...wholeText(text, capacity, 6)];
    expect(pieces.map(({ countFrom, timesteps }) => [countFrom, timesteps])).toEqual([
      [0, 6],
      [4, 10],
      [4, 8],
    ]);
    const counted = pieces.flatMap(({ targets, countFrom, rows }) => [...targets.subarray(countFrom! * rows)]);
    expect(new Set(counted).size).toBe(48);
    expect(counted).toHaveLength(48);
    expect(pieces[1]!.inputs[0]).toBe(2);
    expect(pieces.map(({ share }) => share)).toEqual([6 / 16, 6 / 16, 4 / 16]);
  });
});

it('shortens sequences to the text', () => {
  expect(fitCapacity({ rows: 3, timesteps: 64 }, 10)).toEqual({ rows: 3, timesteps: 9 });
});
