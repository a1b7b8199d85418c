import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/open.ts';
import { forecastSeries, predictSeries } from '../../src/data/series/predict.ts';
import type { TimeSeries } from '../../src/data/series/series.ts';
import { seriesTask } from '../../src/data/series/task.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { decodeModelFile } from '../../src/files/model-file.ts';
import { useCommandLine } from './command-line.ts';

const { run, path } = useCommandLine();
const model = (name: string) => decodeModelFile(readFileSync(path(name)));
const linesOf = (stdout: string) => stdout.trimEnd().split('\n');

/** A wave that the next row can be told from, a day, a word, and a number that is missing. */
const weather = [
  'day,temp,wind,sky',
  ...Array.from({ length: 90 }, (_, i) => {
    const temp = i === 40 ? '' : (15 + 8 * Math.sin(i / 3)).toFixed(2);
    return `2024-01-${1 + (i % 28)},${temp},${(5 + (i % 7)).toFixed(1)},"grey, ${i}"`;
  }),
].join('\n');
const columns = ['--predict', 'temp', '--inputs', 'temp,wind'];
const tiny = ['--hidden', '4', '--batch', '4', '--sequence', '8', '--learning-rate', '0.02', '--schedule', 'constant'];
const settings = [...columns, '--ahead', '2', ...tiny, '--batches', 'streams', '--evaluate-every', '5'];
const trainSeries = async (...line: string[]) => {
  const ended = await run('train', ...line);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return ended;
};

let series: TimeSeries;
beforeAll(async () => {
  writeFileSync(path('weather.csv'), weather);
  series = (await openDataset('weather.csv', new TextEncoder().encode(weather))) as TimeSeries;
  await trainSeries('weather.csv', ...settings, '--engine', 'reference', '--steps', '20', '--save', 'w.safetensors');
});

/** The network of a file on the reference engine. */
async function ask<Answer>(name: string, question: (network: Awaited<ReturnType<typeof openNetwork>>) => Answer) {
  return question(await openNetwork(name));
}

async function openNetwork(name: string) {
  const { model: network, parameters } = model(name);
  // In one piece, as the state between two is rounded.
  const capacity = { rows: 1, timesteps: 1024 };
  const session = await new ReferenceEngine().open(network, capacity);
  session.write({ ...initialState(network, capacity, 0), parameters });
  return session;
}

describe('train, of a series', () => {
  it('tells each step in the unit of what is predicted, and last what simpler models reach', async () => {
    const { stdout, stderr } = await trainSeries(
      'weather.csv',
      ...settings,
      '--engine',
      'cpu',
      '--steps',
      '20',
      '--save',
      'json.safetensors',
      '--json',
    );
    const lines = linesOf(stdout).map((line) => JSON.parse(line));
    expect(lines).toHaveLength(21);
    expect(lines[19]).toEqual({
      step: 20,
      loss: expect.any(Number),
      rootMeanSquareError: expect.any(Number),
      rowsPerSecond: expect.any(Number),
      validationRootMeanSquareError: expect.any(Number),
    });
    expect(stderr).toContain('Left out, as only numbers go into a series: “day” (dates) and “sky” (words).');
    expect(stderr).toContain('Numbers that are missing: 1 in “temp”.');

    const { training } = model('json.safetensors');
    const task = seriesTask(series, training!.configuration);
    const figure = (loss: number) => task.measure.scale * Math.sqrt(loss);
    const { loss } = training!.heldOut!.best;
    expect(lines[20]).toEqual({
      heldOut: { loss, rootMeanSquareError: figure(loss) },
      baselines: Array.from(task.baselines(), ({ name, loss }) => ({ name, loss, rootMeanSquareError: figure(loss) })),
    });
    expect(lines[20].baselines.length).toBeGreaterThan(1);
  });

  it('says the same in words', async () => {
    const { stdout, stderr } = await trainSeries('weather.csv', ...settings, '--engine', 'cpu', '--steps', '5');
    expect(stderr).toBe('');
    expect(stdout).toContain(
      '\nweather.csv: 81 rows to learn and 9 held out. Read: 2 variables. Predicted: 1 variable.',
    );
    expect(stdout).toMatch(/\nstep 5 of 5: root mean square error of temp [\d.]+, held out [\d.]+, [\d,]+ rows\/s\n/);
    expect(stdout).toMatch(
      /\nRoot mean square error of temp on what is held out:\n +[\d.]+ {2}the network\n +[\d.]+ {2}persistence\n( +[\d.]+ {2}.*\n)*/,
    );
  });

  it('goes on to the same bits as if it had never stopped, on the columns and the distance of before', async () => {
    const steps = (count: number) => ['--engine', 'cpu', '--steps', String(count), '--save'];
    await trainSeries('weather.csv', ...settings, ...steps(30), 'whole.safetensors');
    await trainSeries('weather.csv', ...settings, ...steps(15), 'half.safetensors');
    await trainSeries('weather.csv', '--resume', 'half.safetensors', ...steps(30), 'half.safetensors');
    expect(model('half.safetensors').training!.configuration).toMatchObject({ predict: 'temp', ahead: 2 });
    expect(readFileSync(path('half.safetensors')).equals(readFileSync(path('whole.safetensors')))).toBe(true);
  });

  it('goes on with what comes with Sluice without its name', async () => {
    const sine = [...tiny, '--engine', 'cpu', '--save', 'sine.safetensors'];
    await trainSeries('noisy-sine', ...sine, '--steps', '2');
    await trainSeries('--resume', 'sine.safetensors', '--steps', '3', '--save', 'sine.safetensors');
    expect(model('sine.safetensors').training).toMatchObject({ step: 3, configuration: { dataset: 'noisy-sine' } });
  });

  it('reads a table in UTF-16, as Windows writes it', async () => {
    const line = [...settings, '--engine', 'cpu', '--steps', '3', '--save'];
    writeFileSync(path('wide.csv'), Buffer.from(`\uFEFF${weather.replaceAll('\n', '\r\n')}`, 'utf16le'));
    await trainSeries('wide.csv', ...line, 'wide.safetensors');
    await trainSeries('weather.csv', ...line, 'narrow.safetensors');
    expect(model('wide.safetensors').parameters).toEqual(model('narrow.safetensors').parameters);
  });
});

