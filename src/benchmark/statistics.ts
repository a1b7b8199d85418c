import { number, object, type Shaped } from './shape.ts';

/** A sample of measurements in five figures. */
export const summary = object({ median: number, lower: number, upper: number, least: number, count: number });

/** Median, lower and upper quartile, the least, and how many there are. */
export type Summary = Shaped<typeof summary>;

/**
 * The value below which a share of the numbers lies, between two of them in proportion (Hyndman and Fan's type 7, as in
 * NumPy and R).
 */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
}

/** @throws RangeError if there is nothing to sum up. */
export function summarise(numbers: readonly number[]): Summary {
  if (numbers.length === 0) throw new RangeError('There are no measurements to sum up.');
  const sorted = numbers.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
    least: sorted[0]!,
    count: sorted.length,
  };
}

/** How often something is measured: until the time is over, but at least and at most so many times. */
export interface Patience {
  readonly least: number;
  readonly most: number;
  readonly milliseconds: number;
}

/** One measurement: how long it took, in milliseconds, and what came of it. */
export interface Measurement<Result> {
  readonly milliseconds: number;
  readonly result: Result;
}

/** Measures one thing again and again. The first time, which warms up, is not counted. */
export async function measure<Result>(once: () => Promise<Result>, patience: Patience): Promise<Measurement<Result>[]> {
  await once();
  const measurements: Measurement<Result>[] = [];
  const begin = performance.now();
  while (measurements.length < patience.most) {
    const start = performance.now();
    if (measurements.length >= patience.least && start - begin >= patience.milliseconds) break;
    const result = await once();
    measurements.push({ milliseconds: performance.now() - start, result });
  }
  return measurements;
}
