import { expect, it } from 'vitest';
import { forecastSeries, predictSeries } from '../../../src/data/series/predict.ts';
import type { Column } from '../../../src/data/series/series.ts';
import type { Capacity, Network } from '../../../src/engine/engine.ts';
import { initialState } from '../../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../../src/engine/reference/engine.ts';
import type { Cell } from '../../../src/model/cells/cells.ts';
import type { ModelConfiguration } from '../../../src/model/configuration.ts';
import type { Encoding } from '../../../src/model/encoding.ts';
import { Random } from '../../../src/model/random.ts';
import { describeEachEngine } from '../../engine/each-engine.ts';
import { relativeError } from '../../fixtures.ts';

const random = new Random(2);
const rows = 23;
const drawn = (name: string, mean: number, deviation: number): Column => ({
  name,
  values: Float64Array.from({ length: rows }, () => mean + deviation * random.normal()),
});
/** In another order than the network reads them, with one that it does not read. */
const columns = [drawn('wind', 3, 1), drawn('other', 0, 1), drawn('heat', 20, 5), drawn('rain', 0, 0.1)];
columns[2]!.values[22] = Number.NaN;
columns[0]!.values[0] = Number.NaN;

/** Of three inputs one is predicted, and something else that does not go in. */
const encodingFor = (ahead: number): Encoding => ({
  inputs: [
    { name: 'heat', mean: 20, deviation: 5 },
    { name: 'rain', mean: 0.01, deviation: 0.1 },
    { name: 'wind', mean: 3, deviation: 1 },
  ],
  outputs: [
    { name: 'sun', mean: 6, deviation: 2 },
    { name: 'heat', mean: 20, deviation: 5 },
  ],
  ahead,
});

const modelOf = (cell: Cell, layers: number): ModelConfiguration => ({
  cell,
  layers,
  inputs: 'vectors',
  inputSize: 3,
  hiddenSize: 6,
  outputSize: 2,
  output: 'linear',
  cost: 'squared-error',
});

/** Weights three times as large as at the start, so that the network has opinions. */
const stateOf = (model: ModelConfiguration, capacity: Capacity) => {
  const state = initialState(model, capacity, 4);
  return { ...state, parameters: state.parameters.map((x) => 3 * x) };
};

/** The same from the definition: for each row all those before it are read anew, from a zero state. */
async function plainly(network: Network, ahead: number, more: number) {
  const { inputs, outputs } = encodingFor(ahead) as Required<Encoding>;
  const last = inputs.map(({ mean }) => mean);
  const known = Array.from({ length: rows }, (_, row) =>
    inputs.map(({ name }, i) => {
      const value = columns.find((column) => column.name === name)!.values[row]!;
      if (!Number.isNaN(value)) last[i] = value;
      return last[i]!;
    }),
  );
  const [sun, heat] = [Array<number>(ahead).fill(Number.NaN), Array<number>(ahead).fill(Number.NaN)];
  for (let row = ahead; row < rows + more; row++) {
    const read = Array.from({ length: row - ahead + 1 }, (_, t) => known[t] ?? [heat[t]!, last[1]!, last[2]!]);
    const vectors = read.flatMap((values) =>
      values.map((value, i) => (value - inputs[i]!.mean) / inputs[i]!.deviation),
    );
    const { outputs: said } = await network.trace({
      rows: 1,
      timesteps: read.length,
      inputs: Float32Array.from(vectors),
      targets: new Float32Array(2 * read.length),
      initialState: 'zero',
    });
    sun.push(outputs[0]!.mean + outputs[0]!.deviation * said.at(-2)!);
    heat.push(outputs[1]!.mean + outputs[1]!.deviation * said.at(-1)!);
  }
  return { sun, heat };
}

describeEachEngine('Predictions of a series', (engine, { gradient: bound }) => {
  it.each([
    ['gru', 1, 1],
    ['lstm', 2, 3],
  ] as const)(
    'are those of a plain loop with the reference: %s of %s layers, %s ahead',
    async (cell, layers, ahead) => {
      const model = modelOf(cell, layers);
      // Read in pieces of 5 rows.
      const session = await engine().open(model, { rows: 2, timesteps: 5 });
      const exact = await new ReferenceEngine().open(model, { rows: 1, timesteps: 40 });
      session.write(stateOf(model, session.capacity));
      exact.write(stateOf(model, exact.capacity));
      const encoding = encodingFor(ahead);
      const expected = await plainly(exact, ahead, 8);
      const predicted = await predictSeries(session, encoding, columns);
      const { columns: forecast, held } = await forecastSeries(session, encoding, columns, 8);
      session.close();
      expect(held).toEqual(['rain', 'wind']);
      // The state goes from piece to piece in float32.
      const least = Math.max(bound, 1e-6);
      for (const [i, name] of (['sun', 'heat'] as const).entries()) {
        expect([predicted[i]!.name, forecast[i]!.name]).toEqual([name, name]);
        expect(predicted[i]!.values).toHaveLength(rows);
        expect([...predicted[i]!.values.subarray(0, ahead)]).toEqual(Array(ahead).fill(Number.NaN));
        expect(relativeError(predicted[i]!.values.subarray(ahead), expected[name].slice(ahead, rows))).toBeLessThan(
          least,
        );
        expect(forecast[i]!.values).toHaveLength(8);
        expect(relativeError(forecast[i]!.values, expected[name].slice(rows))).toBeLessThan(least);
      }
    },
  );
});

it('forecasts as far as it sees from known rows alone, or from few', async () => {
  const model = modelOf('gru', 1);
  const session = await new ReferenceEngine().open(model, { rows: 1, timesteps: 40 });
  session.write(stateOf(model, session.capacity));
  for (const [ahead, length] of [
    [5, 3],
    [5, 5],
    [23, 30],
    [4, 0],
  ] as const) {
    const expected = await plainly(session, ahead, length);
    const { columns: forecast } = await forecastSeries(session, encodingFor(ahead), columns, length);
    expect(forecast[1]!.values).toHaveLength(length);
    expect(relativeError(forecast[1]!.values, expected.heat.slice(rows))).toBeLessThan(1e-6);
  }
});

it('says why it cannot predict', async () => {
  const model = modelOf('gru', 1);
  const session = await new ReferenceEngine().open(model, { rows: 1, timesteps: 40 });
  await expect(predictSeries(session, {}, columns)).rejects.toThrow(/not learned from a series/);
  const some = columns.filter(({ name }) => name !== 'rain');
  await expect(predictSeries(session, encodingFor(1), some)).rejects.toThrow(
    /no column “rain” .* “wind”, “other”, “heat”/,
  );
  await expect(forecastSeries(session, encodingFor(24), columns, 2)).rejects.toThrow(/24 rows ahead, and there are 23/);
});
