import { expect, it } from 'vitest';
import { noisySine } from '../../../src/data/generated/sine.ts';
import type { Column } from '../../../src/data/series/series.ts';

/** The values less the sines at those rows, fitted by least squares: what is left is noise. */
function noiseOf(values: Float64Array): Float64Array {
  const waves = [25, 63.7].flatMap((period) =>
    [Math.sin, Math.cos].map((wave) => Float64Array.from(values, (_, row) => wave((2 * Math.PI * row) / period))),
  );
  // The waves are as good as orthogonal over thousands of rows; going over them again takes the rest.
  const left = values.slice();
  for (let pass = 0; pass < 20; pass++) {
    for (const wave of waves) {
      const dot = (one: Float64Array) => one.reduce((sum, x, row) => sum + x * wave[row]!, 0);
      const share = dot(left) / dot(wave);
      for (const [row, x] of wave.entries()) left[row]! -= share * x;
    }
  }
  return left;
}

it('has a noise that is its floor, over the whole and over what is held out', () => {
  const { columns, noise } = noisySine();
  const [{ values }] = columns as readonly [Column];
  expect(values).toHaveLength(5000);
  expect(noise![0]).toBeCloseTo(0.04, 12);
  const left = noiseOf(values);
  const meanSquare = (part: Float64Array) => part.reduce((sum, x) => sum + x * x, 0) / part.length;
  // Four fitted coefficients take about 4 of 5,000 parts of it with them.
  expect(meanSquare(left) / noise![0]!).toBeCloseTo(1, 2);
  expect(meanSquare(left.subarray(4500)) / noise![0]!).toBeCloseTo(1, 1.5);
  // One row's noise does not tell of the next one's.
  const within = left.filter((_, row) => row % 50 !== 49);
  const correlation = within.reduce((sum, x, row) => sum + x * (within[row + 1] ?? 0), 0) / within.length;
  expect(Math.abs(correlation / noise![0]!)).toBeLessThan(0.05);
  // As good as normal: a third lies beyond one deviation, a twentieth beyond two.
  const beyond = (deviations: number) => left.filter((x) => Math.abs(x) > 0.2 * deviations).length / left.length;
  expect(beyond(1)).toBeCloseTo(0.317, 1.5);
  expect(beyond(2)).toBeCloseTo(0.0455, 1.5);
});

it('is fixed by the seed', () => {
  expect(noisySine(3)).toEqual(noisySine(3));
  expect(noisySine(3).columns).not.toEqual(noisySine(4).columns);
});
