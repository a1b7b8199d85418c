import type { Corpus } from './corpus.ts';

/** A text that cannot be learned from, or cannot be had. The message is one sentence for a person to act on. */
export class CorpusError extends RangeError {
  override readonly name = 'CorpusError';
}

/** The most characters that a text can have, where the JavaScript engine tells. */
const longest = globalThis.process?.getBuiltinModule?.('node:buffer').constants.MAX_STRING_LENGTH;

/**
 * Refuses a text by the size of its file, before it is read, if it is too long however it is written.
 *
 * @param name what the messages call the file
 * @param size in bytes
 * @throws CorpusError if it is
 */
export function assertLength(name: string, size: number): void {
  // A UTF-8 character takes at most three bytes for each place that it takes in a text.
  if (longest !== undefined && size > 3 * longest) throw new CorpusError(describeLength(name));
}

const describeLength = (name: string): string =>
  longest === undefined
    ? `${name} is longer than a text can be in this browser: cut it into parts.`
    : `${name} is too long: this JavaScript engine has texts of up to ${longest.toLocaleString('en')} characters; cut it into parts.`;

/**
 * The corpus in a file's bytes: UTF-8, with or without a byte order mark.
 *
 * @param name what the messages call the file
 * @throws CorpusError if the bytes are not UTF-8, or too many for a text, or as `corpusFromText` does
 */
export function corpusFromBytes(name: string, bytes: Uint8Array): Corpus {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const offset = firstBadByte(bytes);
    if (offset === undefined) throw new CorpusError(describeLength(name));
    const value = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    throw new CorpusError(`${name} is not UTF-8 (byte ${offset} is 0x${value}): save it as UTF-8 and open it again.`);
  }
  // Chromium's decoder gives an empty text where there would be one that is too long.
  if (bytes.length > bytesOfMark && text === '') throw new CorpusError(describeLength(name));
  return corpusFromText(name, text);
}

/** A byte order mark, which alone makes no text. */
const bytesOfMark = 3;

/**
 * The corpus in a text from anywhere. Windows line ends become line feeds. Half a surrogate pair, which a text cut
 * within a character has at its ends and no file can hold, becomes U+FFFD.
 *
 * @param name what the messages call the text
 * @throws CorpusError if there are fewer than two characters, or only one and the same
 */
export function corpusFromText(name: string, text: string): Corpus {
  const clean = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  const first = String.fromCodePoint(clean.codePointAt(0) ?? 0);
  if (clean === '') throw new CorpusError(`${name} is empty: choose a text of at least two different characters.`);
  if (clean === first) {
    throw new CorpusError(`${name} has only one character: choose a text of at least two different ones.`);
  }
  if (clean === first.repeat(clean.length / first.length)) {
    throw new CorpusError(`${name} repeats a single character: choose a text of at least two different ones.`);
  }
  return { kind: 'text', name, text: clean };
}

/** Bytes that are looked at together: a text that is too long to be looked at as a whole is so too. */
const stretch = 2 ** 20;

/** The offset, from 0, of the first byte that is not part of a UTF-8 character. */
function firstBadByte(bytes: Uint8Array): number | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0; start < bytes.length; start += stretch) {
    const end = Math.min(start + stretch, bytes.length);
    try {
      decoder.decode(bytes.subarray(start, end), { stream: end < bytes.length });
    } catch {
      // The character that it is part of may have begun up to three bytes before.
      let from = Math.max(0, start - 3);
      while (from < start && (bytes[from]! & 0xc0) === 0x80) from++;
      return from + firstBadByteOf(bytes.subarray(from, end));
    }
  }
  return undefined;
}

/** The same where there is one: a lenient decoder puts U+FFFD in its place, so it is the first that is not spelled out. */
function firstBadByteOf(bytes: Uint8Array): number {
  const encoder = new TextEncoder();
  let offset = 0;
  for (const sound of new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\uFFFD')) {
    offset += encoder.encode(sound).length;
    const spelledOut = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!spelledOut) break;
    offset += 3;
  }
  return offset;
}
