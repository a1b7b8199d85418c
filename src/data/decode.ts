import { DataError } from './dataset.ts';
import { describeBinary } from './signature.ts';

/** The most characters that a text can have, where the JavaScript engine tells. */
const longest = globalThis.process?.getBuiltinModule?.('node:buffer').constants.MAX_STRING_LENGTH;

/**
 * Refuses a file by its size, before it is read, if it makes too long a text however it is written.
 *
 * @param name what the messages call the file
 * @param size in bytes
 * @throws DataError if it is
 */
export function assertLength(name: string, size: number): void {
  // A UTF-8 character takes at most three bytes for each place that it takes in a text.
  if (longest !== undefined && size > 3 * longest) throw new DataError(describeLength(name));
}

const describeLength = (name: string): string =>
  longest === undefined
    ? `${name} is longer than a text can be in this browser: cut it into parts.`
    : `${name} is too long: this JavaScript engine has texts of up to ${longest.toLocaleString('en')} characters; cut it into parts.`;

/** How a text may be written as bytes. */
interface Form {
  readonly name: string;
  /** What `TextDecoder` calls it. */
  readonly label: string;
  /** The offset, from 0, of the first byte that is no part of such a text. */
  readonly firstBadByte: (bytes: Uint8Array) => number | undefined;
  /** Each character begins at a multiple of so many bytes, and a NUL has as many. */
  readonly unit: 1 | 2;
}

const utf8: Form = { name: 'UTF-8', label: 'utf-8', firstBadByte, unit: 1 };

/** The form that a byte order mark announces; without one it is UTF-8. */
function formOf([first, second]: Uint8Array): Form {
  if (first === 0xff && second === 0xfe) return utf16('utf-16le', true);
  if (first === 0xfe && second === 0xff) return utf16('utf-16be', false);
  return utf8;
}

const utf16 = (label: string, littleEndian: boolean): Form => ({
  name: 'UTF-16',
  label,
  firstBadByte: (bytes) => firstBadUnit(bytes, littleEndian),
  unit: 2,
});

/**
 * The text in a file's bytes: UTF-8, or UTF-16 if a byte order mark says so. The mark is no part of the text.
 *
 * @param name what the messages call the file
 * @throws DataError saying what the file is, where its first bytes tell; else naming the first that is no part of such a text, or a
 *   NUL; or if the text is longer than one can be
 */
export function decode(name: string, bytes: Uint8Array): string {
  const form = formOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(form.label, { fatal: true }).decode(bytes);
  } catch {
    const offset = form.firstBadByte(bytes);
    if (offset === undefined) throw new DataError(describeLength(name));
    throw refusal(name, form.name, bytes, offset);
  }
  // Chromium's decoder gives an empty text where there would be one that is too long.
  if (bytes.length > bytesOfMark && text === '') throw new DataError(describeLength(name));
  // Whoever writes UTF-16 without a mark, or no text at all, leaves these.
  if (text.includes('\0')) throw refusal(name, 'a text', bytes, firstNul(bytes, form.unit));
  return text;
}

function refusal(name: string, expected: string, bytes: Uint8Array, offset: number): DataError {
  const binary = describeBinary(name, bytes);
  if (binary !== undefined) return new DataError(binary);
  const value = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return new DataError(
    `${name} is not ${expected} (byte ${offset} is 0x${value}): save it as UTF-8 and open it again.`,
  );
}

/** The offset, from 0, of the first NUL in a text that has one. */
function firstNul(bytes: Uint8Array, unit: number): number {
  let at = bytes.indexOf(0);
  while (at % unit !== 0 || bytes[at + unit - 1] !== 0) at = bytes.indexOf(0, at + 1);
  return at;
}

/** The longest byte order mark, which alone makes no text. */
const bytesOfMark = 3;

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

/** The offset, from 0, of the first of UTF-16's units that is half a surrogate pair, or half a unit. */
function firstBadUnit(bytes: Uint8Array, littleEndian: boolean): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** The leading bits of the unit at an offset, which tell the halves of a surrogate pair. */
  const leadingBits = (at: number) => (at + 1 < bytes.length ? view.getUint16(at, littleEndian) & 0xfc00 : undefined);
  for (let at = 0; at < bytes.length; at += 2) {
    const bits = leadingBits(at);
    if (bits === undefined || bits === 0xdc00) return at;
    if (bits !== 0xd800) continue;
    if (leadingBits(at + 2) !== 0xdc00) return at;
    at += 2;
  }
  return undefined;
}
