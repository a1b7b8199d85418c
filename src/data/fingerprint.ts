import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Corpus } from './text/corpus.ts';

const known = new WeakMap<Corpus, string>();

/**
 * What tells one text from another: the SHA-256 of its UTF-8, in hexadecimal. The browser's own needs a page that came
 * over HTTPS, and a text must have the same one everywhere.
 */
export function fingerprint(corpus: Corpus): string {
  const hash = known.get(corpus) ?? hashOf(corpus.text);
  known.set(corpus, hash);
  return hash;
}

/** Node's own is ten times as fast, which for a long text are seconds. */
function hashOf(text: string): string {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  return crypto ? crypto.createHash('sha256').update(text).digest('hex') : bytesToHex(sha256(utf8ToBytes(text)));
}
