import { Random } from '../../model/random.ts';
import type { TimeSeries } from '../series/series.ts';

/** The standard deviation of the noise. */
const deviation = 0.2;
/** Rows whose noise is drawn together. */
const block = 50;

/**
 * Two sines and noise: whoever knows both sines is still wrong by the noise.
 *
 * The noise of each block of 50 rows is a point drawn evenly from the sphere around 0 with the radius 0.2 √50. One coordinate of it
 * is nearly normal, with the standard deviation 0.2, and is as often positive as negative whatever the others are, so that no row
 * tells of the noise of another: no prediction has a smaller mean squared error than 0.04. The mean square of each block is just
 * that, so that the floor is exact on any whole number of blocks, and not on average alone.
 *
 * @param rows a multiple of 50
 */
export function noisySine(seed = 1, rows = 5000): TimeSeries {
  const random = new Random(seed);
  const values = new Float64Array(rows);
  for (let start = 0; start < rows; start += block) {
    // A direction drawn evenly: normal numbers, scaled to the radius.
    const drawn = Array.from({ length: block }, () => random.normal());
    const scale = deviation / Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0) / block);
    for (const [i, x] of drawn.entries()) values[start + i] = sines(start + i) + scale * x;
  }
  return {
    kind: 'series',
    name: 'Noisy sine',
    columns: [{ name: 'value', values }],
    noise: [deviation ** 2],
  };
}

/** Periods of 25 and of 63.7 rows: together they do not repeat within the series. */
const sines = (row: number): number => Math.sin((2 * Math.PI * row) / 25) + 0.5 * Math.sin((2 * Math.PI * row) / 63.7);
