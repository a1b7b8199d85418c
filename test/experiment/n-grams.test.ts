import { describe, expect, test } from 'vitest';
import { greedyPredictions } from '../../src/experiment/n-grams.ts';
import { Random } from '../../src/model/random.ts';
import { finish } from './finish.ts';

/** The definition: the commonest follower of the longest end of the context that the text goes on from. */
function next(text: readonly number[], context: readonly number[], vocabularySize: number): number {
  for (let length = context.length; length >= 0; length--) {
    const end = context.slice(context.length - length);
    const counts = new Array<number>(vocabularySize).fill(0);
    text.forEach((symbol, place) => {
      if (place >= length && end.every((known, i) => known === text[place - length + i])) counts[symbol]!++;
    });
    const most = Math.max(...counts);
    if (most > 0) return counts.indexOf(most);
  }
  throw new Error('There is no text.');
}

describe('greedyPredictions', () => {
  test.each([
    ['two symbols', 40, 2],
    ['five symbols', 80, 5],
    ['contexts that mostly do not occur', 12, 7],
    ['a text of one character', 1, 2],
  ])('agree with the definition on %s', (_, size, vocabularySize) => {
    const random = new Random(9);
    const draw = (length: number) => Array.from({ length }, () => random.integer(vocabularySize));
    const orders = [0, 1, 2, 5];
    for (let round = 0; round < 10; round++) {
      const text = draw(size);
      const primes = [draw(4), draw(4), draw(1)];
      const found = finish(
        greedyPredictions(
          Uint32Array.from(text),
          vocabularySize,
          primes.map((prime) => Uint32Array.from(prime)),
          15,
          orders,
        ),
      );
      orders.forEach((order, i) => {
        primes.forEach((prime, j) => {
          const sequence = [...prime];
          for (let n = 0; n < 15; n++) {
            sequence.push(next(text, sequence.slice(Math.max(0, sequence.length - order)), vocabularySize));
          }
          expect(Array.from(found[i]![j]!)).toEqual(sequence.slice(prime.length));
        });
      });
    }
  });
});
