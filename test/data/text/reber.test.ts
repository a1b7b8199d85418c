import { describe, expect, test } from 'vitest';
import { floorOf } from '../../../src/data/text/corpus.ts';
import {
  allowedNext,
  decisivePlace,
  drawString,
  embeddedReber,
  embeddedReberText,
  figures,
  reber,
  reberText,
} from '../../../src/data/text/reber.ts';
import { Random } from '../../../src/model/random.ts';

const grammars = { reber, embedded: embeddedReber };

const sample = (automaton: typeof reber, count: number) => {
  const random = new Random(5);
  return Array.from({ length: count }, () => drawString(automaton, random));
};

/** The Reber strings as an expression: what may follow once the two ways through the grammar have met in its fourth state. */
const met = '(XT*VP)*(S|XT*VV)';
const isReber = new RegExp(`^B(TS*X${met}|PT*V(P${met}|V))E$`);

/** Reber strings of at least this probability, each with its own, by trying every symbol at every place. */
function enumerate(least: number): Map<string, number> {
  const found = new Map<string, number>();
  const goOn = (text: string, probability: number) => {
    if (isReber.test(text)) return void found.set(text, probability);
    const next = [...'BTPSXVE'].filter((symbol) => beginsReber(text + symbol));
    if (probability >= least) for (const symbol of next) goOn(text + symbol, probability / next.length);
  };
  goOn('', 1);
  return found;
}

/** Whether a Reber string may begin so: then one of a few endings completes it. */
const beginsReber = (text: string) =>
  ['', 'E', 'SE', 'VE', 'VVE', 'XSE', 'PSE', 'TXSE', 'BTXSE'].some((ending) => isReber.test(text + ending));

describe.each([
  // Six choices between two in eight symbols; one more in four more.
  ['reber', 8, 6],
  ['embedded', 12, 7],
] as const)('The exact figures: %s', (name, length, choices) => {
  const automaton = grammars[name];
  const exact = figures(automaton);

  test('are those found by hand', () => {
    expect(exact.length).toBeCloseTo(length, 12);
    expect(exact.entropy).toBeCloseTo(choices / length, 12);
    // Each choice between two is two questions of one bit.
    expect(exact.binaryEntropy).toBeCloseTo((2 * choices) / length, 12);
  });

  test('are those of all strings, one by one', () => {
    const inner = enumerate(2 ** -16);
    const strings =
      name === 'reber'
        ? inner
        : new Map([...inner].flatMap(([s, p]) => [...'TP'].map((end) => [`B${end}${s}${end}E`, p / 2] as const)));
    let [mass, surprisal, symbols] = [0, 0, 0];
    for (const [string, probability] of strings) {
      mass += probability;
      surprisal -= probability * Math.log2(probability);
      symbols += probability * string.length;
    }
    expect(mass).toBeGreaterThan(0.98);
    // What is missing are a few long strings, none of which the sums can exceed.
    expect(surprisal).toBeLessThan(choices);
    expect(surprisal).toBeGreaterThan(choices - 25 * (1 - mass));
    expect(symbols).toBeLessThan(length);
    expect(symbols).toBeGreaterThan(length - 30 * (1 - mass));
  });

  test('are those of a long sample whose contexts are counted', () => {
    const counts = new Map<string, Map<string, number>>();
    let places = 0;
    for (const string of sample(automaton, 20_000)) {
      for (let place = 0; place < string.length; place++, places++) {
        // The second symbol and the last five tell all states apart.
        const context = `${string.slice(0, Math.min(2, place))} ${string.slice(Math.max(0, place - 5), place)}`;
        const next = counts.get(context) ?? new Map<string, number>();
        counts.set(context, next.set(string[place]!, (next.get(string[place]!) ?? 0) + 1));
      }
    }
    let [entropy, binary] = [0, 0];
    for (const next of counts.values()) {
      const total = [...next.values()].reduce((a, b) => a + b);
      for (const count of next.values()) {
        const p = count / total;
        entropy -= count * Math.log2(p);
        if (p < 1) binary -= count * Math.log2(p) + (total - count) * Math.log2(1 - p);
      }
    }
    expect(places / 20_000).toBeCloseTo(exact.length, 0);
    expect(Math.abs(entropy / places - exact.entropy)).toBeLessThan(0.01);
    expect(Math.abs(binary / places - exact.binaryEntropy)).toBeLessThan(0.02);
  });
});

describe('The strings', () => {
  test('are those of the figure', () => {
    for (const string of sample(reber, 2000)) expect(string).toMatch(isReber);
    for (const string of sample(embeddedReber, 2000)) {
      expect(string.slice(2, -2)).toMatch(isReber);
      expect(string.at(0)! + string.at(-1)!).toBe('BE');
      expect('TP').toContain(string[1]);
      expect(string[decisivePlace(string)]).toBe(string[1]);
    }
  });

  test('can be walked, with what may come next at each place', () => {
    expect(allowedNext(reber, 'BTXSEB').map((symbols) => symbols.join(''))).toEqual(['TP', 'SX', 'XS', 'E', 'B', 'TP']);
    expect(allowedNext(embeddedReber, 'BPBTXSEPE').map((symbols) => symbols.join(''))).toEqual([
      'TP',
      'B',
      'TP',
      'SX',
      'XS',
      'E',
      'P',
      'E',
      'B',
    ]);
    expect(() => allowedNext(embeddedReber, 'BPBTXSETE')).toThrow('“T” at place 7 is not in the grammar: P may stand');
  });

  test('follow each other in a text that its seed fixes', () => {
    for (const [make, automaton] of [
      [reberText, reber],
      [embeddedReberText, embeddedReber],
    ] as const) {
      const corpus = make();
      expect(allowedNext(automaton, corpus.text).at(-1)).toEqual(['B']);
      expect(make(2).text).not.toBe(corpus.text);
      expect(make(1)).toEqual(corpus);
      expect(floorOf(corpus, 'sigmoid')! / floorOf(corpus, 'log-softmax')!).toBeCloseTo(2, 12);
    }
  });
});
