import { describe, expect, test } from 'vitest';
import { openDataset } from '../../src/data/open.ts';
import type { TableOptions } from '../../src/data/table/use.ts';
import { utf8 } from './bytes.ts';

const open = (name: string, text: string, options?: TableOptions) => openDataset(name, utf8(text), options);
const lines = '{"text": "a", "label": "x"}\n{"text": "b", "label": "y"}\n';
const table = 'word,n\nab,1\nb,2\na,3\n';
const texts = 'label,text\nx,ab\ny,b\nx,a\n';

describe('openDataset recognises', () => {
  test.each([
    ['notes.txt', lines, undefined, 'text'],
    ['notes', table, undefined, 'text'],
    ['a.json', lines, undefined, 'text'],
    ['a.jsonl', lines, undefined, 'labelled'],
    ['A.NDJSON', lines, undefined, 'labelled'],
    ['a.csv', table, undefined, 'series'],
    ['A.TSV', table, undefined, 'series'],
    ['a.csv', texts, undefined, 'labelled'],
    ['a.csv', table, 'text', 'text'],
    ['a.jsonl', lines, 'text', 'text'],
    ['a.txt', table, 'series', 'series'],
    ['a.txt', lines, 'labelled', 'labelled'],
    ['a.txt', texts, 'labelled', 'labelled'],
  ] as const)('%s: %j of kind %s', async (name, text, kind, expected) => {
    expect(await open(name, text, kind && { kind })).toMatchObject({ kind: expected, name });
  });
});

describe('Of a table', () => {
  test('the column with fewer different words has the labels', async () => {
    for (const text of [
      texts,
      'text,label\nab,x\nb,y\na,x\n',
      'text,day,label\nab,2012-01-01,x\nb,2012-01-02,y\na,2012-01-03,x\n',
    ]) {
      expect(await open('a.csv', text)).toMatchObject({
        targets: { classes: ['x', 'y'] },
        inputs: { symbols: ['a', 'b'] },
      });
    }
  });

  test('the options name texts and labels, whatever else there is', async () => {
    const text = 'n,t,u,l\n1,ab,q,x\n2,b,r,y\n3,a,s,x\n';
    const byText = { targets: { classes: ['x', 'y'] }, inputs: { symbols: ['a', 'b'] } };
    expect(await open('a.csv', text, { inputs: 't', predict: 'l' })).toMatchObject(byText);
    const other = { targets: { classes: ['x', 'y'] }, inputs: { symbols: ['q', 'r', 's'] } };
    expect(await open('a.csv', text, { inputs: 'u', predict: 'l' })).toMatchObject(other);
  });

  test('texts and labels may be made of digits', async () => {
    const parity = 'bits,parity\n011,even\n01,odd\n000,even\n';
    const even = { inputs: { symbols: ['0', '1'] }, targets: { classes: ['even', 'odd'] } };
    expect(await open('a.csv', parity, { predict: 'parity' })).toMatchObject(even);
    const binary = 'text,label\nab,1\nb,0\na,01\n';
    const classes = { inputs: { symbols: ['a', 'b'] }, targets: { classes: ['0', '01', '1'] } };
    expect(await open('a.csv', binary, { kind: 'labelled', predict: 'label' })).toMatchObject(classes);
    expect(await open('a.csv', binary, { kind: 'labelled', inputs: 'text' })).toMatchObject(classes);
    expect(await open('a.csv', binary, { inputs: 'text' })).toMatchObject(classes);
    expect(await open('a.csv', binary, { inputs: 'text', predict: 'label' })).toMatchObject(classes);
  });

  test('the columns of a series are only checked', async () => {
    const text = 'a,"b, c",w\n1,2,x\n3,4,y\n5,6,z\n';
    const columns = [{ name: 'a' }, { name: 'b, c' }];
    expect(await open('a.csv', text, { inputs: 'a', predict: 'b, c' })).toMatchObject({ kind: 'series', columns });
    await expect(open('a.csv', text, { predict: 'b' })).rejects.toThrow(
      'a.csv has no column “b” for predict: it has “a”, “b, c” and “w”.',
    );
    await expect(open('a.csv', text, { kind: 'series', inputs: 'w' })).rejects.toThrow('column “w” holds words');
  });

  test('what cannot be told is asked', async () => {
    expect(await open('a.csv', 't,u,l\nab,q,x\nb,r,y\na,s,x\n')).toEqual({
      kind: 'question',
      name: 'a.csv',
      sentence: 'Which column of a.csv has the texts, and which the labels?',
      columns: [
        { name: 't', kind: 'words', different: 3 },
        { name: 'u', kind: 'words', different: 3 },
        { name: 'l', kind: 'words', different: 2 },
      ],
    });
    const sentence = async (text: string, options?: TableOptions) => {
      const opened = await open('a.csv', text, options);
      return 'sentence' in opened && opened.sentence;
    };
    expect(await sentence('t,u,l\nab,q,x\nb,r,y\na,s,x\n', { predict: 'l' })).toBe(
      'Which column of a.csv has the texts?',
    );
    expect(await sentence('t,u,l\nab,q,x\nb,r,y\na,s,x\n', { inputs: 't' })).toBe(
      'Which column of a.csv has the labels?',
    );
    expect(await sentence('t,l\na,x\nb,y\n')).toBe('Which column of a.csv has the texts, and which the labels?');
    expect(await sentence('t,n\na,1\nb,0\nc,1\nd,0\n')).toBe(
      'Is “n” a series, or are it and “t” texts and their labels?',
    );
    expect(await sentence('t,n\na,1.5\nb,2.5\nc,3\nd,4\n')).toBe(false);
    expect(await sentence('t,m,n\na,1,1\nb,0,1\nc,1,1\nd,0,1\n')).toBe(false);
  });
});

test('Columns are chosen only of a table', async () => {
  for (const name of ['a.txt', 'a.jsonl']) {
    await expect(open(name, lines, { predict: 'label' })).rejects.toThrow(`${name} is not read as a table`);
  }
});
