import { describe, expect, it } from 'vitest';
import { fitAutoregression } from '../../../src/data/series/autoregression.ts';
import { findSeason } from '../../../src/data/series/baselines.ts';
import type { TimeSeries } from '../../../src/data/series/series.ts';
import { type SeriesTask, seriesTask } from '../../../src/data/series/task.ts';
import { beginningOf } from '../../../src/data/windows.ts';
import { Random } from '../../../src/model/random.ts';
import { type Configuration, defaultConfiguration } from '../../../src/training/configuration.ts';

const seriesOf = (columns: Readonly<Record<string, readonly number[]>>): TimeSeries => ({
  kind: 'series',
  name: 'data.csv',
  columns: Object.entries(columns).map(([name, values]) => ({ name, values: Float64Array.from(values) })),
});
const taskOf = (columns: Readonly<Record<string, readonly number[]>>, chosen: Partial<Configuration> = {}) =>
  seriesTask(seriesOf(columns), { ...defaultConfiguration, ...chosen });
const losses = (task: SeriesTask) => Object.fromEntries([...task.baselines()].map(({ name, loss }) => [name, loss]));
const trainingOf = ({ sequence, trainingLength }: SeriesTask) => beginningOf(sequence, trainingLength);

/** A column's numbers as the task standardises them, each missing one as the last known. */
function filled(task: SeriesTask, name: string, values: readonly number[]): number[] {
  const { mean, deviation } = task.encoding.outputs.find((variable) => variable.name === name)!;
  let last = mean;
  return values.map((value) => {
    last = Number.isNaN(value) ? last : value;
    return (last - mean) / deviation;
  });
}

/** Two columns with a season of 7 rows and noise; a fifth of the numbers is missing. */
function seasonal(rows: number) {
  const random = new Random(11);
  const draw = (level: number) =>
    Array.from({ length: rows }, (_, row) => {
      const value = level + 3 * Math.sin((2 * Math.PI * row) / 7) + 0.3 * random.normal();
      return random.uniform() < 0.2 ? Number.NaN : value;
    });
  return { a: draw(5), b: draw(-2), c: Array.from({ length: rows }, () => random.normal()) };
}

describe('Persistence and the seasonal naive', () => {
  it.each([1, 3, 9])('have the losses of plain sums, %s ahead', (ahead) => {
    const columns = seasonal(200);
    const task = taskOf(columns, { inputs: 'b,c', predict: 'a,b', ahead, validation: 0.25 });
    const [a, b] = [filled(task, 'a', columns.a), filled(task, 'b', columns.b)];
    const both = (row: number) => !Number.isNaN(columns.a[row]!) && !Number.isNaN(columns.b[row]!);
    const error = (rows: number[], before: number) => {
      const counted = rows.filter(both);
      const squares = counted.map((row) => (a[row]! - a[row - before]!) ** 2 + (b[row]! - b[row - before]!) ** 2);
      return squares.reduce((sum, x) => sum + x / 2, 0) / counted.length;
    };
    const heldOut = Array.from({ length: 50 }, (_, i) => 150 + i);
    const season = findSeason(trainingOf(task))!;
    expect(season % 7).toBe(0);
    const found = losses(task);
    expect(found['persistence']).toBeCloseTo(error(heldOut, ahead), 6);
    expect(found[`seasonal naive, ${season} rows`]).toBeCloseTo(error(heldOut, season), 6);
    // No other season has a smaller error on the training part, over the rows that all of them can tell.
    const rows = Array.from({ length: 100 }, (_, i) => 50 + i);
    const seasons = Array.from({ length: 50 - ahead }, (_, i) => ahead + 1 + i);
    const best = Math.min(...seasons.filter((one) => one >= 2).map((one) => error(rows, one)));
    expect(error(rows, season)).toBeCloseTo(best, 6);
  });

  it('know no season of a series that is too short for one', () => {
    const task = taskOf({ a: [1, 2, 1, 2, 1, 3] }, { validation: 0.2 });
    expect(Object.keys(losses(task))).toEqual(['persistence', 'linear autoregression, order 0']);
  });
});

