import { expect, it } from 'vitest';
import { byVariance, overviewOf, valuesOf } from '../../../src/page/gates/units.ts';
import { readingAt, summaryOf } from '../../../src/page/gates/words.ts';
import type { Reading } from '../../../src/training/looks/reading.ts';

/** Three units over “a b”: the first is constant, the second goes far, the third a little. */
const reading: Reading = {
  text: 'a b',
  symbols: ['a', ' ', 'b'],
  hidden: 3,
  values: {
    h: Float32Array.of(0.5, -0.95, 0.1, 0.5, 0.95, 0.2, 0.5, 0, 0.1),
    z: Float32Array.of(0.5, 0.05, 0.4, 0.5, 0.95, 0.5, 0.5, 0.5, 0.4),
    r: new Float32Array(9).fill(0.25),
  },
};

it('puts the units first that vary most', () => {
  expect(byVariance(valuesOf(reading, 'h')!)).toEqual([1, 2, 0]);
});

it('counts gates that are open and shut, and states near either end', () => {
  expect(overviewOf(valuesOf(reading, 'z')!, false)).toMatchObject({ high: 1 / 9, low: 1 / 9 });
  expect(overviewOf(valuesOf(reading, 'h')!, true)).toMatchObject({ high: 1 / 9, low: 1 / 9 });
});

it('reads a place out, and the whole in a sentence', () => {
  expect(readingAt(reading, 1, 1)).toBe('space, character 2 · unit 2 · h 0.95 · z 0.95 · r 0.25');
  expect(summaryOf(reading, 'h', [1, 2, 0])).toMatch(
    /above 0\.9 11 % of the time, and below −0\.9 11 %; .* unit 2, goes from −0\.95, at “a”, to 0\.95, at space\.$/,
  );
  const rnn = { ...reading, values: { h: reading.values.z! } };
  expect(readingAt(rnn, 0, 0)).toBe('“a”, character 1 · unit 1 · h 0.50');
  expect(summaryOf(rnn, 'h', [1])).toMatch(/below 0\.1 11 %/);
});
