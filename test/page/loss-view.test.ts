import { expect, it } from 'vitest';
import { summaryOf } from '../../src/page/loss-view.ts';
import { initialState, type PageState } from '../../src/page/state.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';

/** A run that stands at step 100, with a held-out loss of one bit. */
const standingAt = (step: number, change: Partial<Configuration> = {}): PageState => ({
  ...initialState({ ...defaultConfiguration, ...change }),
  last: { step: 100, loss: 2 * Math.LN2, gradientNorm: 1, learningRate: 0.005 },
  validation: { step, loss: Math.LN2 },
});

it('The words below the chart are of the present step', () => {
  expect(summaryOf(standingAt(100), 0.5, [])).toBe(
    'After 100 steps the loss is 0.50 bits per character in the mean, and 1.00 on what is held out (step 100).',
  );
});

it('The words below the chart say why held out costs less, where it does', () => {
  const told = (change: Partial<Configuration>, step = 100) => summaryOf(standingAt(step, change), 1.5, []);
  expect(told({})).toMatch(/ \(step 100\)\. Training costs more: blank beginnings and a mean over past steps\.$/);
  expect(told({ leadIn: 8, dropout: 0.2 })).toMatch(/: units dropped out and a mean/);
  expect(told({ batches: 'streams', averaging: 0.99 })).toMatch(/: weights not averaged yet and a mean/);
  expect(told({ batches: 'streams' })).toMatch(/: a mean over past steps/);
  // A figure of long ago stands beside another network's.
  expect(told({}, 50)).not.toContain('Training costs more');
});
