import type { ExperimentResult, Series } from './experiment.ts';

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
export function csvOfCurves(curves: readonly Curve[]): string {
  const longest = Math.max(0, ...curves.map(({ counts }) => counts.length));
  const lines = Array.from({ length: longest }, (_, n) => [n, ...curves.map(({ counts }) => counts[n] ?? '')]);
  return csv([['matching string length', ...curves.map(({ name }) => name)], ...lines]);
}

/** Every trial of a result, as CSV: a line each. */
export function csvOfTrials({ series }: ExperimentResult): string {
  const columns = ['start', 'prime', 'prediction', 'occurrences', 'place', 'length'] as const;
  const lines = series.flatMap(({ model, primesFrom, trials }) =>
    trials.map((trial) => [model, primesFrom, ...columns.map((column) => trial[column] ?? '')]),
  );
  return csv([['model', 'primes from', ...columns], ...lines]);
}

/** Comma-separated values after RFC 4180. */
function csv(lines: readonly (readonly (string | number)[])[]): string {
  const field = (value: string | number) => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}
