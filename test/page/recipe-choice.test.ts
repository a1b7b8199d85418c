import { expect, it } from 'vitest';
import { wordsOfTime } from '../../src/page/recipe-choice.ts';

it.each([
  [1, '~5 s'],
  [42, '~40 s'],
  [95, '~2 min'],
  [600, '~10 min'],
  [5820, '~1 h 37 min'],
  [7200, '~2 h'],
])('A recipe of %f seconds is said to take %s', (seconds, words) => {
  expect(wordsOfTime(seconds)).toBe(words);
  expect(wordsOfTime(undefined)).toBe('');
});
