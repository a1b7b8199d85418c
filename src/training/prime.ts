import type { Vocabulary } from '../model/vocabulary.ts';

/** What a passage goes on from: the prime that was asked for, or if the text has not all of its characters, the text's first. */
export function usablePrime(prime: string, text: string, vocabulary: Vocabulary): string {
  return prime !== '' && vocabulary.knows(prime) ? prime : String.fromCodePoint(text.codePointAt(0)!);
}
