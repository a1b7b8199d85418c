import type { Encoding, Variable } from '../../model/encoding.ts';
import { DataError } from '../dataset.ts';
import type { Column } from './series.ts';

/** How a series is written as numbers that a network reads and predicts. */
export type SeriesEncoding = Encoding & Required<Pick<Encoding, 'inputs' | 'outputs' | 'ahead'>>;

/** @throws RangeError if an encoding is not that of a series */
export function seriesEncodingOf(encoding: Encoding): SeriesEncoding {
  const { inputs, outputs, ahead } = encoding;
  if (inputs === undefined || outputs === undefined || ahead === undefined) {
    throw new RangeError('This network has not learned from a series: it cannot go on with one.');
  }
  return { ...encoding, inputs, outputs, ahead };
}

/** @throws RangeError naming the first column that is not there, and those that are */
export function columnsNamed(columns: readonly Column[], names: readonly string[]): readonly Column[] {
  return names.map((name) => {
    const column = columns.find((one) => one.name === name);
    if (column !== undefined) return column;
    const there = columns.map((one) => `“${one.name}”`).join(', ');
    throw new RangeError(`There is no column “${name}” of numbers; there is ${there || 'none at all'}.`);
  });
}

/**
 * Mean and standard deviation of the numbers among a column's first rows. Of a column that is constant there the deviation is 1.
 *
 * @param rows how many
 * @throws DataError if there is no number among them, or numbers are too large or too small to be squared
 */
export function variableOf({ name, values }: Column, rows: number): Variable {
  let [count, sum, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (count === 0) {
    throw new DataError(`“${name}” has no number in the ${rows} rows that are trained on: leave that column out.`);
  }
  // The mean of equal numbers may be off by a rounding.
  if (least === most) return { name, mean: least, deviation: 1 };
  const mean = sum / count;
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / count);
  if (!(Number.isFinite(deviation) && deviation > 0)) {
    throw new DataError(`“${name}” has numbers too large or too small to compute with: give it in another unit.`);
  }
  return { name, mean, deviation };
}

/**
 * Columns as a network reads them, `[rows][columns]`: each number as (value − mean) / deviation. In the place of a missing one
 * stands the last that is known before it; before the first, the mean.
 *
 * @param variables one for each column
 */
export function standardised(columns: readonly Column[], variables: readonly Variable[]): Float32Array<ArrayBuffer> {
  const [rows, width] = [columns[0]!.values.length, columns.length];
  const written = new Float32Array(rows * width);
  for (const [i, { values }] of columns.entries()) {
    const { mean, deviation } = variables[i]!;
    let last = 0;
    for (let row = 0; row < rows; row++) {
      const value = values[row]!;
      if (!Number.isNaN(value)) last = (value - mean) / deviation;
      written[row * width + i] = last;
    }
  }
  return written;
}

/** Which rows have a number in every column, `[rows]`: 0 where one is missing. `undefined` if none is. */
export function rowsWithAll(columns: readonly Column[]): Uint8Array<ArrayBuffer> | undefined {
  const all = new Uint8Array(columns[0]!.values.length).fill(1);
  let missing = false;
  for (const { values } of columns) {
    for (let row = 0; row < all.length; row++) {
      if (!Number.isNaN(values[row]!)) continue;
      all[row] = 0;
      missing = true;
    }
  }
  return missing ? all : undefined;
}