describe('The linear autoregression', () => {
  /** x[t] = 1 + 1.2 x[t−1] − 0.5 x[t−2] + 0.8 y[t−1] + noise, with y drawn. */
  function autoregressive(rows: number, noise: number) {
    const random = new Random(5);
    const y = Array.from({ length: rows }, () => random.normal());
    const x: number[] = [];
    for (let t = 0; t < rows; t++) {
      x.push(1 + 1.2 * (x[t - 1] ?? 0) - 0.5 * (x[t - 2] ?? 0) + 0.8 * (y[t - 1] ?? 0) + noise * random.normal());
    }
    return { x, y };
  }

  it('finds the coefficients that a series was made with, and their order', () => {
    const task = taskOf(autoregressive(20_000, 0.3), { predict: 'x' });
    const { order, coefficients } = fitAutoregression(trainingOf(task));
    expect(order).toBe(2);
    const [x, y] = task.encoding.inputs;
    // In the variables' own units: of the last row x and y, then of the row before.
    const own = Array.from(coefficients, (w, i) => (i % 2 === 1 ? w : (w * x!.deviation) / y!.deviation));
    for (const [i, expected] of [1.2, 0.8, -0.5, 0].entries()) expect(own[1 + i]).toBeCloseTo(expected, 1.5);
    const sums = own[1]! * x!.mean + own[2]! * y!.mean + own[3]! * x!.mean + own[4]! * y!.mean;
    const constant = x!.mean + coefficients[0]! * x!.deviation - sums;
    expect(Math.abs(constant - 1)).toBeLessThan(0.05);
    // What is left is the noise.
    const { measure } = task;
    const error = Math.sqrt(losses(task)['linear autoregression, order 2']!) * measure.scale;
    expect(Math.abs(error - 0.3)).toBeLessThan(0.015);
  });

  it('is the least of all sums of squares, missing numbers and copies of columns or not', () => {
    const { x, y } = autoregressive(400, 1);
    const withGaps = x.map((value, row) => (row % 5 === 2 ? Number.NaN : value));
    const columns = { x: withGaps, y, again: y, still: y.map(() => 3) };
    const task = taskOf(columns, { predict: 'x,y', ahead: 2, validation: 0.25 });
    const training = trainingOf(task);
    const model = fitAutoregression(training);
    expect(model.order).toBeGreaterThan(0);
    const { sequence } = task;
    const [I, O] = [4, 2];
    /** The mean loss from some row to another, from the definition. */
    const loss = (coefficients: ArrayLike<number>, first: number, end: number) => {
      let [sum, counted] = [0, 0];
      for (let row = first; row < end; row++) {
        if (sequence.counts?.[row] === 0) continue;
        counted++;
        for (let o = 0; o < O; o++) {
          let predicted = coefficients[o]!;
          for (let j = 0; j < model.order; j++) {
            for (let i = 0; i < I; i++) {
              predicted += sequence.inputs[(row - 2 - j) * I + i]! * coefficients[(1 + j * I + i) * O + o]!;
            }
          }
          sum += (predicted - sequence.targets[row * O + o]!) ** 2 / 2;
        }
      }
      return sum / counted;
    };
    expect(losses(task)[`linear autoregression, order ${model.order}`]).toBeCloseTo(
      loss(model.coefficients, 300, 400),
      9,
    );
    // The rows that every order can tell: the highest is 14, as 238 places count, four for each coefficient.
    const fitted = (coefficients: ArrayLike<number>) => loss(coefficients, 2 + 14 - 1, 300);
    const least = fitted(model.coefficients);
    for (let i = 0; i < model.coefficients.length; i++) {
      for (const change of [-0.01, 0.01]) {
        expect(fitted(model.coefficients.map((w, k) => (k === i ? w + change : w)))).toBeGreaterThan(least - 1e-9);
      }
    }
  });

  it('is exact where the series is', () => {
    const sine = Array.from({ length: 500 }, (_, row) => 7 + Math.sin(0.3 * row));
    const found = losses(taskOf({ sine }, { ahead: 4 }));
    const [name] = Object.keys(found).filter((one) => one.startsWith('linear'));
    expect(found[name!]).toBeLessThan(1e-10);
    expect(found['persistence']).toBeGreaterThan(0.1);
  });

  it('is the mean where nothing can be told', () => {
    const random = new Random(8);
    const noise = Array.from({ length: 1000 }, () => random.normal());
    const task = taskOf({ noise });
    const { order, coefficients } = fitAutoregression(trainingOf(task));
    expect(order).toBe(0);
    expect(coefficients).toHaveLength(1);
    expect(coefficients[0]).toBeCloseTo(0, 2);
  });
});
