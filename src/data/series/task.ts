import type { Capacity } from '../../engine/engine.ts';
import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Encoding, Variable } from '../../model/encoding.ts';
import type { Configuration } from '../../training/configuration.ts';
import { DataError, type Task } from '../dataset.ts';
import type { Measure } from '../measure.ts';
import {
  beginningOf,
  contiguousStreams,
  countedBetween,
  endOf,
  fitCapacity,
  leadInOf,
  leastOfPiece,
  placesOf,
  randomWindows,
  type Sequence,
} from '../windows.ts';
import { seriesBaselines } from './baselines.ts';
import type { Column, TimeSeries } from './series.ts';
import {
  columnsNamed,
  rowsWithAll,
  type SeriesEncoding,
  seriesEncodingOf,
  standardised,
  variableOf,
} from './variables.ts';

/** A series as a run learns it: having read a row and those before it, the network predicts the one `ahead` rows later. */
export interface SeriesTask extends Task {
  readonly dataset: TimeSeries;
  readonly encoding: SeriesEncoding;
  /** All rows, standardised. The first that is held out is row `trainingLength`. */
  readonly sequence: Sequence<Float32Array<ArrayBuffer>>;
}

/** By how many rows at the end of the training part it is told how good a network is between two steps. */
const rowsTried = 4096;

/**
 * A series under given settings. The last rows are held out. What a training batch reads and predicts lies in the rows before
 * them, by which alone variables are standardised. A row in which a number that is predicted is missing does not count.
 *
 * @param known of a network that goes on: its columns, means and deviations
 * @throws RangeError if a column is not there, or `known` has others than the settings; if nothing can be predicted, as there are
 *   too few rows or numbers
 */
export function seriesTask(series: TimeSeries, configuration: Configuration, known?: Encoding): SeriesTask {
  const { ahead, cell, layers, hidden, seed, batch } = configuration;
  const inputs = chosen(series.columns, configuration.inputs, series.columns);
  const outputs = chosen(series.columns, configuration.predict, inputs);
  if (inputs.length === 0) throw new DataError(`${series.name} has no column of numbers.`);
  const rows = inputs[0]!.values.length;
  if (rows <= ahead) {
    const few = rows === 1 ? 'one row' : `${rows} rows`;
    throw new DataError(`${series.name} has ${few}, and needs ${ahead + 1} at least to predict ${ahead} ahead.`);
  }
  const trained = Math.max(ahead + 1, rows - Math.floor(configuration.validation * rows));
  const encoding =
    known === undefined ? encode(inputs, outputs, ahead, trained) : fitting(known, inputs, outputs, ahead);
  const counts = rowsWithAll(outputs);
  const sequence: Sequence<Float32Array<ArrayBuffer>> = {
    length: rows,
    inputs: standardised(inputs, encoding.inputs),
    targets: standardised(outputs, encoding.outputs),
    ahead,
    ...(counts && { counts }),
  };
  const training = beginningOf(sequence, trained);
  const places = placesOf(training);
  const countedInTraining = countedBetween(sequence, 0, places);
  if (countedInTraining === 0) {
    throw new DataError(
      `No row that is trained on has a number to predict in ${listed(outputs)}: predict other columns.`,
    );
  }
  const timesteps = configuration.sequence + leadInOf(configuration);
  const capacity: Capacity = fitCapacity({ rows: batch, timesteps }, places);
  // In a short series fewer rows lead in than were asked for.
  const leads = Math.max(0, capacity.timesteps - configuration.sequence);
  const model: ModelConfiguration = {
    cell,
    layers,
    inputs: 'vectors',
    inputSize: inputs.length,
    hiddenSize: hidden,
    outputSize: outputs.length,
    output: 'linear',
    cost: 'squared-error',
    ...(configuration.biases === 'off' && { biases: false }),
  };
  const floor = floorOf(series, encoding.outputs);
  return {
    dataset: series,
    model,
    encoding,
    sequence,
    capacity,
    placesPerStep: capacity.rows * (capacity.timesteps - leads) * (countedInTraining / places),
    unit: 'row',
    place: 'row',
    facts: [
      { label: 'Read', figure: inputs.length, unit: inputs.length === 1 ? 'variable' : 'variables' },
      { label: 'Predicted', figure: outputs.length, unit: outputs.length === 1 ? 'variable' : 'variables' },
    ],
    trainingLength: trained,
    validationLength: countedBetween(sequence, places, placesOf(sequence)),
    measure: measureOf(encoding.outputs),
    ...(floor !== undefined && { floor: { loss: floor, name: 'the noise in what is measured' } }),
    batch:
      configuration.batches === 'windows'
        ? randomWindows(training, capacity, seed, leads)
        : contiguousStreams(training, capacity),
    heldOut: (most) => {
      const longest = Math.max(leastOfPiece(places, capacity), Math.floor(most / capacity.rows));
      return endOf(sequence, places, capacity, longest);
    },
    tried: () => {
      // Where the last rows have nothing to predict, those before them.
      let end = trained;
      while (counts?.[end - 1] === 0) end--;
      const tried = beginningOf(sequence, end);
      const [piece] = endOf(tried, Math.max(0, placesOf(tried) - rowsTried), capacity, rowsTried);
      return piece!;
    },
    baselines: () => seriesBaselines(sequence, trained),
  };
}

