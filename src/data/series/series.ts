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
