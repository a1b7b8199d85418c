import { forecastSeries, predictSeries } from '../../data/series/predict.ts';
import type { Column } from '../../data/series/series.ts';
import type { SeriesTask } from '../../data/series/task.ts';
import { columnsNamed } from '../../data/series/variables.ts';
import { placesBefore } from '../../data/windows.ts';
import type { Run } from '../run.ts';
import { affordable } from './work.ts';

/** The most rows that are predicted, */
const longestStretch = 240;
/** and the most that are forecast. */
const longestForecast = 120;

/** What a network says of a stretch of its series, and what came: of one variable, in its own unit, `[rows]` each. */
export interface Prediction {
  /** Steps that the network had been trained for. */
  readonly step: number;
  /** All that it predicts, by name, and which of them this is. */
  readonly variables: readonly string[];
  readonly variable: number;
  /** How many rows after the last that it has read the predicted one stands. */
  readonly ahead: number;
  /** Whether the network has not learned from these rows. */
  readonly isHeldOut: boolean;
  /** The number of the first row, counted from 1. */
  readonly first: number;
  /** What was measured; NaN where it is missing. */
  readonly values: Float64Array;
  /** What the network predicts of each row, having read all rows up to `ahead` before. */
  readonly predicted: Float64Array;
  /** How many rows of the stretch are read before the forecast. */
  readonly from: number;
  /** What the network predicts from there on, reading its own predictions in the place of the rows; NaN elsewhere. */
  readonly forecast: Float64Array;
  /** What goes in and is not predicted: for the forecast it is taken to stay as it was last. */
  readonly held: readonly string[];
  /** Root mean square errors over the rows whose value is there, of the forecast over its own; NaN where there are none. */
  readonly errors: { readonly prediction: number; readonly persistence: number; readonly forecast: number };
}

/**
 * Predicts the beginning of what is held out, or where nothing is, the end of the series.
 *
 * @param variable which of the predicted variables, counted from 0; if there are not so many, the last
 * @param from how many rows of the stretch are read before the forecast
 */
export async function predictionOf(run: Run, variable: number, from: number): Promise<Prediction> {
  const { dataset, encoding, trainingLength, capacity } = run.task as SeriesTask;
  const { inputs, outputs, ahead } = encoding;
  const rows = dataset.columns[0]!.values.length;
  const isHeldOut = trainingLength < rows;
  // Before a row that is predicted, so many have to be read that its state is not a blank one.
  const stretch = affordable(run, longestStretch, 1);
  const first = isHeldOut ? trainingLength : Math.max(ahead, rows - stretch);
  const start = Math.max(0, first - ahead - placesBefore(first - ahead, capacity));
  const end = Math.min(rows, first + stretch);
  const names = inputs.map(({ name }) => name);
  const upTo = (row: number): Column[] =>
    columnsNamed(dataset.columns, names).map(({ name, values }) => ({ name, values: values.slice(start, row) }));

  const seen = Math.min(variable, outputs.length - 1);
  const { name } = outputs[seen]!;
  const of = (columns: readonly Column[]) => columns.find((column) => column.name === name)!.values;
  const measured = of(dataset.columns);
  const values = measured.slice(first, end);
  const predicted = of(await predictSeries(run.network, encoding, upTo(end))).slice(first - start);

  const told = Math.max(0, Math.min(Math.floor(from) || 0, values.length - 1));
  const length = Math.min(longestForecast, values.length - told);
  const { columns, held } = await forecastSeries(run.network, encoding, upTo(first + told), length);
  const forecast = new Float64Array(values.length).fill(Number.NaN);
  forecast.set(of(columns), told);
  return {
    step: run.step,
    variables: outputs.map((output) => output.name),
    variable: seen,
    ahead,
    isHeldOut,
    first: first + 1,
    values,
    predicted,
    from: told,
    forecast,
    held,
    errors: {
      prediction: rootMeanSquare(values, predicted),
      persistence: rootMeanSquare(values, persisting(measured, first, end, ahead)),
      forecast: rootMeanSquare(values, forecast),
    },
  };
}

/** The last value that is known `ahead` rows before each row. */
function persisting(measured: Float64Array, first: number, end: number, ahead: number): Float64Array {
  return Float64Array.from({ length: end - first }, (_, i) => {
    let row = first + i - ahead;
    while (row > 0 && Number.isNaN(measured[row])) row--;
    return measured[row]!;
  });
}

/** Over the rows in which both are numbers. */
function rootMeanSquare(values: Float64Array, others: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const [i, value] of values.entries()) {
    const error = value - others[i]!;
    if (Number.isNaN(error)) continue;
    sum += error ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}
