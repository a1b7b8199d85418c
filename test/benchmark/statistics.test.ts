import { describe, expect, it } from 'vitest';
import { floorOf, roofOf, shareOf } from '../../src/benchmark/roofline.ts';
import { parseSize, sizeName } from '../../src/benchmark/sizes.ts';
import { measure, quantile, summarise } from '../../src/benchmark/statistics.ts';

describe('Statistics', () => {
  it('gives medians and quartiles as NumPy does', () => {
    // numpy.quantile([7, 1, 3, 10, 4], [0.25, 0.5, 0.75]) and of [2, 8]
    expect(summarise([7, 1, 3, 10, 4])).toEqual({ median: 4, lower: 3, upper: 7, least: 1, count: 5 });
    expect(summarise([8, 2])).toEqual({ median: 5, lower: 3.5, upper: 6.5, least: 2, count: 2 });
    expect(summarise([6])).toEqual({ median: 6, lower: 6, upper: 6, least: 6, count: 1 });
    expect(quantile([0, 10], 0.9)).toBeCloseTo(9);
    expect(() => summarise([])).toThrow('no measurements');
  });

  it('does not count the first run, and knows when it has enough', async () => {
    const runs: number[] = [];
    const once = async () => runs.push(runs.length);
    const results = await measure(once, { least: 3, most: 5, milliseconds: 1e6 });
    expect(results.map(({ result }) => result)).toEqual([2, 3, 4, 5, 6]);
    const few = await measure(once, { least: 3, most: 5, milliseconds: 0 });
    expect(few).toHaveLength(3);
  });
});

describe('The roof', () => {
  const times = (least: number) => summarise([least, 2 * least]);
  const roof = roofOf({
    clock: 'timestamps',
    operations: 2e9,
    bytes: 1e8,
    multiplyAdd: times(2),
    copy: times(10),
    least: times(0.01),
  });

  it('is the best that was measured', () => {
    expect(roof).toEqual({ operations: 1e12, bytes: 1e10 });
  });

  it('sets the floor by what takes longer, arithmetic or memory', () => {
    expect(floorOf({ operations: 1e9, bytes: 1e6 }, roof)).toBeCloseTo(1);
    expect(floorOf({ operations: 1e9, bytes: 1e8 }, roof)).toBeCloseTo(10);
    const dispatch = { kernel: 'forward', operations: 1e9, bytes: 1e6, milliseconds: summarise([4]) };
    expect(shareOf(dispatch, roof)).toBeCloseTo(0.25);
  });
});

describe('Sizes', () => {
  it('are named, or written out', () => {
    expect(parseSize('m')).toEqual({ V: 96, H: 256, B: 64, T: 100 });
    expect(parseSize('5x6×7x8')).toEqual({ V: 5, H: 6, B: 7, T: 8 });
    expect(sizeName(parseSize('96x512x64x100'))).toBe('L');
    expect(sizeName(parseSize('5x6x7x8'))).toBe('5×6×7×8');
  });

  it.each([
    ['XL', 'A size is S, M, L or V×H×B×T, as in 64x128x32x64; not “XL”.'],
    ['1x6x7x8', 'V, the number of symbols, is a whole number from 2 to 1000000, not 1.'],
    ['5x6x0x8', 'B, the rows of a batch, is a whole number from 1 to 65536, not 0.'],
  ])('refuses %s', (written, message) => {
    expect(() => parseSize(written)).toThrow(message);
  });
});
