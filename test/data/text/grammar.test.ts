import { describe, expect, test } from 'vitest';
import { draw, evenly, expectation, type Grammar } from '../../../src/data/text/grammar.ts';
import { Random } from '../../../src/model/random.ts';
import { textEntropy, texts } from './derivations.ts';

const small: Grammar = {
  start: { '{number} {bird}.': 3, 'rain.': 1 },
  number: { no: 1, two: 2 },
  bird: evenly('owls', 'jays', 'herons {near}'),
  near: evenly('by the weir', 'here'),
};

describe('expectation', () => {
  test('is what summing over every text gives', () => {
    const all = texts(small, 'start');
    const { surprisal, length } = expectation(small, 'start');
    expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
    expect(surprisal).toBeCloseTo(textEntropy(all), 12);
    expect(length).toBeCloseTo(
      all.reduce((sum, { text, probability }) => sum + probability * text.length, 0),
      12,
    );
  });

  test('counts choices, so exceeds the entropy of the texts where a text has two derivations', () => {
    const ambiguous: Grammar = { start: evenly('{one}b', 'a{two}'), one: evenly('a', 'c'), two: evenly('b', 'd') };
    expect(expectation(ambiguous, 'start').surprisal).toBe(2);
    expect(textEntropy(texts(ambiguous, 'start'))).toBe(1.5);
  });

  test('of a name without a choice is no surprise', () => {
    expect(expectation({ start: { always: 7 } }, 'start')).toEqual({ surprisal: 0, length: 6 });
  });
});

describe('draw', () => {
  test('draws each text as often as its probability says', () => {
    const random = new Random(3);
    const counts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const text = draw(small, 'start', random);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const all = texts(small, 'start');
    expect(counts.size).toBe(all.length);
    for (const { text, probability } of all) {
      expect(Math.abs((counts.get(text) ?? 0) / 20_000 - probability)).toBeLessThan(0.01);
    }
  });

  test('refuses a name that has no rule', () => {
    expect(() => draw({ start: evenly('{bird}') }, 'start', new Random(1))).toThrow('no rule for “bird”');
  });
});