describe('predict', () => {
  const line = ['predict', 'w.safetensors', 'weather.csv', '--engine', 'reference'];

  it('writes what the network predicts of each row, in its own unit', async () => {
    const file = model('w.safetensors');
    const [temp] = await ask('w.safetensors', (network) => predictSeries(network, file, series.columns));
    const expected = Array.from(temp!.values, (value, i) => `${i + 1},${Number.isNaN(value) ? '' : value}`);
    expect(expected.slice(0, 2)).toEqual(['1,', '2,']);

    const ended = await run(...line, '--out', 'p.csv');
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\np\.csv is written\.\n$/) });
    const csv = readFileSync(path('p.csv'), 'utf8');
    expect(csv).toBe(`row,temp predicted\n${expected.join('\n')}\n`);
    expect(await run(...line)).toMatchObject({ code: 0, stdout: csv });

    const { stdout } = await run(...line, '--json');
    expect(linesOf(stdout).map((object) => JSON.parse(object))).toEqual(
      Array.from(temp!.values, (value, i) => ({ row: i + 1, predicted: { temp: Number.isNaN(value) ? null : value } })),
    );
  });

  it('keeps what the file had before', async () => {
    writeFileSync(path('kept.csv'), 'mine');
    const { stdout } = await run(...line, '--out', 'kept.csv');
    expect(stdout).toMatch(/kept\.csv is written\. What was there is kept as .*kept\.backup\.csv\.\n$/);
    expect(readFileSync(path('kept.backup.csv'), 'utf8')).toBe('mine');
  });

  it('puts names with commas and quotes in quotes', async () => {
    const odd = weather.replace('temp', '"temp, ""C"""').split('\n').slice(0, 41).join('\n');
    writeFileSync(path('odd.csv'), odd);
    await trainSeries(
      'odd.csv',
      '--predict',
      'temp, "C"',
      ...tiny,
      '--engine',
      'cpu',
      '--steps',
      '1',
      '--save',
      'odd.safetensors',
    );
    const { stdout } = await run('predict', 'odd.safetensors', 'odd.csv', '--engine', 'cpu');
    expect(linesOf(stdout)[0]).toBe('row,"temp, ""C"" predicted"');
  });
});

it('forecast goes on from the network’s own predictions, and says which inputs stay as they were', async () => {
  const file = model('w.safetensors');
  const { columns, held } = await ask('w.safetensors', (network) => forecastSeries(network, file, series.columns, 7));
  const values = Array.from(columns[0]!.values);
  const line = ['forecast', 'w.safetensors', 'weather.csv', '--engine', 'reference', '--length', '7'];
  const [csv, json] = await Promise.all([run(...line), run(...line, '--json')]);
  expect(csv).toMatchObject({
    code: 0,
    stdout: `row,temp forecast\n${values.map((value, i) => `${91 + i},${value}`).join('\n')}\n`,
    stderr: expect.stringContaining('Held as they were last, since they are not predicted: “wind”.\n'),
  });
  expect(held).toEqual(['wind']);
  expect(JSON.parse(json.stdout)).toEqual({ rows: 90, held, forecast: { temp: values } });
});
