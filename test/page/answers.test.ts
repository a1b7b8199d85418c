import { expect, it } from 'vitest';
import { folded, formatShare, formatTo, summaryOf, thoughtOf } from '../../src/page/answers/words.ts';
import type { ThoughtSample } from '../../src/training/looks/answers.ts';

const confusion = {
  classes: ['a', 'b', 'c', 'd'],
  counts: [
    [5, 1, 0, 0],
    [4, 9, 2, 0],
    [0, 0, 3, 1],
    [0, 0, 0, 2],
  ],
  accuracy: 19 / 27,
};

it('A table of confusion has the rarest classes together', () => {
  expect(folded(confusion, 4)).toEqual(confusion);
  expect(folded(confusion, 3)).toEqual({
    classes: ['a', 'b', '2 others'],
    counts: [
      [5, 1, 0],
      [4, 9, 2],
      [0, 0, 6],
    ],
    accuracy: confusion.accuracy,
  });
});

it('Labels are told with the most frequent mistake', () => {
  const answers = { kind: 'classes', step: 900, isHeldOut: true, counted: 27, confusion, shown: [] } as const;
  expect(summaryOf(answers)).toBe(
    'At step 900 the network takes 70.3\u00a0% of 27 held-out samples for what they are. Its most frequent mistake is to take “b” for “a”, 4 times.',
  );
  expect(summaryOf({ ...answers, counted: 9, step: 0, isHeldOut: false })).toMatch(
    /^Untrained, the network takes .* of 27 labels of 9 samples that it has learned from for/,
  );
  const right = {
    classes: ['a', 'b'],
    counts: [
      [1, 0],
      [0, 1],
    ],
    accuracy: 1,
  };
  expect(summaryOf({ ...answers, confusion: right })).toMatch(/100\u00a0% .* It mistakes none\.$/);
});

it('Numbers are told with their errors beside those of the mean', () => {
  const variables = ['u', 'v', 'w', 'x'].map((name) => ({ name, error: 0.125, deviation: 0.4 }));
  const answers = { kind: 'numbers', step: 5, isHeldOut: true, counted: 1000, variables, shown: [] } as const;
  expect(summaryOf(answers)).toMatch(
    /^At step 5 the network answers to 1,000 held-out samples: u with an error of 0\.125, where whoever always says the mean makes one of 0\.4; v .*; w .*; and one other\.$/,
  );
});

it('A sample is told with what it is and what it is taken for', () => {
  const sample: ThoughtSample = {
    number: 7,
    timesteps: 3,
    first: 0,
    symbols: ['k', 'e', 's'],
    classes: [1, 3],
    probabilities: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.625, 0.25),
    right: [undefined, undefined, 1],
  };
  const names = ['a', 'b', 'c', 'd'];
  expect(thoughtOf(sample, names)).toBe('“kes” is “b” and is taken for it, 62.5\u00a0%.');
  expect(thoughtOf({ ...sample, right: [1, 3, 3] }, names)).toBe(
    '“kes” ends in “d” but is taken for “b”, 62.5\u00a0%.',
  );
  expect(thoughtOf({ ...sample, right: [1, undefined, undefined] }, names)).toBe(
    '“kes” is “b” but is taken for “d”, 20.0\u00a0%.',
  );
  expect(thoughtOf({ ...sample, timesteps: 300, first: 297 }, names)).toBe(
    'Sample 7 is “b” and is taken for it, 62.5\u00a0%. Its last 3 of 300 timesteps:',
  );
});

it('Shares are not rounded up to all, and figures of a column have as many places', () => {
  expect([formatShare(0.9999), formatShare(1), formatShare(Number.NaN)]).toEqual(['99.9\u00a0%', '100\u00a0%', '–']);
  expect([1, -0.0424, -0.0001, Number.NaN].map((value) => formatTo(0.41, value))).toEqual([
    '1.000',
    '−0.042',
    '0.000',
    '–',
  ]);
  expect(formatTo(1250, 31_415.9)).toBe('31416');
});
