import { describe, expect, test, vi } from 'vitest';
import { DataError } from '../../../src/data/dataset.ts';
import { fingerprint } from '../../../src/data/fingerprint.ts';
import { corpusFromBytes, corpusFromText } from '../../../src/data/text/text.ts';

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

  test('reads UTF-16 with a byte order mark', () => {
    expect(corpusFromBytes('notes.txt', bytes(0xff, 0xfe, 0x61, 0, 0x0d, 0, 0x0a, 0)).text).toBe('a\n');
    expect(corpusFromBytes('notes.txt', bytes(0xfe, 0xff, 0, 0x61, 0x53, 0x75)).text).toBe('a卵');
  });

  test('refuses what is no text, and a text that cannot be learned from', () => {
    const complaint = 'notes.txt is not UTF-8 (byte 1 is 0xE9): save it as UTF-8 and open it again.';
    expect(() => corpusFromBytes('notes.txt', bytes(0x61, 0xe9, 0x62))).toThrow(new DataError(complaint));
    expect(() => corpusFromBytes('notes.txt', utf8('\uFEFF'))).toThrow('notes.txt is empty');
    expect(() => corpusFromBytes('notes.txt', utf8(''))).toThrow('notes.txt is empty');
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
    expect(() => corpusFromText('Pasted text', text)).toThrow(DataError);
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
