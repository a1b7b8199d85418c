import { describe, expect, test } from 'vitest';
import { DataError } from '../../../src/data/dataset.ts';
import { readTable } from '../../../src/data/table/read.ts';
import { contentOf, type TableColumn } from '../../../src/data/table/table.ts';

const numbers = (name: string, ...values: number[]) => ({ kind: 'numbers', name, values: Float64Array.from(values) });
const words = (name: string, ...values: string[]) => ({ kind: 'words', name, values });

/** The first place where values are others than expected, or how many there are: many at once are too long to be shown. */
const firstOther = (
  values: Iterable<unknown> & { readonly length: number },
  expected: (row: number) => number,
): number => {
  const other = Array.from(values).findIndex((value, row) => !Object.is(value, expected(row)));
  return other === -1 ? values.length : other;
};

/** Characters that are read at once. */
const stretch = 2 ** 20;

describe('readTable', () => {
  test('reads numbers and words, and says in which line each row begins', async () => {
    const text = 'time, x ,note\n1,0.5,"a ""b"", c"\n\n2,NA,"two\nlines"\n3,-1e-3, d \n\n';
    expect(await readTable('odd.csv', text)).toEqual({
      name: 'odd.csv',
      columns: [
        numbers('time', 1, 2, 3),
        numbers('x', 0.5, Number.NaN, -0.001),
        words('note', 'a "b", c', 'two\nlines', ' d '),
      ],
      lines: Uint32Array.of(2, 4, 6),
    });
  });

  test('takes rows of nothing for missing numbers, but not at the end', async () => {
    const { columns, lines } = await readTable('odd.csv', 'a,b\n1,2\n,\n\n3,4\n,\n');
    expect(columns).toEqual([numbers('a', 1, Number.NaN, 3), numbers('b', 2, Number.NaN, 4)]);
    expect(lines).toEqual(Uint32Array.of(2, 3, 5));
    expect((await readTable('odd.csv', 'a\n1\n\n3\n\n')).columns).toEqual([numbers('a', 1, Number.NaN, 3)]);
  });

  test.each([
    ['tabs', 'a,b\tc;d\n1\t2\n', ['a,b', 'c;d']],
    ['semicolons', 'a,b;c;d\n1;2;3\n', ['a,b', 'c', 'd']],
    ['commas', '"a;b;c",d\n1,2\n', ['a;b;c', 'd']],
    ['nothing', 'a\n1\n', ['a']],
    ['quotes that only one delimiter makes sense of', '"a";b\n"1,2";3\n', ['a', 'b']],
  ])('recognises %s between the columns', async (_, text, names) => {
    expect((await readTable('odd.csv', text)).columns.map(({ name }) => name)).toEqual(names);
  });

  test('takes a column of words for one, though some are numbers', async () => {
    const { columns } = await readTable('odd.csv', 'a,b\nx,1\n7,NA\nz,3\n');
    expect(columns).toEqual([words('a', 'x', '7', 'z'), numbers('b', 1, Number.NaN, 3)]);
    expect((await readTable('odd.csv', 'a,b\n1,NA\n07,\n', 'words')).columns).toEqual([
      words('a', '1', '07'),
      words('b', 'NA', ''),
    ]);
  });

  describe('In a file of many stretches', () => {
    /** Rows of 10 characters each, below a header of 10. */
    const rowsOf = (count: number, field: (row: number) => string) =>
      `number,w\n\n${Array.from({ length: count }, (_, row) => `${field(row).padStart(7)},x\n`).join('')}`;
    const count = 4 * (stretch / 8);

    test('tells how far it is, and lets others have their turn', async () => {
      const shares: number[] = [];
      let turns = 0;
      const timer = setInterval(() => turns++);
      const table = await readTable('odd.csv', rowsOf(count, String), undefined, (share) => shares.push(share));
      clearInterval(timer);
      expect(firstOther(table.columns[0]!.values, (row) => row)).toBe(count);
      expect(firstOther(table.lines, (row) => row + 3)).toBe(count);
      expect(shares.length).toBeGreaterThanOrEqual(4);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(shares.at(-1)).toBe(1);
      expect(turns).toBeGreaterThan(0);
    });

    test('decides on a column where its first numbers are', async () => {
      const table = await readTable(
        'odd.csv',
        rowsOf(count, (row) => (row < count / 2 ? 'NA' : String(row))),
      );
      expect(table.columns[0]!.kind).toBe('numbers');
      expect(firstOther(table.columns[0]!.values, (row) => (row < count / 2 ? Number.NaN : row))).toBe(count);
    });

    test('names the line of a late fault', async () => {
      const wrong = rowsOf(count, (row) => (row === count - 2 ? 'oops' : String(row)));
      await expect(readTable('odd.csv', wrong)).rejects.toThrow(`odd.csv, line ${count + 1}, column “number”: “oops”`);
    });

    test.each(Array.from({ length: 14 }, (_, i) => i - 12))('reads quotes around a stretch’s end (%d)', async (at) => {
      // The first stretch begins behind the header.
      const before = `${'y\n'.repeat(stretch / 2 - 10)}${'y'.repeat(20 + at - 1)}\n`;
      const rows = stretch / 2 - 9;
      for (const field of ['"a ""b""\nc"', '"d"  ', '""""']) {
        const { columns, lines } = await readTable('odd.csv', `h\n${before}${field}\nlast\n`);
        const value = field.trim().slice(1, -1).replaceAll('""', '"');
        expect(columns[0]!.values.slice(rows)).toEqual([value, 'last']);
        expect(lines.at(-1)).toBe(rows + 3 + Number(value.includes('\n')));
      }
    });

    test('reads a field that is longer than a stretch', async () => {
      const long = 'a,\n'.repeat(stretch);
      expect((await readTable('odd.csv', `a,b\n1,"${long}"\n2,x\n`)).columns).toEqual([
        numbers('a', 1, 2),
        words('b', long, 'x'),
      ]);
    });

    test('names where quotes open that are never closed', async () => {
      const text = `${rowsOf(count, String)}"1,x\n${'2,x\n'.repeat(stretch)}`;
      await expect(readTable('odd.csv', text)).rejects.toThrow(
        new DataError(
          `odd.csv, line ${count + 3}, character 1: the quotes that open here are never closed: close them.`,
        ),
      );
    });
  });
});

test.each([
  ['dates', ['2012-01-31', '', '2012-02-01T12:00:00Z']],
  ['dates', ['31.1.2012', '1/31/12', '2012 Q1', '2012/1', 'NA']],
  ['dates', ['12:30', '9:05:10']],
  ['dates', ['Jan 1 2000', 'February 2, 2001', '3-Mar-2004']],
  ['words', ['2012-01-31', 'Monday']],
  ['words', ['Januar', 'Mayor', 'Marble 1st']],
  ['nothing', ['', 'NA', '-']],
])('A column has %s: %j', (content, values) => {
  expect(contentOf(words('a', ...values) as TableColumn)).toBe(content);
});
