import { describe, expect, it } from 'vitest';
import type { Column, TimeSeries } from '../../../src/data/series/series.ts';
import { seriesTask } from '../../../src/data/series/task.ts';
import { assertBatch, countedPlaces } from '../../../src/engine/batch.ts';
import { initialState } from '../../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../../src/engine/reference/engine.ts';
import type { Variable } from '../../../src/model/encoding.ts';
import { Random } from '../../../src/model/random.ts';
import { type Configuration, defaultConfiguration } from '../../../src/training/configuration.ts';

const column = (name: string, values: readonly number[]): Column => ({ name, values: Float64Array.from(values) });
const series = (...columns: Column[]): TimeSeries => ({ kind: 'series', name: 'data.csv', columns });
const settings = (chosen: Partial<Configuration>): Configuration => ({ ...defaultConfiguration, ...chosen });

/** Two columns of drawn numbers, of which some are missing, and one that is constant. */
function drawn(rows: number, missing: number): TimeSeries {
  const random = new Random(3);
  const draw = (mean: number, deviation: number) => {
    const value = mean + deviation * random.normal();
    return random.uniform() < missing ? Number.NaN : value;
  };
  return series(
    column(
      'a',
      Array.from({ length: rows }, () => draw(100, 5)),
    ),
    column(
      'b',
      Array.from({ length: rows }, () => draw(-1, 0.01)),
    ),
    column('c', Array(rows).fill(0.1)),
  );
}

