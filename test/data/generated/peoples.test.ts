import { describe, expect, test } from 'vitest';
import { drawWord, type HiddenMarkov, logProbability } from '../../../src/data/generated/hidden-markov.ts';
import { names, peoples, posteriorOf } from '../../../src/data/generated/peoples.ts';
import { Random } from '../../../src/model/random.ts';

/** Two ways of writing the same letters, of which words do not tell which was taken. */
const tiny: HiddenMarkov = {
  begin: { one: 1, two: 3 },
  states: {
    one: { letters: { a: 1, b: 1 }, next: { one: 1, two: 2, end: 1 } },
    two: { letters: { b: 3, a: 1 }, next: { one: 2, end: 3 } },
  },
};
const other: HiddenMarkov = {
  begin: { any: 1 },
  states: { any: { letters: { a: 2, b: 1 }, next: { any: 1, end: 1 } } },
};

const share = (weights: Readonly<Record<string, number>>, name: string) =>
  (weights[name] ?? 0) / Object.values(weights).reduce((a, b) => a + b);

/** p(word) as the sum over all ways through the hidden states, one by one. */
function byEnumeration({ begin, states }: HiddenMarkov, word: string): number {
  const goOn = (from: Readonly<Record<string, number>>, place: number): number =>
    place === word.length
      ? share(from, 'end')
      : Object.entries(states).reduce(
          (sum, [name, { letters, next }]) =>
            sum + share(from, name) * share(letters, word[place]!) * goOn(next, place + 1),
          0,
        );
  return goOn(begin, 0);
}

/** All words of a and b of up to so many letters. */
const wordsUpTo = (length: number): string[] =>
  length === 0 ? [] : ['a', 'b'].flatMap((letter) => [letter, ...wordsUpTo(length - 1).map((rest) => letter + rest)]);

describe('A hidden Markov model', () => {
  test('gives each word the probability of all the ways to write it', () => {
    const chance = logProbability(tiny);
    for (const word of wordsUpTo(7)) expect(Math.exp(chance(word))).toBeCloseTo(byEnumeration(tiny, word), 14);
    expect(chance('')).toBe(Number.NEGATIVE_INFINITY);
    expect(chance('abc')).toBe(Number.NEGATIVE_INFINITY);
  });

  test('writes words as often as it says', () => {
    const random = new Random(4);
    const counts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const word = drawWord(tiny, random);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    for (const word of wordsUpTo(3)) {
      const expected = byEnumeration(tiny, word);
      const error = Math.abs(counts.get(word)! / 20_000 - expected);
      expect(error, word).toBeLessThan(4 * Math.sqrt(expected / 20_000));
    }
  });

  test('and another have the Bayes error that enumeration finds', () => {
    const [one, two] = [logProbability(tiny), logProbability(other)];
    // Of all words of up to 8 letters: how often the less likely of the two wrote it.
    let [error, enumerated] = [0, 0];
    for (const word of wordsUpTo(8)) {
      const posterior = posteriorOf([one(word), two(word)]);
      const mass = (Math.exp(one(word)) + Math.exp(two(word))) / 2;
      error += mass * (1 - Math.max(...posterior));
      enumerated += Math.min(byEnumeration(tiny, word), byEnumeration(other, word)) / 2;
    }
    expect(error).toBeCloseTo(enumerated, 12);
    expect(error).toBeGreaterThan(0.1);
  });
});

describe('The names', () => {
  const samples = names();
  const { inputs, targets, best } = samples;
  if (inputs.kind !== 'symbols' || targets.kind !== 'classes') throw new Error('Names are letters, with a label each.');
  const spelt = (sample: number) => Array.from(inputs.ids[sample]!, (id) => inputs.symbols[id]).join('');

  test('have the loss and the likeliest class that enumeration finds', () => {
    const models = Object.values(peoples);
    for (let sample = 0; sample < 200; sample++) {
      const name = spelt(sample);
      if (name.length > 6) continue;
      const chances = models.map((model) => byEnumeration(model, name));
      const label = targets.ids[sample]![0]!;
      expect(best!.losses[sample]).toBeCloseTo(-Math.log(chances[label]! / chances.reduce((a, b) => a + b)), 10);
      expect(best!.classes![sample]).toBe(chances.indexOf(Math.max(...chances)));
    }
  });

  test('are right as often, and lose as much, as their probabilities promise', () => {
    const chances = Object.values(peoples).map(logProbability);
    let [right, promised, loss, entropy] = [0, 0, 0, 0];
    for (const [sample, [label]] of targets.ids.entries()) {
      const posterior = posteriorOf(chances.map((chance) => chance(spelt(sample))));
      right += Number(best!.classes![sample] === label);
      promised += Math.max(...posterior);
      loss += best!.losses[sample]!;
      entropy -= posterior.reduce((sum, p) => sum + (p === 0 ? 0 : p * Math.log(p)), 0);
    }
    const count = targets.ids.length;
    expect(Math.abs(right - promised) / count).toBeLessThan(0.01);
    expect(Math.abs(loss - entropy) / count).toBeLessThan(0.02);
  });

  test('come from each people alike, and are fixed by their seed', () => {
    const counts = targets.classes.map((_, label) => targets.ids.filter((id) => id[0] === label).length);
    for (const count of counts) expect(count / targets.ids.length).toBeCloseTo(1 / 4, 1);
    expect(names(1).best).toEqual(best);
    expect(names(2).best).not.toEqual(best);
  });

  test('of each people are as it is said of them', () => {
    const bright = /[ei]/g;
    const dark = /[aou]/g;
    for (const [sample, [label]] of targets.ids.entries()) {
      const name = spelt(sample);
      const vowels = name
        .replace(/[^aeiou]/g, '')
        .replace(bright, 'b')
        .replace(dark, 'd');
      if (label === 0) expect(vowels).toMatch(/^(b+|d+)$/);
      if (label === 1) expect(vowels).not.toMatch(/bb|dd/);
      if (label === 2) expect(name).not.toMatch(/[aeiou]{2}/);
      if (label !== 2) expect(name).not.toMatch(/[^aeiou]{2}|[^aeiou]$/);
    }
  });
});
