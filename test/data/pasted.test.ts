import { describe, expect, test } from 'vitest';
import { openDataset } from '../../src/data/open.ts';
import { formOfPasted } from '../../src/data/pasted.ts';
import { utf8 } from './bytes.ts';

const lines = (...all: string[]) => all.join('\n');

describe('What was pasted', () => {
  test.each([
    ['text', lines('She sells, by the sea,', 'the shells, as you see,', 'in April, and May,')],
    ['text', lines('a word', 'and another one')],
    ['text', lines('chapter', 'one', 'two', '3')],
    ['text', '{"chapter": 1}\n{"chapter": 2}\n{"chapter": 3}'],
    ['text', '{ sells shells }\nby the sea\nshore'],
    ['text', ''],
    ['json-lines', '\n{"text": "a", "label": "x"}\n{"text": "b", "label": '],
    ['json-lines', '{"inputs": [1, 2], "label": "x"}'],
    ['table', lines('day\tprice', 'Monday\tlow', 'Tuesday\thigh')],
    ['table', lines('day,price', 'Monday,12.5', '', 'Tuesday,', '"Wed, or so",-1e3')],
    ['table', lines('day;price', '1.2.2003;12,5', '2.2.2003;13,5')],
    ['table', lines('price', '12', '13.5', '.5')],
    ['table or text', lines('word,label', 'Tanaka,Japanese', 'Rossi,Italian')],
    ['table or text', lines('word,label', 'Tanaka,', 'Rossi,')],
    ['table or text', lines('word;label', 'Tanaka; Japanese', 'Rossi; Italian')],
  ])('is taken for %s: %j', (form, text) => {
    expect(formOfPasted(text)).toBe(form);
  });

  test('is looked at as far as its first lines, of which the last may be cut', () => {
    const row = 'Monday,12.5\n';
    expect(formOfPasted(`day,price\n${row.repeat(30)}and so on`)).toBe('table');
    expect(formOfPasted(`day,price\n${'x'.repeat(40_000)},1\n${'y'.repeat(40_000)},2\n`)).toBe('text');
  });

  test('is a dataset like a file’s, or is asked about', async () => {
    const open = (text: string) => openDataset('Pasted text', utf8(text), { pasted: true });
    expect(await open('day,price\nMonday,12.5\nTuesday,13\n')).toMatchObject({
      kind: 'series',
      columns: [{ name: 'price' }],
    });
    const words = 'word,label\nTanaka,Japanese\nRossi,Italian\n';
    expect(await open(words)).toEqual({
      kind: 'question',
      name: 'Pasted text',
      sentence: 'Is this a running text, or a table?',
      columns: [
        { name: 'word', kind: 'words', different: 2 },
        { name: 'label', kind: 'words', different: 2 },
      ],
    });
    // What turns out to be no table is a text.
    expect(await open(`${words.repeat(12)}one,two,three\n`)).toMatchObject({ kind: 'text' });
    const told = { pasted: true, kind: 'labelled', inputs: 'word', predict: 'label' } as const;
    expect(await openDataset('Pasted text', utf8(words), told)).toMatchObject({ kind: 'labelled' });
  });
});
