import { describe, expect, it } from 'vitest';
import type { ExperimentResult, Series } from '../../src/experiment/experiment.ts';
import { defaultOptions, type ExperimentOptions } from '../../src/experiment/options.ts';
import { followMatching, initialMatching, type Matching, reduceMatching } from '../../src/page/matching/matching.ts';
import { namesOf, plottedOf, summaryOf } from '../../src/page/matching/plotted.ts';
import type { Event } from '../../src/training/protocol.ts';

const series = (model: string, primesFrom: Series['primesFrom'], lengths: readonly number[]): Series => ({
  model,
  primesFrom,
  curve: [0, 1, 2].map((n) => lengths.filter((length) => length >= n).length),
  trials: lengths.map((length) => {
    const known = length > 0;
    const place = known ? 3 : null;
    return { start: 0, prime: 'a', prediction: 'bc', occurrences: known ? 1 : 0, place, length, before: '', after: '' };
  }),
});

const result = (change: Partial<ExperimentOptions> = {}): ExperimentResult => ({
  options: { ...defaultOptions, trials: 2, length: 2, ...change },
  series: [
    series('network', 'training text', [2, 1]),
    series('network', 'held-out part', [2, 0]),
    series('n-gram, order 2', 'training text', [1, 0]),
  ],
});

const matched = (step: number, change?: Partial<ExperimentOptions>, datasetName = 'cats'): Event => ({
  kind: 'matched',
  step,
  datasetName,
  cell: 'gru',
  layers: 1,
  hidden: 8,
  result: result(change),
});

const following = (...events: readonly Event[]): Matching => events.reduce(followMatching, initialMatching);

describe('the matching experiment', () => {
  it('is under way from when it is asked for until it has a result, or none', () => {
    const asked = reduceMatching(initialMatching, { kind: 'asked' });
    expect(asked.progress).toEqual({ phase: 'predicting' });
    const matching: Event = { kind: 'matching', progress: { phase: 'matching', share: 0.5 } };
    expect(followMatching(asked, matching).progress?.share).toBe(0.5);
    expect(followMatching(asked, matched(1))).toMatchObject({ progress: null, stopped: false });
    expect(reduceMatching(asked, { kind: 'crashed' }).progress).toBeNull();
    expect(followMatching(asked, { kind: 'unmatched' })).toMatchObject({ progress: null, stopped: true, runs: [] });
  });

  it('keeps a few runs, the latest first, until they are removed', () => {
    const many = following(...Array.from({ length: 9 }, (_, step) => matched(step)));
    expect(many.runs.map(({ step }) => step)).toEqual([8, 7, 6, 5, 4, 3]);
    const fewer = reduceMatching(many, { kind: 'removed', id: many.runs[1]!.id });
    expect(fewer.runs.map(({ step }) => step)).toEqual([8, 6, 5, 4, 3]);
    const ids = followMatching(fewer, matched(9)).runs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names runs by step and temperature, and by what else tells them apart', () => {
    expect(namesOf(following(matched(1000), matched(1000, { temperature: 0.5 })).runs)).toEqual([
      'step 1,000, temperature 0.5',
      'step 1,000, greedy',
    ]);
    expect(namesOf(following(matched(1), matched(1, { primeLength: 5 }, 'dogs')).runs)).toEqual([
      'step 1, greedy, dogs, primes of 5',
      'step 1, greedy, cats, primes of 10',
    ]);
    expect(new Set(namesOf(following(matched(1), matched(1)).runs)).size).toBe(2);
  });

  it('plots everything of the latest run, and the network of the others', () => {
    expect(plottedOf(following(matched(1), matched(2)).runs).map(({ name, age }) => `${age}: ${name}`)).toEqual([
      '0: step 2, greedy',
      '0: step 2, greedy, held-out primes',
      '0: n-gram, order 2',
      '1: step 1, greedy',
      '1: step 1, greedy, held-out primes',
    ]);
  });

  it('is told in words', () => {
    expect(summaryOf(following(matched(40)).runs[0]!)).toBe(
      'At step 40, greedy, a prediction matches 1.50 characters on average, 2 at most. Of the primes from the held-out part 1 of 2 occur in the training text; from these it matches 2.00. N-grams match 0.50 (order 2).',
    );
  });
});
