import type { Vocabulary } from '../model/vocabulary.ts';

/**
 * A prime in the text's own characters: as it is written, or if the text has not all of those, each character with its marks in
 * the Unicode normal form that the text has, as “é” may be one code point or two.
 *
 * @returns may have characters that the text has in no form
 */
export function inFormOf(vocabulary: Vocabulary, prime: string): string {
  if (vocabulary.knows(prime)) return prime;
  return prime.normalize('NFC').replace(/\P{M}\p{M}*/gu, (character) => {
    const decomposed = character.normalize('NFD');
    return vocabulary.knows(decomposed) && !vocabulary.knows(character) ? decomposed : character;
  });
}

/** What a passage goes on from: the prime that was asked for, or if the text has not all of its characters, the text's first. */
export function usablePrime(prime: string, text: string, vocabulary: Vocabulary): string {
  const written = inFormOf(vocabulary, prime);
  return written !== '' && vocabulary.knows(written) ? written : String.fromCodePoint(text.codePointAt(0)!);
}
