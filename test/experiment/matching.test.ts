import { describe, expect, test } from 'vitest';
import { type Continuation, longestMatches, type Match } from '../../src/experiment/matching.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { darwin, isMeasuredText } from '../data/text/darwin.ts';
import { finish } from './finish.ts';

const encode = (vocabulary: Vocabulary, pairs: readonly (readonly [string, string])[]): Continuation[] =>
  pairs.map(([prime, prediction]) => ({ prime: vocabulary.encode(prime), prediction: vocabulary.encode(prediction) }));

/** The definition, character by character. */
function byBruteForce(text: string, [prime, prediction]: readonly [string, string]): Match {
  const [symbols, wanted, predicted] = [text, prime, prediction].map((string) => Array.from(string)) as string[][];
  let [occurrences, place, longest] = [0, -1, 0];
  symbols!.forEach((_, start) => {
    if (symbols!.slice(start, start + wanted!.length).join('') !== prime) return;
    occurrences++;
    const after = symbols!.slice(start + wanted!.length);
    const differs = predicted!.findIndex((symbol, i) => symbol !== after[i]);
    const length = differs < 0 ? predicted!.length : differs;
    if (place >= 0 && length <= longest) return;
    place = start;
    longest = length;
  });
  return { occurrences, place, length: longest };
}

describe('longestMatches', () => {
  test.runIf(isMeasuredText)('finds what the worked example of the book has', () => {
    const vocabulary = Vocabulary.of(darwin);
    const example = encode(vocabulary, [['ch species', ' has been independestly foll']]);
    const ids = vocabulary.encode(darwin);
    const within = (start: number, end: number) => finish(longestMatches(ids.subarray(start, end), example));

    expect(within(1000, 11_000)).toEqual([{ occurrences: 3, place: 9773 - 1000, length: 19 }]);
    expect(within(3665, 7036)).toEqual([{ occurrences: 1, place: 0, length: 3 }]);
    expect(within(7036, 9773)).toEqual([{ occurrences: 1, place: 0, length: 1 }]);
    expect(within(9773, 11_000)).toEqual([{ occurrences: 1, place: 0, length: 19 }]);
    expect(finish(longestMatches(ids, example))[0]).toMatchObject({ occurrences: 58, length: 19 });
  });

  test.each([
    ['overlapping occurrences', 'aabaabaabaa', 'aabaa', 'baabaa'],
    ['one repeated character', 'aaaaaaaaaa', 'aaa', 'aaaaa'],
    ['a prime that is the end of the text', 'abcabd', 'bd', 'abc'],
    ['a prime that is the whole text', 'abcabd', 'abcabd', 'a'],
    ['a prime longer than the text', 'ab', 'aba', 'b'],
    ['a prime that does not occur', 'abcabd', 'dd', 'abc'],
    ['equals, of which the first counts', 'xab.xab.', 'x', 'ab?'],
    ['no prediction', 'abcabc', 'abc', ''],
    ['astral code points', '🦓🐟🦓🐟🐟🦓🦓🐟', '🦓🐟', '🐟🦓🦓🦓'],
  ])('agrees with the definition on %s', (_, text, prime, prediction) => {
    const vocabulary = Vocabulary.of(`${text}?d`);
    const pairs = [[prime, prediction]] as const;
    const found = finish(longestMatches(vocabulary.encode(text), encode(vocabulary, pairs)));
    expect(found).toEqual(pairs.map((pair) => byBruteForce(text, pair)));
  });

  test('agrees with the definition on random texts of few symbols', () => {
    const random = new Random(3);
    for (let round = 0; round < 300; round++) {
      const alphabet = ['a', 'b', '🦓', 'c'].slice(0, 1 + random.integer(4));
      const draw = (length: number) =>
        Array.from({ length }, () => alphabet[random.integer(alphabet.length)]!).join('');
      const text = draw(1 + random.integer(60));
      const primeLength = 1 + random.integer(5);
      const end = Array.from(text).slice(-primeLength).join('');
      const pairs = Array.from({ length: 8 }, (_, i) => [i === 0 ? end : draw(primeLength), draw(8)] as const);
      const sameLength = pairs.filter(([prime]) => Array.from(prime).length === primeLength);
      const vocabulary = new Vocabulary(alphabet);
      const found = finish(longestMatches(vocabulary.encode(text), encode(vocabulary, sameLength)));
      expect(found, text).toEqual(sameLength.map((pair) => byBruteForce(text, pair)));
    }
  });
});
