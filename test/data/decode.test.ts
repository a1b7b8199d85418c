import { afterEach, describe, expect, test, vi } from 'vitest';
import { DataError } from '../../src/data/dataset.ts';
import { assertLength, decode } from '../../src/data/decode.ts';
import { utf8, utf16 } from './bytes.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('decode', () => {
  test.each([
    ['UTF-8', utf8],
    ['UTF-8 with a byte order mark', (text: string) => utf8(`\uFEFF${text}`)],
    ['little-endian UTF-16', (text: string) => utf16(text, true)],
    ['big-endian UTF-16', (text: string) => utf16(text, false)],
  ])('reads %s', (_, encode) => {
    for (const text of ['', 'a', 'Œuf,\r\n卵, 🥚']) expect(decode('notes.txt', encode(text))).toBe(text);
  });

  test.each([true, false])('names the first bad byte of UTF-16 (little-endian: %s)', (littleEndian) => {
    const complaint = (offset: number, value: string) =>
      new DataError(`notes.txt is not UTF-16 (byte ${offset} is ${value}): save it as UTF-8 and open it again.`);
    const [low, high] = littleEndian ? ['0x00', '0x5A'] : ['0xDD', '0xD8'];
    const refused = (text: string, cut = 0) => {
      const whole = utf16(text, littleEndian);
      return () => decode('notes.txt', whole.subarray(0, whole.length - cut));
    };
    expect(refused('🥚b\uDD00a')).toThrow(complaint(8, low!));
    expect(refused('🥚b\uD85Aa')).toThrow(complaint(8, high!));
    expect(refused('ab\uD85A')).toThrow(complaint(6, high!));
    expect(refused('\uD85A🥚')).toThrow(complaint(2, high!));
    expect(refused('abc', 1)).toThrow(complaint(6, littleEndian ? '0x63' : '0x00'));
  });

  test.each([
    ['UTF-16 without a byte order mark', utf16('ab', true).subarray(2), 1],
    ['UTF-8', utf8('é\0'), 2],
    ['UTF-32', bytes(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), 2],
    ['UTF-16 with bytes of 0 in other characters', utf16('aĀ\0', true), 6],
  ])('refuses a NUL: %s', (_, wrong, offset) => {
    expect(() => decode('notes.txt', wrong)).toThrow(
      new DataError(`notes.txt is not a text (byte ${offset} is 0x00): save it as UTF-8 and open it again.`),
    );
  });

  test.each([
    ['a Latin-1 letter', bytes(0x61, 0xe9, 0x62), 1, '0xE9'],
    ['a character cut short within the text', bytes(0x61, 0x62, 0xe2, 0x82, 0x63), 2, '0xE2'],
    ['a character cut short at the end', bytes(0x61, 0x62, 0x63, 0xf0, 0x9f), 3, '0xF0'],
    ['an overlong form', bytes(0xc0, 0x80), 0, '0xC0'],
    ['half a surrogate pair', bytes(0x61, 0xed, 0xa0, 0x80), 1, '0xED'],
    ['a byte order mark of UTF-16 cut short', bytes(0xff), 0, '0xFF'],
    ['a fault after U+FFFD, é and a byte order mark', Uint8Array.from([...utf8('\uFEFFé\uFFFD'), 0x80]), 8, '0x80'],
  ])('names the first bad byte of %s', (_, broken, offset, value) => {
    expect(() => decode('notes.txt', broken)).toThrow(
      new DataError(`notes.txt is not UTF-8 (byte ${offset} is ${value}): save it as UTF-8 and open it again.`),
    );
  });

  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  test.each([
    ['a picture', latin1('\x89PNG\r\n\x1a\n\0\0'), /^data is a picture \(PNG\), not a text: open a text, a table/],
    ['a photograph', latin1('\xff\xd8\xff\xe0'), /is a picture \(JPEG\)/],
    ['a picture of another kind', latin1('RIFF\x80\0\0\0WEBPVP8 '), /is a picture \(WebP\)/],
    ['sound', latin1('RIFF\x80\0\0\0WAVEfmt '), /is sound \(WAV\)/],
    ['a song', latin1('ID3\x04\0\0\xff'), /is sound \(MP3\)/],
    ['a film', latin1('\0\0\0\x20ftypisom'), /is a film or sound \(MP4\)/],
    ['a PDF', latin1('%PDF-1.7\n%\xe2\xe3\xcf\xd3'), /is a PDF, not a text: save its words as a text/],
    ['a ZIP archive', latin1('PK\x03\x04\x14\0\0\0a.txt'), /is a ZIP archive, not a text: unpack it/],
    [
      'a workbook',
      latin1('PK\x03\x04\x14\0\0\0xl/workbook.xml'),
      /is an Excel workbook, not a text: save its sheet as CSV/,
    ],
    ['an old workbook', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), /is an old Office document/],
    ['what gzip has packed', latin1('\x1f\x8b\x08\0'), /is packed with gzip, not a text: unpack it/],
  ])('says what a file is that is %s', (_, binary, told) => {
    expect(() => decode('data', binary)).toThrow(told);
  });

  test('takes a text that begins as such a file does', () => {
    for (const text of ['BMW builds cars.', 'ID3 is a tag.', 'PAR1', '%PDF'])
      expect(decode('a.txt', utf8(text))).toBe(text);
  });

  // Texts are looked at in stretches of this many bytes.
  const stretch = 2 ** 20;

  test.each([-4, -3, -2, -1, 0, 1])('names the first bad byte %d bytes from a stretch’s end', (at) => {
    for (const [character, bad] of [
      ['é', 1],
      ['卵', 1],
      ['卵', 2],
      ['🥚', 1],
      ['🥚', 3],
    ] as const) {
      const before = stretch + at;
      const whole = utf8(`${'a'.repeat(before)}${character}${'b'.repeat(20)}`);
      expect(decode('notes.txt', whole)).toHaveLength(before + character.length + 20);
      const broken = whole.slice();
      broken[before + bad] = 0x62;
      expect(() => decode('notes.txt', broken)).toThrow(`(byte ${before} is 0x`);
    }
  });
});

