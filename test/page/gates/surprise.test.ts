import { expect, it } from 'vitest';
import { placeAfter } from '../../../src/page/gates/keys.ts';
import {
  expectedAt,
  formatProbability,
  mostSurprising,
  prospectsAt,
  strengthOf,
  stumbleOf,
} from '../../../src/page/gates/surprise.ts';
import type { Reading } from '../../../src/training/looks/reading.ts';

const likeliest = [
  { symbol: 'h', probability: 0.75 },
  { symbol: ' ', probability: 0.125 },
];

/** “the q”, whose last character was not expected. */
const reading: Reading = {
  read: { timestep: 'character', timesteps: 5, first: 1, symbols: Array.from('the q') },
  cell: 'rnn',
  layer: 0,
  layers: 1,
  hidden: 1,
  values: { h: new Float32Array(5) },
  expectation: {
    surprises: Float32Array.of(Number.NaN, 0.5, 0.25, 0.25, 9),
    likeliest: Array(5).fill(likeliest),
  },
};

it('names the place where the network stumbles most', () => {
  expect(stumbleOf(reading)).toBe(
    'It stumbles most here: “q” after “the ” costs 9.0 bits; on average a character costs 2.5 bits.',
  );
  expect(mostSurprising(['a', '\n'], [1, 3])).toBe('line break after “a” costs 3.0 bits');
  expect(mostSurprising(['a', 'b'], [4, 3])).toBe('“a” at the start costs 4.0 bits');
  const single = { ...reading.expectation!, surprises: Float32Array.of(Number.NaN) };
  expect(stumbleOf({ ...reading, read: { ...reading.read, symbols: ['t'] }, expectation: single })).toMatch(
    /^One character alone/,
  );
  const { expectation: _, ...rows } = reading;
  expect(stumbleOf(rows)).toBe('');
});

it('tells what may come next, and what came, also where that is none of the likeliest', () => {
  expect(prospectsAt(reading, 0)).toEqual([{ symbol: 'h', probability: 0.75, cost: 0.5 }, likeliest[1]]);
  expect(prospectsAt(reading, 3)).toEqual([...likeliest, { symbol: 'q', probability: 2 ** -9, cost: 9 }]);
  expect(prospectsAt(reading, 4)).toEqual(likeliest);
  expect(expectedAt(reading, 3)).toBe('It expected “h” 75 %, space 13 %, “q” 0.2 %; “q” came next, and cost 9.0 bits.');
  expect(expectedAt(reading, 4)).toBe('It expected “h” 75 %, space 13 %.');
});

it('has no more than the full colour, and none for what is not known', () => {
  expect([0, 4, 8, 20, Number.NaN].map(strengthOf)).toEqual([0, 0.5, 1, 1, 0]);
  expect([1, 0.0994, 0.0001].map(formatProbability)).toEqual(['100 %', '9.9 %', '< 0.1 %']);
});

it('goes by keys to the ends and no further', () => {
  const units = [7, 3];
  const go = (key: string, timestep: number, unit: number) => placeAfter(key, { timestep, unit }, units, 5);
  expect(go('ArrowRight', 4, 7)).toEqual({ timestep: 4, unit: 7 });
  expect(go('ArrowLeft', 2, 7)).toEqual({ timestep: 1, unit: 7 });
  expect(go('ArrowDown', 2, 7)).toEqual({ timestep: 2, unit: 3 });
  expect(go('ArrowDown', 2, 3)).toEqual({ timestep: 2, unit: 3 });
  expect(go('End', 2, 3)).toEqual({ timestep: 4, unit: 3 });
  expect(go('x', 2, 3)).toBeUndefined();
});
