import { describe, expect, test } from 'vitest';
import { baselines } from '../../../src/data/text/baselines.ts';
import { Random } from '../../../src/model/random.ts';
import { Vocabulary } from '../../../src/model/vocabulary.ts';
import { darwin, isMeasuredText } from './darwin.ts';

/** Witten–Bell by the book: probabilities looked up in strings, one character at a time. */
function wittenBell(order: number, training: readonly number[], validation: readonly number[], vocabularySize: number) {
  const text = [...training, ...validation];
  const followers = new Map<string, number[]>();
  training.forEach((symbol, place) => {
    for (let n = 0; n <= Math.min(order, place); n++) {
      const context = training.slice(place - n, place).join();
      followers.set(`${n}:${context}`, [...(followers.get(`${n}:${context}`) ?? []), symbol]);
    }
  });
  const probability = (n: number, place: number): number => {
    if (n < 0) return 1 / vocabularySize;
    const seen = followers.get(`${n}:${text.slice(place - n, place).join()}`) ?? [];
    const kinds = new Set(seen).size;
    const lower = probability(n - 1, place);
    if (kinds === 0) return lower;
    return (seen.filter((symbol) => symbol === text[place]).length + kinds * lower) / (seen.length + kinds);
  };
  const bits = validation.map((_, i) => -Math.log2(probability(order, training.length + i)));
  return bits.reduce((sum, each) => sum + each, 0) / bits.length;
}

function measure(training: readonly number[], validation: readonly number[], vocabularySize: number): number[] {
  const found = baselines(Uint32Array.from(training), Uint32Array.from(validation), vocabularySize);
  return Array.from(found, ({ bitsPerCharacter }) => bitsPerCharacter);
}

describe('baselines', () => {
  test('reproduce the published figures for On the Origin of Species', () => {
    const vocabulary = Vocabulary.of(darwin);
    const ids = vocabulary.encode(darwin);
    const cut = Math.floor(0.9 * ids.length);
    const found = Array.from(baselines(ids.slice(0, cut), ids.slice(cut), vocabulary.size));

    expect(found.map(({ name }) => name)).toEqual([
      `guessing among ${vocabulary.size} characters`,
      'character frequencies',
      ...[1, 2, 3, 4, 5, 6].map((order) => `n-gram, order ${order}`),
    ]);
    // Another transcription has other quotation marks and headings, and so nearly the same figures.
    const tolerance = isMeasuredText ? 0.001 : 0.1;
    const published = [6.248, 4.265, 3.371, 2.594, 1.942, 1.637, 1.541, 1.541];
    found.forEach(({ bitsPerCharacter }, i) => {
      expect(Math.abs(bitsPerCharacter - (published[i] ?? 0))).toBeLessThan(tolerance);
    });
  });

  test.each([
    ['three symbols', 200, 50, 3],
    ['two symbols', 40, 40, 2],
    ['a training text shorter than a context', 3, 20, 3],
  ])('agree with the definition on %s', (_, trained, heldOut, vocabularySize) => {
    const random = new Random(5);
    const draw = (length: number) => Array.from({ length }, () => random.integer(vocabularySize));
    const [training, validation] = [draw(trained), draw(heldOut)];
    const [uniform, ...found] = measure(training, validation, vocabularySize);
    expect(uniform).toBe(Math.log2(vocabularySize));
    found.forEach((bits, order) => {
      expect(bits).toBeCloseTo(wittenBell(order, training, validation, vocabularySize), 10);
    });
  });

  test('give symbols that were never trained on their share', () => {
    for (const bits of measure([0, 1, 0, 1], [2, 2], 3)) expect(bits).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('are uniform if nothing was trained on, and none if nothing is held out', () => {
    for (const bits of measure([], [0, 1, 1], 2)) expect(bits).toBe(1);
    expect(measure([0, 1, 1], [], 2)).toEqual([]);
  });
});
