import { afterEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { confusionOf } from '../../src/data/labelled/classify.ts';
import type { SamplesTask } from '../../src/data/labelled/task.ts';
import { forecastSeries, predictSeries } from '../../src/data/series/predict.ts';
import type { TimeSeries } from '../../src/data/series/series.ts';
import type { SeriesTask } from '../../src/data/series/task.ts';
import { Random } from '../../src/model/random.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import { answersOf } from '../../src/training/looks/answers.ts';
import { lookInto } from '../../src/training/looks/look.ts';
import { predictionOf } from '../../src/training/looks/prediction.ts';
import { reachOf } from '../../src/training/looks/reach.ts';
import { readPlace, readText } from '../../src/training/looks/reading.ts';
import { Run } from '../../src/training/run.ts';
import { drawn, forms } from '../data/labelled/small.ts';
import { relativeError } from '../fixtures.ts';

const small = { engine: 'reference', hidden: 5, batch: 4, sequence: 12, steps: 100, warmup: 0 } as const;

const runs: Run[] = [];
afterEach(() => {
  for (const run of runs.splice(0)) run.close();
});

/** A run of some steps. */
async function start(dataset: Dataset, configuration: Partial<Configuration>, steps = 3): Promise<Run> {
  const run = await Run.open(dataset, { ...defaultConfiguration, ...small, ...configuration });
  runs.push(run);
  run.startAfresh();
  for (let step = 0; step < steps; step++) await run.takeStep();
  return run;
}

/** Two waves of which one is missing now and then, and a third variable. */
function waves(rows: number, missing: readonly number[] = []): TimeSeries {
  const random = new Random(4);
  const column = (name: string, period: number) => ({
    name,
    values: Float64Array.from({ length: rows }, (_, t) => 20 + 5 * Math.sin(t / period) + random.normal()),
  });
  const columns = [column('a', 3), column('b', 5), column('c', 7)];
  for (const row of missing) columns[1]!.values[row] = Number.NaN;
  return { kind: 'series', name: 'waves', columns };
}

/** ‖∂loss/∂h‖ by timesteps back, of the loss at the last timestep alone of one row that ends there. */
async function normsOf(
  run: Run,
  inputs: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  target: ArrayLike<number>,
) {
  const { inputSize, hiddenSize: H, outputSize: O } = run.model;
  const timesteps = inputs.length / (inputs instanceof Uint32Array ? 1 : inputSize);
  const classes = run.model.output === 'log-softmax';
  const targets = classes ? new Uint32Array(timesteps) : new Float32Array(timesteps * O);
  targets.set(target, targets.length - target.length);
  const { stateGradients } = await run.session.gradients({
    ...{ rows: 1, timesteps, inputs, targets },
    ...{ initialState: 'zero', countFrom: timesteps - 1 },
  });
  return Array.from({ length: timesteps + 1 }, (_, back) => {
    const at = (timesteps - back) * H;
    return Math.hypot(...stateGradients.subarray(at, at + H));
  });
}

/** The mean of some norms at each distance, over those that go so far back. */
const meanOf = (all: readonly (readonly number[])[]): number[] =>
  Array.from({ length: Math.max(...all.map(({ length }) => length)) }, (_, back) => {
    const there = all.filter(({ length }) => length > back).map((norms) => norms[back]!);
    return there.reduce((a, b) => a + b) / there.length;
  });

describe('The reach of the gradient', () => {
  it.each(forms)('goes back from the last place that counts of each of the longest samples: %o', async (form) => {
    const samples = drawn(form, 60, 9);
    const run = await start(samples, { validation: 0.4 });
    const { encoded, validation } = run.task as SamplesTask;
    const [I, O] = [encoded.inputWidth, encoded.targetWidth];
    // Every third place has no target; where a vector lacks one element, it has none either.
    const ends = Array.from(validation, (sample) => {
      const targets = encoded.targets[sample]!;
      let place = targets.length / O - 1;
      const lacks = (i: number) => targets[i] === 2 ** 32 - 1 || Number.isNaN(targets[i]);
      while (Array.from({ length: O }, (_, o) => place * O + o).some(lacks)) place--;
      const end = form.at === 'end' ? encoded.inputs[sample]!.length / I : place + 1;
      return { sample, place, end };
    });
    const longest = ends.sort((a, b) => b.end - a.end).slice(0, 16);
    expect(longest.at(-1)!.end).toBeLessThan(longest[0]!.end);
    const expected = [];
    for (const { sample, place, end } of longest) {
      const target = encoded.targets[sample]!.subarray(place * O, (place + 1) * O);
      expected.push(await normsOf(run, encoded.inputs[sample]!.slice(0, end * I), target));
    }
    const { norms, timestep } = await reachOf(run);
    expect(timestep).toBe(form.inputs === 'symbols' ? 'character' : 'timestep');
    expect(relativeError(norms[0]!, meanOf(expected))).toBeLessThan(1e-6);
  });

  it('goes back in windows from all over the rows held out, from where something is to be predicted', async () => {
    const series = waves(300, [230, 270, 285]);
    const run = await start(series, { validation: 0.3, predict: 'b', ahead: 2 });
    const { sequence, trainingLength } = run.task as SeriesTask;
    const places = 300 - 2 - (trainingLength - 2);
    const expected = [];
    for (let window = 0; window < 16; window++) {
      const begin = trainingLength - 2 + Math.floor(((places - 12) * window) / 16);
      let end = begin + 12;
      while (Number.isNaN(series.columns[1]!.values[end + 1])) end--;
      const target = sequence.targets.subarray(end + 1, end + 2);
      expected.push(await normsOf(run, sequence.inputs.slice(3 * begin, 3 * end), target));
    }
    const { norms, timestep } = await reachOf(run);
    expect(timestep).toBe('row');
    expect(relativeError(norms[0]!, meanOf(expected))).toBeLessThan(1e-6);
  });
});

describe('A reading', () => {
  it('is of rows held out, and tells which, in their own units', async () => {
    const series = waves(400, [345]);
    const run = await start(series, { validation: 0.2, inputs: 'b,a' });
    const { sequence } = run.task as SeriesTask;
    const { read, values } = await readPlace(run, 21);
    expect(read).toMatchObject({ timestep: 'row', timesteps: 60, first: 341 });
    expect(read.variables!.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(read.variables![0]!.values[5]).toBeNaN();
    expect(read.variables![1]!.values[4]).toBe(series.columns[0]!.values[344]);
    const whole = await run.engine.open(run.model, { rows: 1, timesteps: 60 });
    whole.write({ ...(await run.session.read()), carriedState: new Float32Array(5) });
    const trace = await whole.trace({
      ...{ rows: 1, timesteps: 60, initialState: 'zero' },
      ...{ inputs: sequence.inputs.slice(2 * 340), targets: new Float32Array(120) },
    });
    expect(relativeError(values['h']!, trace.layers[0]!.states['h']!.subarray(5))).toBeLessThan(1e-6);
    // Beyond the last there is the last.
    expect((await readPlace(run, 1e6)).read).toMatchObject({ first: 400, timesteps: 1 });
    expect((await readPlace(run, 0)).read).toMatchObject({ first: 321, timesteps: 80 });
    expect((await readPlace(await start(series, { validation: 0 }), 1)).read).toMatchObject({
      first: 1,
      timesteps: 240,
    });
    await expect(readText(run, 'a')).rejects.toThrow(/reads numbers/);
  });

  it.each(['symbols', 'vectors'] as const)('is of a sample held out, of %s', async (inputs) => {
    const samples = drawn({ inputs, targets: 'classes', at: 'end' }, 30, 9);
    const run = await start(samples, { validation: 0.3 });
    const sample = (run.task as SamplesTask).validation[2]!;
    const { read, values } = await readPlace(run, 3);
    expect(values['h']).toHaveLength(5 * read.timesteps);
    if (samples.inputs.kind === 'symbols') {
      const word = Array.from(samples.inputs.ids[sample]!, (id) => 'abc'[id]!);
      expect(read).toEqual({ timestep: 'character', timesteps: word.length, first: 1, symbols: word });
      expect(values).toEqual((await readText(run, word.join(''))).values);
    } else {
      const vectors = samples.inputs.values[sample]!;
      expect(read).toMatchObject({ timestep: 'timestep', timesteps: vectors.length / 2, first: 1 });
      expect(read.variables).toEqual([
        { name: 'x', values: vectors.filter((_, i) => i % 2 === 0) },
        { name: 'y', values: vectors.filter((_, i) => i % 2 === 1) },
      ]);
    }
  });
});

describe('A prediction', () => {
  /** The network reads so many rows before those that it predicts, as where it is evaluated. */
  const lead = 64;

  it('is what the network says of the beginning of what is held out, one by one and going on by itself', async () => {
    const series = waves(700, [402, 403, 450]);
    const run = await start(series, { validation: 0.45, predict: 'a,b', ahead: 2 });
    const first = (run.task as SeriesTask).trainingLength;
    const begin = first - 2 - lead;
    const upTo = (row: number) =>
      series.columns.map(({ name, values }) => ({ name, values: values.slice(begin, row) }));
    const { encoding } = run.task;
    const predicted = await predictSeries(run.network, encoding, upTo(first + 240));
    const forecast = await forecastSeries(run.network, encoding, upTo(first + 50), 120);

    const seen = await predictionOf(run, 1, 50);
    expect(seen).toMatchObject({ step: 3, variables: ['a', 'b'], variable: 1, ahead: 2, from: 50, held: ['c'] });
    expect(seen).toMatchObject({ isHeldOut: true, first: first + 1 });
    const values = series.columns[1]!.values;
    expect(seen.values).toEqual(values.slice(first, first + 240));
    expect(seen.predicted).toEqual(predicted[1]!.values.slice(first - begin));
    expect(seen.forecast.slice(50, 170)).toEqual(forecast.columns[1]!.values);
    expect(seen.forecast.every((value, i) => Number.isNaN(value) === (i < 50 || i >= 170))).toBe(true);

    const rms = (said: (row: number) => number, from: number, to: number) => {
      const squares = [];
      for (let row = first + from; row < first + to; row++) {
        if (!Number.isNaN(values[row])) squares.push((values[row]! - said(row)) ** 2);
      }
      return Math.sqrt(squares.reduce((a, b) => a + b) / squares.length);
    };
    const known = (row: number): number => (Number.isNaN(values[row]) ? known(row - 1) : values[row]!);
    expect(seen.errors.prediction).toBeCloseTo(
      rms((row) => seen.predicted[row - first]!, 0, 240),
      9,
    );
    expect(seen.errors.persistence).toBeCloseTo(
      rms((row) => known(row - 2), 0, 240),
      9,
    );
    expect(seen.errors.forecast).toBeCloseTo(
      rms((row) => seen.forecast[row - first]!, 50, 170),
      9,
    );
  });

  it('keeps within the series, and shows its end where nothing is held out', async () => {
    const short = await start(waves(60), { validation: 0.2, predict: 'c' });
    const seen = await predictionOf(short, 7, 1000);
    expect(seen).toMatchObject({ variable: 0, first: 49, from: 11, isHeldOut: true });
    expect([seen.values.length, seen.forecast.filter((value) => !Number.isNaN(value)).length]).toEqual([12, 1]);
    const all = await predictionOf(await start(waves(300), { validation: 0 }), 0, 0);
    expect(all).toMatchObject({ first: 61, isHeldOut: false, from: 0 });
    expect(all.predicted.every(Number.isFinite)).toBe(true);
  });

  it('takes less in where the network is large', async () => {
    const run = await start(waves(900), { validation: 0.5 });
    const { task, network, step } = run;
    const large = { task, network, step, parameterCount: 4e7 } as Run;
    expect((await predictionOf(large, 0, 0)).values).toHaveLength(50);
  });

  it('is asked of a series alone', async () => {
    const run = await start(drawn(forms[0]!, 20, 5), { validation: 0.2 });
    await expect(lookInto(run, { kind: 'prediction', variable: 0, from: 0 })).rejects.toThrow(/learned from a series/);
    const other = await start(waves(100), {});
    await expect(lookInto(other, { kind: 'answers', page: 0 })).rejects.toThrow(/learned from samples/);
  });
});

describe('The answers', () => {
  it.each(['end', 'timestep'] as const)('tell what is taken for what, and after each timestep why: %s', async (at) => {
    const samples = drawn({ inputs: 'symbols', targets: 'classes', at }, 60, 9);
    const run = await start(samples, { validation: 0.4 });
    const { validation, encoded, encoding } = run.task as SamplesTask;
    const answers = await answersOf(run, 1);
    if (answers.kind !== 'classes') throw new Error('They are of classes.');
    expect(answers).toMatchObject({ step: 3, isHeldOut: true, counted: validation.length });
    expect(answers.confusion).toEqual(await confusionOf(run.network, encoding, samples, validation));
    // The second page has the fifth sample first.
    expect(answers.shown.map(({ number }) => number)).toEqual(Array.from(validation.subarray(4, 8), (i) => i + 1));
    const [shown] = answers.shown;
    const ids = encoded.inputs[validation[4]!]! as Uint32Array<ArrayBuffer>;
    expect(shown!.symbols).toEqual(Array.from(ids, (id) => 'abc'[id]));
    const T = ids.length;
    const targets = new Uint32Array(T);
    const trace = await run.session.trace({ rows: 1, timesteps: T, inputs: ids, targets, initialState: 'zero' });
    expect(shown!.classes).toEqual([0, 1, 2]);
    expect(relativeError(shown!.probabilities, trace.outputs)).toBeLessThan(1e-6);
    const own = Array.from(encoded.targets[validation[4]!]!, (id) => (id === 2 ** 32 - 1 ? undefined : id));
    expect(shown!.right).toEqual(at === 'timestep' ? own : [...Array<undefined>(T - 1).fill(undefined), own[0]]);
  });

  it('show a few classes of many, what is right among them, and the end of what is long', async () => {
    const random = new Random(2);
    const classes = Array.from({ length: 20 }, (_, i) => `class ${i}`);
    const ids = Array.from({ length: 60 }, () => Uint32Array.from({ length: 150 }, () => random.integer(3)));
    const run = await start(
      {
        kind: 'labelled',
        name: 'long',
        inputs: { kind: 'symbols', symbols: ['a', 'b', 'c'], ids },
        targets: { kind: 'classes', at: 'end', classes, ids: ids.map((_, i) => Uint32Array.of(i % 20)) },
      },
      { validation: 0.4, batch: 16 },
      1,
    );
    const answers = await answersOf(run, 0);
    if (answers.kind !== 'classes') throw new Error('They are of classes.');
    for (const { number, timesteps, first, symbols, classes, probabilities, right } of answers.shown) {
      expect([timesteps, first, symbols!.length, right.length]).toEqual([150, 30, 120, 120]);
      expect(symbols!.join('')).toBe(Array.from(ids[number - 1]!.subarray(30), (id) => 'abc'[id]).join(''));
      expect(classes).toHaveLength(6);
      expect(classes).toContain((number - 1) % 20);
      expect(right.at(-1)).toBe((number - 1) % 20);
      // The five others are the likeliest at the end.
      const last = probabilities.subarray(119 * 6);
      expect(last.reduce((a, b) => a + b)).toBeGreaterThan(6 / 20);
    }
  });

  it.each(['end', 'timestep'] as const)('are numbers in their own units: %s', async (at) => {
    const samples = drawn({ inputs: 'vectors', targets: 'vectors', at }, 60, 9);
    if (samples.targets.kind !== 'vectors') throw new Error('They are vectors.');
    const values = samples.targets.values.map((vectors) => vectors.filter((_, i) => i % 2 === 0));
    const run = await start({ ...samples, targets: { ...samples.targets, names: ['u'], values } }, { validation: 0.4 });
    const { encoding, validation, encoded } = run.task as SamplesTask;
    const { mean, deviation } = encoding.outputs![0]!;
    const answers = await answersOf(run, 0);
    if (answers.kind !== 'numbers') throw new Error('They are numbers.');
    // The loss is half a squared error in units of the deviation.
    expect(answers.variables[0]!.error).toBeCloseTo(deviation * Math.sqrt(2 * (await run.validate())!), 5);
    const all = Array.from(validation, (sample) => Array.from(values[sample]!)).flat();
    const spread = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
    expect(answers.variables[0]!.deviation).toBeCloseTo(spread, 5);
    for (const [i, { number, wanted, answer, timesteps }] of answers.shown.entries()) {
      expect(number).toBe(validation[i]! + 1);
      expect(wanted[0]).toBeCloseTo(values[validation[i]!]!.at(-1)!, 4);
      const inputs = encoded.inputs[validation[i]!]! as Float32Array<ArrayBuffer>;
      const targets = new Float32Array(timesteps);
      const { outputs } = await run.session.trace({ rows: 1, timesteps, inputs, targets, initialState: 'zero' });
      expect(answer[0]).toBeCloseTo(mean + deviation * outputs.at(-1)!, 4);
    }
  });
});

it('Looks leave the training as it would have been', async () => {
  for (const [dataset, kind] of [
    [waves(300), 'prediction'],
    [drawn(forms[0]!, 40, 9), 'answers'],
  ] as const) {
    const [watched, alone] = [
      await start(dataset, { batches: 'streams' }, 0),
      await start(dataset, { batches: 'streams' }, 0),
    ];
    for (let step = 0; step < 4; step++) {
      await lookInto(watched, { kind: 'reach' });
      await lookInto(watched, { kind: 'reading', what: 1, layer: 0 });
      await lookInto(watched, kind === 'answers' ? { kind, page: 0 } : { kind, variable: 0, from: 9 });
      expect((await watched.takeStep()).loss).toBe((await alone.takeStep()).loss);
    }
    expect(await watched.read()).toEqual(await alone.read());
  }
});
