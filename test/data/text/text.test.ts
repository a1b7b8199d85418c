import { afterEach, describe, expect, test, vi } from 'vitest';
import { fingerprint } from '../../../src/data/fingerprint.ts';
import { assertLength, CorpusError, corpusFromBytes, corpusFromText } from '../../../src/data/text/text.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('corpusFromBytes', () => {
  test('reads UTF-8', () => {
    expect(corpusFromBytes('notes.txt', utf8('Œuf, 卵, 🥚'))).toEqual({
      kind: 'text',
      name: 'notes.txt',
      text: 'Œuf, 卵, 🥚',
    });
  });

  test('leaves out a byte order mark, and makes line ends line feeds', () => {
    expect(corpusFromBytes('notes.txt', utf8('\uFEFFone\r\ntwo\n')).text).toBe('one\ntwo\n');
  });

  test.each([
    ['a Latin-1 letter', bytes(0x61, 0xe9, 0x62), 1, '0xE9'],
    ['a character cut short within the text', bytes(0x61, 0x62, 0xe2, 0x82, 0x63), 2, '0xE2'],
    ['a character cut short at the end', bytes(0x61, 0x62, 0x63, 0xf0, 0x9f), 3, '0xF0'],
    ['an overlong form', bytes(0xc0, 0x80), 0, '0xC0'],
    ['half a surrogate pair', bytes(0x61, 0xed, 0xa0, 0x80), 1, '0xED'],
    ['UTF-16', bytes(0xff, 0xfe, 0x61, 0x00), 0, '0xFF'],
    ['a fault after U+FFFD, é and a byte order mark', Uint8Array.from([...utf8('\uFEFFé\uFFFD'), 0x80]), 8, '0x80'],
  ])('names the first bad byte of %s', (_, broken, offset, value) => {
    expect(() => corpusFromBytes('notes.txt', broken)).toThrow(
      new CorpusError(`notes.txt is not UTF-8 (byte ${offset} is ${value}): save it as UTF-8 and open it again.`),
    );
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
      expect(corpusFromBytes('notes.txt', whole).text).toHaveLength(before + character.length + 20);
      const broken = whole.slice();
      broken[before + bad] = 0x62;
      expect(() => corpusFromBytes('notes.txt', broken)).toThrow(`(byte ${before} is 0x`);
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
    expect(() => corpusFromBytes('notes.txt', tooLong)).toThrow(
      new CorpusError(
        'notes.txt is too long: this JavaScript engine has texts of up to 536,870,888 characters; cut it into parts.',
      ),
    );
    expect(() => corpusFromBytes('notes.txt', utf8('\uFEFF'))).toThrow('notes.txt is empty');
    expect(() => corpusFromBytes('notes.txt', utf8(''))).toThrow('notes.txt is empty');
  });
});

describe('assertLength', () => {
  test('refuses a text by its size alone, where that is too much however it is written', () => {
    const most = 536_870_888;
    expect(() => assertLength('notes.txt', 3 * most)).not.toThrow();
    expect(() => assertLength('notes.txt', 3 * most + 1)).toThrow(
      new CorpusError(
        'notes.txt is too long: this JavaScript engine has texts of up to 536,870,888 characters; cut it into parts.',
      ),
    );
  });
});

describe('corpusFromText', () => {
  test.each([
    ['', 'is empty'],
    ['\uFEFF', 'is empty'],
    ['a', 'has only one character'],
    ['🥚', 'has only one character'],
    ['\r\n', 'has only one character'],
    ['aaaa', 'repeats a single character'],
    ['🥚🥚', 'repeats a single character'],
  ])('refuses %j: it %s', (text, complaint) => {
    expect(() => corpusFromText('Pasted text', text)).toThrow(CorpusError);
    expect(() => corpusFromText('Pasted text', text)).toThrow(`Pasted text ${complaint}`);
  });

  test('takes two different characters, even of one surrogate', () => {
    expect(corpusFromText('x', 'ab').text).toBe('ab');
    expect(corpusFromText('x', '🥚🥛').text).toBe('🥚🥛');
  });

  test('replaces half a surrogate pair, and leaves whole ones', () => {
    expect(corpusFromText('x', '\uDD5A, 🥚, \uD83E').text).toBe('\uFFFD, 🥚, \uFFFD');
  });
});

test('A text has the same fingerprint in Node and in a browser', () => {
  const text = 'Œuf, 卵, 🥚\n';
  const inNode = fingerprint({ kind: 'text', name: 'x', text });
  vi.stubGlobal('process', {});
  const inBrowser = fingerprint({ kind: 'text', name: 'x', text });
  vi.unstubAllGlobals();
  expect(inNode).toMatch(/^[0-9a-f]{64}$/);
  expect(inBrowser).toBe(inNode);
});
