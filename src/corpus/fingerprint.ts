import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Corpus } from './corpus.ts';

/**
 * What tells one text from another: the SHA-256 of its UTF-8, in hexadecimal. The browser's own needs a page that came
 * over HTTPS, and a text must have the same one everywhere.
 */
export const fingerprint = ({ text }: Corpus): string => bytesToHex(sha256(utf8ToBytes(text)));
