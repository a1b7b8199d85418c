import { DataError } from '../dataset.ts';
import { decode } from '../decode.ts';
import type { Corpus } from './corpus.ts';

/**
 * The corpus in a file's bytes: UTF-8, with or without a byte order mark, or UTF-16 with one.
 *
 * @param name what the messages call the file
 * @throws DataError if the bytes are neither, or too many for a text, or as `corpusFromText` does
 */
export const corpusFromBytes = (name: string, bytes: Uint8Array): Corpus => corpusFromText(name, decode(name, bytes));

/**
 * The corpus in a text from anywhere. Windows line ends become line feeds. Half a surrogate pair, which a text cut
 * within a character has at its ends and no file can hold, becomes U+FFFD.
 *
 * @param name what the messages call the text
 * @throws DataError if there are fewer than two characters, or only one and the same
 */
export function corpusFromText(name: string, text: string): Corpus {
  const clean = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  const first = String.fromCodePoint(clean.codePointAt(0) ?? 0);
  if (clean === '') throw new DataError(`${name} is empty: choose a text of at least two different characters.`);
  if (clean === first) {
    throw new DataError(`${name} has only one character: choose a text of at least two different ones.`);
  }
  if (clean === first.repeat(clean.length / first.length)) {
    throw new DataError(`${name} repeats a single character: choose a text of at least two different ones.`);
  }
  return { kind: 'text', name, text: clean };
}
