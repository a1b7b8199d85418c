import { csv, csvOf } from '../figures/csv.ts';
import type { ExperimentResult, Series } from './experiment.ts';
import { figureOfCurves } from './plot.ts';

/** A curve of the plot: how many trials reached at least n matching characters. */
export interface Curve {
  readonly name: string;
  readonly kind: 'network' | 'held out' | 'n-gram';
  /** For n from 0. */
  readonly counts: readonly number[];
  /** How many runs ago it was found; 0 for the latest. */
  readonly age: number;
}

/** The curves of a result, for the plot and for `csvOfCurves`. */
export function curvesOf({ series }: ExperimentResult): Curve[] {
  return series.map((each) => ({ name: nameOf(each), kind: kindOf(each), counts: each.curve, age: 0 }));
}

function kindOf({ model, primesFrom }: Series): Curve['kind'] {
  if (model !== 'network') return 'n-gram';
  return primesFrom === 'held-out part' ? 'held out' : 'network';
}

function nameOf(series: Series): string {
  return kindOf(series) === 'held out' ? 'network, held-out primes' : series.model;
}

/** A table of curves, as CSV: a line for each n, a column for each curve. */
export const csvOfCurves = (curves: readonly Curve[]): string => csvOf(figureOfCurves(curves, ''));

/** Every trial of a result, as CSV: a line each. */
export function csvOfTrials({ series }: ExperimentResult): string {
  const columns = ['start', 'prime', 'prediction', 'occurrences', 'place', 'length'] as const;
  const lines = series.flatMap(({ model, primesFrom, trials }) =>
    trials.map((trial) => [model, primesFrom, ...columns.map((column) => trial[column] ?? '')]),
  );
  return csv([['model', 'primes from', ...columns], ...lines]);
}
