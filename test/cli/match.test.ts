import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import type { ExperimentResult } from '../../src/experiment/experiment.ts';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { useCommandLine } from './command-line.ts';

type Found = ExperimentResult & { readonly text: string; readonly step?: number; readonly cell: string };

const { run, path } = useCommandLine();
const text = fieldNotes().text;
const trained = Math.ceil(0.9 * text.length);

const read = (name: string) => readFileSync(path(name), 'utf8');
const found = (stdout: string) => JSON.parse(stdout) as Found;
/** The cells of a CSV without quotes. */
const cells = (csv: string) =>
  csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));

beforeAll(async () => {
  const settings = ['--hidden', '48', '--batch', '16', '--steps', '200', '--learning-rate', '0.02', '--engine', 'cpu'];
  const ended = await run('train', 'field-notes', ...settings, '--save', 'm.safetensors');
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
}, 300_000);

describe('match', () => {
  const options = ['--trials', '40', '--length', '30', '--seed', '3', '--engine', 'cpu'];
  const files = ['--csv', 'curves.csv', '--trials-csv', 'trials.csv', '--svg', 'plot.svg'];

  it('prints and writes one and the same result, in every form', async () => {
    const line = ['match', 'm.safetensors', 'field-notes', ...options, '--held-out'];
    const ended = await run(...line, ...files, '--json');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.trimEnd()).not.toContain('\n');
    const { series, ...about } = found(ended.stdout);
    expect(about).toEqual({
      text: 'Field notes',
      step: 200,
      cell: 'gru',
      layers: 1,
      hidden: 48,
      options: {
        trials: 40,
        primeLength: 10,
        length: 30,
        temperature: 0,
        seed: 3,
        heldOut: true,
        orders: [2, 4, 6, 8],
      },
    });

    const symbols = Array.from(text);
    for (const { primesFrom, curve, trials } of series) {
      expect(curve).toEqual(Array.from({ length: 31 }, (_, n) => trials.filter(({ length }) => length >= n).length));
      for (const { start, prime, prediction, place, length } of trials) {
        const from = primesFrom === 'held-out part' ? trained + start : start;
        expect(symbols.slice(from, from + 10).join('')).toBe(prime);
        if (place === null) continue;
        expect(place + 10 + length).toBeLessThanOrEqual(trained);
        const agreed = prime + Array.from(prediction).slice(0, length).join('');
        expect(symbols.slice(place, place + 10 + length).join('')).toBe(agreed);
      }
    }
    // It was trained for long enough to keep to the text for a while.
    expect(series[0]!.curve[5]).toBeGreaterThan(5);

    const [head, ...lines] = cells(read('curves.csv').replaceAll(/"([^"]*), ([^"]*)"/g, '$1 $2'));
    expect(head).toEqual([
      'matching string length',
      'network',
      'network held-out primes',
      ...[2, 4, 6, 8].map((order) => `n-gram order ${order}`),
    ]);
    expect(lines.map((line) => line.map(Number))).toEqual(
      Array.from({ length: 31 }, (_, n) => [n, ...series.map(({ curve }) => curve[n])]),
    );
    const trials = read('trials.csv');
    for (const { prediction } of series.flatMap(({ trials }) => trials)) {
      expect(trials).toContain(prediction.replaceAll('"', '""'));
    }
    const svg = read('plot.svg');
    expect(svg).toContain('<title>Field notes: GRU of 48 units at step 200, greedy, 40 primes of 10</title>');
    const heights = [...svg.matchAll(/<g [^>]+><title>(.*?)<\/title><polyline points="([^"]*)"/g)].map(
      ([, name, points]) => [name, points!.split(' ').map((point) => Number(point.split(',')[1]))] as const,
    );
    const [top, bottom] = [heights[0]![1][0]!, Number(/<path d="M64 ([\d.]+)v5"/.exec(svg)![1])];
    const plotted = new Map(
      heights.map(([name, ys]) => [name, ys.map((y) => Math.round((40 * (bottom - y)) / (bottom - top)))]),
    );
    expect(plotted.size).toBe(6);
    expect(plotted.get('network')).toEqual(series[0]!.curve);
    expect(plotted.get('network, held-out primes')).toEqual(series[1]!.curve);

    const plain = await run(...line);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toMatch(/^Engine: cpu on .+\nField notes: GRU of 48 units at step 200, greedy, 40 primes/);
    for (const { curve } of series) {
      const figures = [1, 5, 10, 20].map((n) => curve[n]).join(' +');
      expect(plain.stdout).toMatch(new RegExp(`^n.* ${figures} +[\\d.]+ +\\d+$`, 'm'));
    }
    const longest = series
      .filter(({ model }) => model === 'network')
      .flatMap(({ trials }) => trials)
      .reduce((a, b) => (b.length > a.length ? b : a));
    const matching = Array.from(longest.prediction).slice(0, longest.length).join('');
    const marked = `‹${longest.prime}›[${matching}]`.replaceAll('\n', '↵');
    expect(plain.stdout).toContain(`${longest.length}  ${marked}`);
    expect(plain.stdout).toContain(`at character ${longest.place!.toLocaleString('en')},`);
    expect(plain.stdout.split(marked)).toHaveLength(3);
    expect(plain.stdout).not.toContain('\x1b');
  });

  it('finds the same on another engine, and something else with another seed or at a temperature', async () => {
    const line = (...more: string[]) => run('match', 'm.safetensors', 'field-notes', ...options, '--json', ...more);
    const [cpu, reference, seed, warm] = await Promise.all([
      line(),
      line('--engine', 'reference'),
      line('--seed', '4'),
      line('--temperature', '1'),
    ]);
    const curveOf = ({ stdout }: { stdout: string }) => found(stdout).series[0]!.curve;
    const [first, second] = [curveOf(cpu), curveOf(reference)];
    // Of two equally likely characters rounding may choose either.
    expect(first.every((count, n) => Math.abs(count - second[n]!) <= 1)).toBe(true);
    expect(found(cpu.stdout).series).toHaveLength(5);
    const primes = ({ stdout }: { stdout: string }) => found(stdout).series[0]!.trials.map(({ prime }) => prime);
    expect(primes(seed)).not.toEqual(primes(cpu));
    expect(primes(warm)).toEqual(primes(cpu));
    expect(curveOf(warm)).not.toEqual(first);
  });

  it('takes all of a text of which it does not know what was held out', async () => {
    const line = (model: string, dataset: string, ...more: string[]) =>
      run('match', model, dataset, ...options, ...more);
    /** How much of the text of so many characters the primes come from, about. */
    const reach = ({ stdout }: { stdout: string }, length: number) =>
      Math.max(...found(stdout).series[0]!.trials.map(({ start }) => start)) / length;

    writeFileSync(path('part.txt'), Array.from(text).slice(0, 5000).join(''));
    const other = await line('m.safetensors', 'part.txt', '--json');
    expect(other, other.stderr).toMatchObject({ code: 0 });
    expect(other.stderr).toContain('It was trained on Field notes, and not on part.txt as it is');
    expect(reach(other, 5000)).toBeGreaterThan(0.9);

    const { training: _, ...bare } = decodeModelFile(readFileSync(path('m.safetensors')));
    writeFileSync(path('bare.safetensors'), encodeModelFile(bare));
    const whole = await line('bare.safetensors', 'field-notes', '--json');
    expect(whole, whole.stderr).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Engine: .+\n$/) });
    expect(found(whole.stdout)).not.toHaveProperty('step');
    expect(reach(whole, text.length)).toBeGreaterThan(0.9);
    const refused = await line('bare.safetensors', 'field-notes', '--held-out');
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('leave --held-out away') });
  });
});
