import { expect, it } from 'vitest';
import {
  byVariance,
  overviewOf,
  type Quantity,
  quantitiesOf,
  rangeOf,
  valuesOf,
} from '../../../src/page/gates/units.ts';
import { meaningOf, readingAt, summaryOf } from '../../../src/page/gates/words.ts';
import type { Reading } from '../../../src/training/looks/reading.ts';

/** Three units over “a b”: the first is constant, the second goes far, the third a little. */
const reading: Reading = {
  read: { timestep: 'character', timesteps: 3, first: 1, symbols: ['a', ' ', 'b'] },
  cell: 'gru',
  layer: 0,
  layers: 1,
  hidden: 3,
  values: {
    h: Float32Array.of(0.5, -0.95, 0.1, 0.5, 0.95, 0.2, 0.5, 0, 0.1),
    z: Float32Array.of(0.5, 0.05, 0.4, 0.5, 0.95, 0.5, 0.5, 0.5, 0.4),
    r: new Float32Array(9).fill(0.25),
    c: new Float32Array(9).fill(-0.5),
  },
};
const [z, r, , h] = quantitiesOf('gru') as [Quantity, Quantity, Quantity, Quantity];

it('puts the units first that vary most', () => {
  expect(byVariance(valuesOf(reading, h))).toEqual([1, 2, 0]);
});

it('counts gates that are open and shut, and states near either end', () => {
  expect(overviewOf(valuesOf(reading, z))).toMatchObject({ high: 1 / 9, low: 1 / 9 });
  expect(overviewOf(valuesOf(reading, h))).toMatchObject({ high: 1 / 9, low: 1 / 9 });
});

it('reads a place out, and the whole in a sentence', () => {
  expect(readingAt(reading, 1, 1)).toBe('space, character 2 · unit 2 · z 0.95 · r 0.25 · c −0.50 · h 0.95');
  expect(summaryOf(reading, r, [0])).toMatch(
    /units the reset gate is wide open 0 % of the time, and shut 0 %; its mean/,
  );
  expect(summaryOf(reading, h, [1, 2, 0])).toMatch(
    /above 0\.9 11 % of the time, and below −0\.9 11 %; .* unit 2, goes from −0\.95, at “a”, to 0\.95, at space\.$/,
  );
  const deep = { ...reading, layer: 1, layers: 2 };
  expect(summaryOf(deep, h, [0])).toMatch(/all 3 units of layer 2 the state is above/);
  const rnn: Reading = { ...reading, cell: 'rnn', values: { h: reading.values['z']! } };
  expect(readingAt(rnn, 0, 0)).toBe('“a”, character 1 · unit 1 · h 0.50');
  expect(summaryOf(rnn, h, [1])).toMatch(/the state is above 0\.9 11 % of the time, and below 0\.1 11 %/);
});

it('tells of rows and of samples by their numbers and values', () => {
  const values = Float64Array.of(1.5, -0.25, 3);
  const variables = ['a', 'b', 'c', 'd'].map((name) => ({ name, values }));
  const rows: Reading = { ...reading, read: { timestep: 'row', timesteps: 3, first: 4501, variables } };
  expect(readingAt(rows, 1, 1)).toMatch(/^row 4,502 · a −0\.25 · b −0\.25 · c −0\.25 · unit 2 · z/);
  expect(summaryOf(rows, h, [1])).toMatch(/^Over these 3 rows and .* −0\.95, at row 4,501, to 0\.95, at row 4,502\.$/);
  const single: Reading = { ...rows, read: { timestep: 'timestep', timesteps: 1, first: 1, variables } };
  expect(summaryOf(single, h, [0])).toMatch(/^Over this one timestep and /);
  expect(readingAt(single, 1, 0)).toBe('');
});

it('has a scale with room for all values, to whole numbers', () => {
  expect(rangeOf([0.2, 0.9])).toEqual({ low: 0, high: 1 });
  expect(rangeOf([0.2, 1.0000001, -0.1])).toEqual({ low: -1, high: 1 });
  expect(rangeOf([-2.5, 1])).toEqual({ low: -3, high: 3 });
});

it('says of each cell what there is to see', () => {
  expect(quantitiesOf('lstm').map(({ letter }) => letter)).toEqual(['i', 'f', 'g', 'o', 'h', 'c']);
  expect(meaningOf('lstm')).toMatch(/^i lets .*, h is the unit’s state, c is its memory\.$/);
  expect(meaningOf('rnn-tanh')).toBe('h is the unit’s state.');
});