/** The columns that a setting names, with commas between them; a single name may have commas itself. */
function chosen(columns: readonly Column[], setting: string, otherwise: readonly Column[]): readonly Column[] {
  const isOne = columns.some(({ name }) => name === setting);
  const names = isOne ? [setting] : setting.split(',').map((name) => name.trim());
  const named = [...new Set(names)].filter((name) => name !== '');
  return named.length === 0 ? otherwise : columnsNamed(columns, named);
}

function encode(inputs: readonly Column[], outputs: readonly Column[], ahead: number, trained: number): SeriesEncoding {
  const standards = new Map([...inputs, ...outputs].map((column) => [column, variableOf(column, trained)]));
  const variables = (columns: readonly Column[]) => columns.map((column) => standards.get(column)!);
  return { inputs: variables(inputs), outputs: variables(outputs), ahead, answers: 'timestep' };
}

/** @throws RangeError if an encoding has other columns, or another distance, than those that are chosen */
function fitting(
  known: Encoding,
  inputs: readonly Column[],
  outputs: readonly Column[],
  ahead: number,
): SeriesEncoding {
  const encoding = seriesEncodingOf(known);
  const inWords = (read: readonly { name: string }[], predicted: readonly { name: string }[], distance: number) =>
    `reads ${listed(read)} and predicts ${listed(predicted)}, ${distance} ahead`;
  const learned = inWords(encoding.inputs, encoding.outputs, encoding.ahead);
  const asked = inWords(inputs, outputs, ahead);
  if (learned !== asked) throw new RangeError(`The network ${learned}; it cannot go on as one that ${asked}.`);
  return encoding;
}

const listed = (columns: readonly { name: string }[]): string => columns.map(({ name }) => `“${name}”`).join(', ');

/** The loss is half a squared error, summed over what is predicted and in units of its deviations. */
function measureOf(outputs: readonly Variable[]): Measure {
  const [{ name, deviation }] = outputs as [Variable];
  return outputs.length === 1
    ? {
        key: 'rootMeanSquareError',
        name: `root mean square error of ${name}`,
        unit: name,
        scale: Math.SQRT2 * deviation,
        root: true,
      }
    : {
        key: 'rootMeanSquareError',
        name: 'root mean square error in standard deviations',
        unit: 'deviations',
        scale: Math.sqrt(2 / outputs.length),
        root: true,
      };
}

/** The noise of what is predicted, as a loss, where it is known. */
function floorOf({ columns, noise }: TimeSeries, outputs: readonly Variable[]): number | undefined {
  if (noise === undefined) return undefined;
  const noiseOf = (name: string) => noise[columns.findIndex((column) => column.name === name)]!;
  return outputs.reduce((sum, { name, deviation }) => sum + noiseOf(name) / (2 * deviation ** 2), 0);
}