describe('Rows as a network reads them', () => {
  const small = series(
    column('x', [Number.NaN, 1, 3, Number.NaN, 5, 100]),
    column('y', [2, 2, 2, 2, 2, 7]),
    column('z', [0, 10, Number.NaN, 30, 40, Number.NaN]),
  );
  const task = seriesTask(small, settings({ validation: 0.2, predict: 'z, x', inputs: 'x,y' }));

  it('are standardised by the training part alone', () => {
    expect([task.trainingLength, task.validationLength]).toEqual([5, 0]);
    const [x, y] = task.encoding.inputs;
    expect([x!.name, x!.mean]).toEqual(['x', 3]);
    expect(x!.deviation).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(y).toEqual({ name: 'y', mean: 2, deviation: 1 });
    expect(task.encoding.outputs.map(({ name, mean }) => [name, mean])).toEqual([
      ['z', 20],
      ['x', 3],
    ]);
    expect(task.encoding.ahead).toBe(1);
    expect(task.model).toMatchObject({ inputs: 'vectors', inputSize: 2, outputSize: 2, output: 'linear' });
  });

  it('have the last known number in the place of a missing one, at first the mean', () => {
    const d = Math.sqrt(8 / 3);
    const x = [0, -2 / d, 0, 0, 2 / d, 97 / d];
    const y = [0, 0, 0, 0, 0, 5];
    expect([...task.sequence.inputs]).toEqual(x.flatMap((value, row) => [Math.fround(value), y[row]]));
  });

  it('count if all that is predicted is there', () => {
    expect([...task.sequence.counts!]).toEqual([0, 1, 0, 0, 1, 0]);
  });

  it('are written as a network that goes on knows them', () => {
    const known = {
      ...task.encoding,
      inputs: task.encoding.inputs.map((variable) => ({ ...variable, mean: 1, deviation: 2 })),
    };
    const chosen = settings({ validation: 0.2, predict: 'z, x', inputs: 'x,y' });
    const again = seriesTask(small, chosen, known);
    expect(again.encoding).toEqual(known);
    expect([...again.sequence.inputs]).toEqual([0, 0.5, 0, 0.5, 1, 0.5, 1, 0.5, 2, 0.5, 49.5, 3]);
    const other = /reads “x”, “y” and predicts “z”, “x”, 1 ahead; .* reads “x”, “y” and predicts “z”, 1 ahead/;
    expect(() => seriesTask(small, { ...chosen, predict: 'z' }, known)).toThrow(other);
    expect(() => seriesTask(small, { ...chosen, ahead: 2 }, known)).toThrow(RangeError);
    expect(() => seriesTask(small, chosen, {})).toThrow(/not learned from a series/);
  });

  it('are all columns unless some are chosen, which are predicted from themselves', () => {
    const { encoding } = seriesTask(drawn(50, 0), settings({}));
    expect(encoding.inputs.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(encoding.outputs).toEqual(encoding.inputs);
    expect(encoding.inputs[2]).toEqual({ name: 'c', mean: 0.1, deviation: 1 });
    const some = seriesTask(drawn(50, 0), settings({ inputs: 'b' })).encoding;
    expect(some.outputs.map(({ name }) => name)).toEqual(['b']);
  });
});

describe('Training batches', () => {
  it.each(['windows', 'streams'] as const)(
    'read and predict the training part alone, and count something: %s',
    (batches) => {
      const rows = 60;
      // Each number tells its row; what is held out would be seen at once.
      const data = series(
        column(
          'a',
          Array.from({ length: rows }, (_, row) => (row % 7 === 3 ? row : Number.NaN)),
        ),
        column(
          'b',
          Array.from({ length: rows }, (_, row) => row),
        ),
      );
      const chosen = settings({ predict: 'a', ahead: 3, validation: 0.25, batch: 2, sequence: 5, batches });
      const task = seriesTask(data, { ...chosen, leadIn: batches === 'windows' ? 2 : 0 });
      const [, b] = task.encoding.inputs;
      const [a] = task.encoding.outputs;
      let counted = 0;
      const steps = 200;
      for (let step = 1; step <= steps; step++) {
        const batch = task.batch(step);
        assertBatch(batch, task.model, task.capacity);
        for (let at = 0; at < batch.rows * batch.timesteps; at++) {
          const row = Math.round(b!.mean + b!.deviation * batch.inputs[2 * at + 1]!);
          expect(row + 3).toBeLessThan(45);
          if (batch.counts![at] === 1) {
            expect(Math.round(a!.mean + a!.deviation * batch.targets[at]!)).toBe(row + 3);
          }
        }
        counted += countedPlaces(batch);
      }
      expect(task.placesPerStep / (counted / steps)).toBeCloseTo(1, 0);
      const once = Float32Array.from(task.batch(7).inputs);
      task.batch(8);
      expect(task.batch(7).inputs).toEqual(once);
    },
  );

  it('are shorter in a short series, and then fewer rows lead in', () => {
    const task = seriesTask(drawn(12, 0), settings({ validation: 0, sequence: 8, leadIn: 6, batch: 2 }));
    expect(task.capacity).toEqual({ rows: 2, timesteps: 11 });
    expect(task.batch(1).countFrom).toBe(3);
    expect(task.placesPerStep).toBe(16);
  });
});

describe('What is held out', () => {
  it.each([0, 0.3])(
    'has the loss of one plain pass where all that stands before leads in (%s missing)',
    async (missing) => {
      const data = drawn(130, missing);
      const task = seriesTask(
        data,
        settings({ predict: 'a,b', ahead: 2, validation: 0.6, batch: 4, sequence: 80, hidden: 5 }),
      );
      const session = await new ReferenceEngine().open(task.model, { rows: 4, timesteps: 200 });
      session.write(initialState(task.model, task.capacity, 9));
      const { inputs, targets, counts } = task.sequence;
      const trained = task.trainingLength;
      const plain = await session.evaluate({
        rows: 1,
        timesteps: 128,
        inputs: inputs.slice(0, 128 * 3),
        targets: targets.slice(2 * 2),
        initialState: 'zero',
        countFrom: trained - 2,
        ...(counts && { counts: counts.slice(2) }),
      });
      for (const most of [1, 120, 1e6]) {
        let [loss, share] = [0, 0];
        for (const piece of task.heldOut(most)) {
          loss += piece.share * (await session.evaluate(piece));
          share += piece.share;
        }
        expect(share).toBeCloseTo(1, 12);
        expect(Math.abs(loss - plain)).toBeLessThan(1e-9);
      }
      const without = counts ? counts.subarray(trained).filter((one) => one === 0).length : 0;
      expect(task.validationLength).toBe(130 - trained - without);
    },
  );

  it('is nothing where nothing is held out, or nothing of it counts', () => {
    const none = seriesTask(drawn(50, 0), settings({ validation: 0 }));
    expect([none.validationLength, [...none.heldOut(100)], [...none.baselines()]]).toEqual([0, [], []]);
    const gap = series(
      column(
        'a',
        Array.from({ length: 50 }, (_, row) => (row < 45 ? Math.sin(row) : Number.NaN)),
      ),
    );
    const task = seriesTask(gap, settings({ validation: 0.1 }));
    expect([task.validationLength, [...task.heldOut(100)], [...task.baselines()]]).toEqual([0, [], []]);
  });

  it('is tried by the end of the training part, where that has something to predict', () => {
    const values = Array.from({ length: 6000 }, (_, row) => (row < 4500 ? row : Number.NaN));
    const task = seriesTask(series(column('a', values)), settings({ validation: 0.1, batch: 2 }));
    const piece = task.tried();
    expect(countedPlaces(piece)).toBe(4096);
    const [{ mean, deviation }] = task.encoding.outputs as readonly [Variable];
    const last = piece.targets.at(-1)!;
    expect(Math.round(mean + deviation * last)).toBe(4499);
    const held = seriesTask(series(column('a', values.slice(0, 4500))), settings({ validation: 0.1 }));
    expect(countedPlaces(held.tried())).toBe(4049);
  });
});

describe('The figures of a series', () => {
  it('are in the unit of the one variable that is predicted', () => {
    const { measure, encoding } = seriesTask(drawn(100, 0), settings({ predict: 'a' }));
    const [{ deviation }] = encoding.outputs as readonly [Variable];
    // Half a squared error of 3² in the variable's own unit.
    const loss = (3 / deviation) ** 2 / 2;
    expect(measure).toMatchObject({ name: 'root mean square error of a', unit: 'a', root: true });
    expect(Math.sqrt(loss) * measure.scale).toBeCloseTo(3, 12);
  });

  it('are in standard deviations where several are, with a floor where the noise is known', () => {
    const data = { ...drawn(100, 0), noise: [4, 9e-6, 0] };
    const task = seriesTask(data, settings({ predict: 'b,a,c' }));
    expect(task.measure).toMatchObject({ name: 'root mean square error in standard deviations', root: true });
    // Errors of 0.3, 0.4 and 0.5 deviations.
    const squares = 0.09 + 0.16 + 0.25;
    expect(Math.sqrt(squares / 2) * task.measure.scale).toBeCloseTo(Math.sqrt(squares / 3), 12);
    const [b, a] = task.encoding.outputs as readonly [Variable, Variable, Variable];
    expect(task.floor!.loss).toBeCloseTo(9e-6 / b.deviation ** 2 / 2 + 4 / a.deviation ** 2 / 2, 12);
    expect(seriesTask(drawn(100, 0), settings({})).floor).toBeUndefined();
  });
});

describe('A series that cannot be learned from', () => {
  it.each<[string, TimeSeries, Partial<Configuration>, RegExp]>([
    ['an unknown input', drawn(50, 0), { inputs: 'a,d' }, /no column “d” of numbers; there is “a”, “b”, “c”/],
    ['an unknown prediction', drawn(50, 0), { predict: 'd' }, /no column “d”/],
    ['no columns', series(), {}, /data\.csv has no column of numbers/],
    ['no rows', series(column('a', [])), {}, /0 rows, and needs 2/],
    ['one row', series(column('a', [1])), {}, /one row, and needs 2/],
    ['as many rows as ahead', drawn(20, 0), { ahead: 20 }, /20 rows, and needs 21 at least to predict 20 ahead/],
    [
      'a column without numbers',
      series(column('a', [1, 2, 3]), column('b', [NaN, NaN, NaN])),
      {},
      /“b” has no number in the 3 rows/,
    ],
    ['no row with all', series(column('a', [1, NaN, 3, NaN]), column('b', [NaN, 2, NaN, 4])), {}, /No row .* “a”, “b”/],
    [
      'nothing after the lead-in',
      series(column('a', [0, 1, ...Array(30).fill(NaN)])),
      { sequence: 4, leadIn: 4 },
      /In no window/,
    ],
    ['numbers too large', series(column('a', [1e200, -1e200, 0, 1])), {}, /“a” has numbers too large/],
    ['numbers too small', series(column('a', [1e-200, -1e-200, 0, 1e-210])), {}, /or too small/],
  ])('says so: %s', (_, data, chosen, message) => {
    const attempt = () => seriesTask(data, settings(chosen));
    expect(attempt).toThrow(RangeError);
    expect(attempt).toThrow(message);
  });
});
