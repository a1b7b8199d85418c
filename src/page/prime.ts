import type { Corpus } from '../corpus/corpus.ts';
import { Vocabulary } from '../model/vocabulary.ts';

const vocabularies = new WeakMap<Corpus, Vocabulary>();

/** Why a network that learns `corpus` cannot go on from `prime`, or '' if it can. */
export function complaintAboutPrime(prime: string, corpus: Corpus | null): string {
  if (!corpus) return '';
  if (prime === '') return 'A prime needs at least one character.';
  let vocabulary = vocabularies.get(corpus);
  if (!vocabulary) {
    vocabulary = Vocabulary.of(corpus.text);
    vocabularies.set(corpus, vocabulary);
  }
  try {
    vocabulary.encode(prime);
    return '';
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
