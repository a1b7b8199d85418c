import type { Dataset } from '../data/dataset.ts';
import type { Corpus } from '../data/text/corpus.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { settings } from '../training/configuration.ts';
import { inFormOf, usablePrime } from '../training/prime.ts';

const vocabularies = new WeakMap<Corpus, Vocabulary>();

/** Why a network that learns `dataset` cannot go on from `prime`, or '' if it can. The default, which nobody wrote, may stand. */
export function complaintAboutPrime(prime: string, dataset: Dataset | null): string {
  if (dataset?.kind !== 'text' || prime === settings.prime.default) return '';
  if (prime === '') return 'A prime needs at least one character.';
  try {
    const vocabulary = vocabularyOf(dataset);
    vocabulary.encode(inFormOf(vocabulary, prime));
    return '';
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** What takes the default's place in a text that has not all of its characters; '' where nothing does. */
export function remarkAboutPrime(prime: string, dataset: Dataset | null): string {
  if (dataset?.kind !== 'text' || prime !== settings.prime.default) return '';
  const used = usablePrime(prime, dataset.text, vocabularyOf(dataset));
  return used === prime ? '' : `This text lacks some of these characters, so passages go on from “${used}”.`;
}

function vocabularyOf(dataset: Corpus): Vocabulary {
  const vocabulary = vocabularies.get(dataset) ?? Vocabulary.of(dataset.text);
  vocabularies.set(dataset, vocabulary);
  return vocabulary;
}
