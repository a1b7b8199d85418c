import { expect, it } from 'vitest';
import { readingAt, summaryOf } from '../../src/page/prediction/words.ts';
import type { Prediction } from '../../src/training/looks/prediction.ts';

const prediction: Prediction = {
  step: 1200,
  variables: ['wind', 'rain'],
  variable: 0,
  ahead: 1,
  isHeldOut: true,
  first: 4501,
  values: Float64Array.of(1, -2.5, Number.NaN),
  predicted: Float64Array.of(0.5, 1, 1.25),
  from: 1,
  forecast: Float64Array.of(Number.NaN, -0.123456, 3),
  held: [],
  errors: { prediction: 0.2345, persistence: 0.4, forecast: 0.5 },
};

it('A prediction is told in a sentence, with its errors', () => {
  expect(summaryOf(prediction)).toBe(
    'At step 1,200 the network predicts wind over held-out rows 4,501 to 4,503, one row ahead, with an error of 0.235: less than the 0.4 of persistence, which says what was last. Going on by itself from row 4,502, it is off by 0.5 over 2 rows.',
  );
  const poor = { ...prediction, step: 0, ahead: 12, errors: { ...prediction.errors, prediction: 0.4 } };
  expect(summaryOf(poor)).toMatch(/^Untrained, the network predicts .* 12 rows ahead, .* 0\.4: no less than the 0\.4/);
});

it('A prediction is told with what there is to beware of', () => {
  expect(summaryOf({ ...prediction, held: ['sun'] })).toMatch(/For that sun is taken to stay as last read\.$/);
  expect(summaryOf({ ...prediction, held: ['a', 'b', 'c', 'd'] })).toMatch(/For that a, b and 2 others are taken/);
  expect(summaryOf({ ...prediction, isHeldOut: false })).toMatch(/ over rows 4,501 .* has learned from these rows\.$/);
  const none = { ...prediction, errors: { prediction: Number.NaN, persistence: Number.NaN, forecast: Number.NaN } };
  expect(summaryOf(none)).toBe('wind was not measured in any of the held-out rows 4,501 to 4,503.');
});

it('A row is told with what is known of it', () => {
  expect(readingAt(prediction, 0)).toBe('row 4,501 · measured 1 · predicted 0.5');
  expect(readingAt(prediction, 1)).toBe('row 4,502 · measured −2.5 · predicted 1 · forecast −0.123');
  expect(readingAt(prediction, 2)).toBe('row 4,503 · predicted 1.25 · forecast 3');
});
