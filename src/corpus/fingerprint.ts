import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Corpus } from './corpus.ts';

const known = new WeakMap<Corpus, string>();

/**
 * What tells one text from another: the SHA-256 of its UTF-8, in hexadecimal. The browser's own needs a page that came
 * over HTTPS, and a text must have the same one everywhere.
 */
export function fingerprint(corpus: Corpus): string {
  const hash = known.get(corpus) ?? bytesToHex(sha256(utf8ToBytes(corpus.text)));
  known.set(corpus, hash);
  return hash;
}
