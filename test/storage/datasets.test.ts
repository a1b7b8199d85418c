import { expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { fingerprint } from '../../src/data/fingerprint.ts';
import { decodeDataset, decodeText, encodeDataset } from '../../src/storage/datasets.ts';

const others: Record<string, Dataset> = {
  'a series with numbers that are missing': {
    kind: 'series',
    name: 'sales.csv',
    columns: [
      { name: 'price, “net”', values: Float64Array.of(1.5, Number.NaN, -0) },
      { name: 'sold', values: Float64Array.of(1, 2, Number.MAX_VALUE) },
    ],
    remarks: ['Left out: “day”.'],
  },
  'symbols with a label, of lengths that do not fill a word': {
    kind: 'labelled',
    name: 'names.jsonl',
    inputs: { kind: 'symbols', symbols: ['a', '😀'], ids: [Uint32Array.of(0), Uint32Array.of(1, 0, 1)] },
    targets: { kind: 'classes', at: 'end', classes: ['x', 'y'], ids: [Uint32Array.of(0), Uint32Array.of(1)] },
  },
  'vectors with vectors at each timestep': {
    kind: 'labelled',
    name: 'gestures.jsonl',
    inputs: { kind: 'vectors', names: ['x'], values: [Float32Array.of(1), Float32Array.of(2, 3, 4)] },
    targets: {
      kind: 'vectors',
      at: 'timestep',
      names: ['y'],
      values: [Float32Array.of(Number.NaN), new Float32Array(3)],
    },
    best: { losses: Float64Array.of(0.5, 0.25) },
  },
};

test.each(Object.entries(others))('What is kept comes back: %s', (_, dataset) => {
  const back = decodeDataset(encodeDataset(dataset));
  expect(back).toEqual(dataset);
  expect(fingerprint(back)).toBe(fingerprint(dataset));
});

test('What is kept comes back: a text', () => {
  const story: Dataset = { kind: 'text', name: 'story.txt', text: 'Ä story.\n😀' };
  expect(decodeText('story.txt', encodeDataset(story))).toEqual(story);
});

test('A view of a larger array is kept without the rest', () => {
  const all = Float64Array.of(9, 1, 2, 9);
  const series: Dataset = { kind: 'series', name: 'a.csv', columns: [{ name: 'x', values: all.subarray(1, 3) }] };
  expect(decodeDataset(encodeDataset(series))).toMatchObject({ columns: [{ values: Float64Array.of(1, 2) }] });
});
