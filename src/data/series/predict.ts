import type { Network } from '../../engine/engine.ts';
import { traceInPieces } from '../../engine/pieces.ts';
import type { Encoding } from '../../model/encoding.ts';
import type { Column } from './series.ts';
import { columnsNamed, seriesEncodingOf, standardised } from './variables.ts';

/** How a series goes on, as far as a network can tell. */
export interface Forecast {
  /** The variables that are predicted, in their own units: of each the rows that follow the last known one, `[length]`. */
  readonly columns: readonly Column[];
  /** The inputs that are not predicted: they were taken to stay as they were last. */
  readonly held: readonly string[];
}

/**
 * What a network predicts of each row of a series, having read the rows up to the one that stands `ahead` before it, from the
 * first on.
 *
 * @param columns with those that the network reads among them; those that it predicts need not be there
 * @returns the variables that are predicted, in their own units, `[rows]` each: NaN for the first `ahead` rows
 * @throws RangeError if a column is not there, or the network has not learned from a series
 */
export const predictSeries = (
  network: Network,
  encoding: Encoding,
  columns: readonly Column[],
): Promise<readonly Column[]> => readOn(network, encoding, columns, 0);

/**
 * Lets a network read a series, then go on from its own predictions. The first `ahead` rows need none of them.
 *
 * @param columns with those that the network reads among them, of `ahead` rows at least
 * @param length how many rows to go on
 * @throws RangeError as `predictSeries` does, and if there are too few rows to begin with
 */
export async function forecastSeries(
  network: Network,
  encoding: Encoding,
  columns: readonly Column[],
  length: number,
): Promise<Forecast> {
  const { inputs, outputs, ahead } = seriesEncodingOf(encoding);
  const rows = columns[0]?.values.length ?? 0;
  if (rows < ahead) {
    throw new RangeError(`The network predicts ${ahead} rows ahead, and there are ${rows}: give it ${ahead} at least.`);
  }
  const predicted = await readOn(network, encoding, columns, length);
  return {
    columns: predicted.map(({ name, values }) => ({ name, values: values.slice(rows) })),
    held: inputs.filter(({ name }) => outputs.every((output) => output.name !== name)).map(({ name }) => name),
  };
}

/**
 * Has a network read a series, and go on from what it predicts itself.
 *
 * @param more how many rows beyond the last
 * @returns what is predicted of all rows, `[rows + more]` for each output
 */
async function readOn(
  network: Network,
  encoding: Encoding,
  columns: readonly Column[],
  more: number,
): Promise<readonly Column[]> {
  const { inputs, outputs, ahead } = seriesEncodingOf(encoding);
  const [I, O] = [inputs.length, outputs.length];
  const known = columnsNamed(
    columns,
    inputs.map(({ name }) => name),
  );
  const rows = known[0]!.values.length;
  const end = rows + more;
  const predicted = outputs.map(({ name }) => ({ name, values: new Float64Array(end).fill(Number.NaN) }));

  let values = standardised(known, inputs);
  /** What goes in after the last known row, but for what is predicted. */
  const last = values.slice(-I);
  let initialState: 'zero' | Float32Array<ArrayBuffer> = 'zero';
  for (let read = 0; values.length > 0; ) {
    for await (const { start, timesteps, outputs: said, finalState } of traceInPieces(
      network,
      values,
      1,
      initialState,
    )) {
      const first = read + start + ahead;
      for (let i = 0; i < timesteps && first + i < end; i++) {
        for (const [o, { mean, deviation }] of outputs.entries()) {
          predicted[o]!.values[first + i] = mean + deviation * said[i * O + o]!;
        }
      }
      initialState = finalState;
    }
    read += values.length / I;
    // Of so many rows more it is foreseen by now what goes in; the last ones would only tell of rows beyond the end.
    const next = Math.max(0, Math.min(ahead, end - ahead - read));
    values = new Float32Array(next * I);
    for (const [i, { name, mean, deviation }] of inputs.entries()) {
      const foreseen = predicted.find((output) => output.name === name)?.values;
      for (let row = 0; row < next; row++) {
        values[row * I + i] = foreseen === undefined ? last[i]! : (foreseen[read + row]! - mean) / deviation;
      }
    }
  }
  return predicted;
}
