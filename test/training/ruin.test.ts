import { expect, it } from 'vitest';
import { symbolModel } from '../../src/model/configuration.ts';
import { RuinWatch } from '../../src/training/ruin.ts';

it('A network is ruined that has lost half of what the best one had learned that was saved', () => {
  // One that has learned nothing has ln 100 = 4.6 nats.
  const watch = new RuinWatch(symbolModel('gru', 100, 8));
  expect(watch.ruins(1000)).toBe(false);
  watch.saved(4.7);
  expect(watch.ruins(1000)).toBe(false);
  watch.saved(2);
  watch.saved(3);
  expect(watch.best).toBe(2);
  expect(watch.ruins(3.2)).toBe(false);
  for (const loss of [3.4, 1e30, Number.POSITIVE_INFINITY, Number.NaN]) expect(watch.ruins(loss)).toBe(true);
});

it('Where each output is one of its own, learning nothing costs more', () => {
  const watch = new RuinWatch(symbolModel('gru', 100, 8, { output: 'sigmoid' }));
  watch.saved(4);
  expect(watch.ruins(30)).toBe(false);
  expect(watch.ruins(40)).toBe(true);
});
