import { DataError } from '../dataset.ts';

/** Variables that are measured again and again: a row of numbers at each time. */
export interface TimeSeries {
  readonly kind: 'series';
  readonly name: string;
  /** All of one length, at least one. */
  readonly columns: readonly Column[];
  /** What has to be said of how it was read: columns left out, numbers missing. Sentences. */
  readonly remarks?: readonly string[];
  /** The variance of the noise in each column, where its source knows it: no prediction has a smaller mean squared error. */
  readonly noise?: readonly number[];
}

/** One variable. */
export interface Column {
  readonly name: string;
  /** In its own unit, in the order of time; NaN where the number is missing. */
  readonly values: Float64Array<ArrayBuffer>;
}

/**
 * A series from its columns, by their names: numbers in the order of time, NaN where one is missing.
 *
 * @throws DataError if columns are not equally long, or hold what is no number
 */
export function seriesFromColumns(name: string, columns: Readonly<Record<string, ArrayLike<number>>>): TimeSeries {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].length ?? 0;
  if (rows === 0) throw new DataError(`${name} has no rows: give at least one column of numbers.`);
  return {
    kind: 'series',
    name,
    columns: entries.map(([column, values]) => {
      const copy = Float64Array.from(values);
      if (copy.length !== rows) {
        throw new DataError(
          `${name} has ${rows} rows in “${entries[0]![0]}” and ${copy.length} in “${column}”: give all columns as many, NaN where a number is missing.`,
        );
      }
      const wrong = copy.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
      if (wrong !== -1)
        throw new DataError(
          `${name} has an infinite number in row ${wrong + 1} of “${column}”: give a finite one, or NaN.`,
        );
      return { name: column, values: copy };
    }),
  };
}
