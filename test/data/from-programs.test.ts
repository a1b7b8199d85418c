import { expect, it } from 'vitest';
import { samplesFromObjects } from '../../src/data/labelled/from-objects.ts';
import { samplesFromJsonLines } from '../../src/data/labelled/json-lines.ts';
import { seriesFromColumns } from '../../src/data/series/series.ts';

it('Objects are the samples that they are as JSON Lines', async () => {
  for (const objects of [
    [
      { text: 'Tanaka', label: 'Japanese' },
      { text: 'Müller', label: 'German' },
    ],
    [
      {
        inputs: [
          [1, 2],
          [3, 4],
        ],
        targets: [[1], null],
      },
      { inputs: [[5, 6]], targets: [[0.5]] },
    ],
    [
      { inputs: [1, 2, 3], target: 6 },
      { inputs: [1], target: 1 },
    ],
  ]) {
    const lines = objects.map((object) => JSON.stringify(object)).join('\n');
    expect(samplesFromObjects('mine', objects)).toEqual(await samplesFromJsonLines('mine', lines));
  }
});

it('An object that is not as the first is refused by its number', () => {
  const first = { text: 'abc', label: 'x' };
  expect(() => samplesFromObjects('mine', [first, { inputs: [1, 2], label: 'y' }])).toThrow(
    'mine, sample 2, key “inputs”: it holds numbers, where sample 1 has characters: write all samples in one way.',
  );
  expect(() => samplesFromObjects('mine', [first])).toThrow('mine has only one sample: give at least two.');
});

it('Columns are a series, which keeps numbers of its own', () => {
  const a = [1, Number.NaN, 3];
  const series = seriesFromColumns('mine', { a, b: Float32Array.of(4, 5, 6) });
  a[0] = 9;
  expect(series).toEqual({
    kind: 'series',
    name: 'mine',
    columns: [
      { name: 'a', values: Float64Array.of(1, Number.NaN, 3) },
      { name: 'b', values: Float64Array.of(4, 5, 6) },
    ],
  });
  expect(() => seriesFromColumns('mine', { a, b: [1] })).toThrow('mine has 3 rows in “a” and 1 in “b”');
  expect(() => seriesFromColumns('mine', { a: [1, Number.POSITIVE_INFINITY] })).toThrow(
    'infinite number in row 2 of “a”',
  );
  expect(() => seriesFromColumns('mine', {})).toThrow('mine has no rows');
});