describe('A text that is longer than the JavaScript engine can have', () => {
  const tooLong = utf8('ab'.repeat(600_000));
  /** Decodes as an engine does whose texts end just below that length. */
  const stub = (refuse: () => string) => {
    class Decoder extends TextDecoder {
      override decode(...[input, options]: Parameters<TextDecoder['decode']>): string {
        const text = super.decode(input, options);
        return text.length < tooLong.length ? text : refuse();
      }
    }
    vi.stubGlobal('TextDecoder', Decoder);
  };
  afterEach(() => vi.unstubAllGlobals());

  test.each([
    [
      'throws',
      () => {
        throw new RangeError('Invalid string length');
      },
    ],
    ['gives an empty text, as Chromium’s does', () => ''],
  ])('is refused with that reason, where the decoder %s', (_, refuse) => {
    stub(refuse);
    expect(() => decode('notes.txt', tooLong)).toThrow(
      new DataError(
        'notes.txt is too long: this JavaScript engine has texts of up to 536,870,888 characters; cut it into parts.',
      ),
    );
    expect(decode('notes.txt', utf8('\uFEFF'))).toBe('');
    expect(decode('notes.txt', utf8(''))).toBe('');
  });
});

describe('assertLength', () => {
  test('refuses a text by its size alone, where that is too much however it is written', () => {
    const most = 536_870_888;
    expect(() => assertLength('notes.txt', 3 * most)).not.toThrow();
    expect(() => assertLength('notes.txt', 3 * most + 1)).toThrow(
      new DataError(
        'notes.txt is too long: this JavaScript engine has texts of up to 536,870,888 characters; cut it into parts.',
      ),
    );
  });
});
