import { expect, test } from 'vitest';
import { seriesFromTable } from '../../../src/data/series/from-table.ts';
import { readTable } from '../../../src/data/table/read.ts';

test('Columns of numbers are a series; remarks say what is left out and what is missing', async () => {
  const text = 'date,high,low,weather,note\n2012-01-01,12.8,NA,rain,\n2012-01-02,,2.8,sun,\n2012-01-03,11.7,,sun,\n';
  expect(seriesFromTable(await readTable('seattle.csv', text))).toEqual({
    kind: 'series',
    name: 'seattle.csv',
    columns: [
      { name: 'high', values: Float64Array.of(12.8, Number.NaN, 11.7) },
      { name: 'low', values: Float64Array.of(Number.NaN, 2.8, Number.NaN) },
    ],
    remarks: [
      'Left out, as only numbers go into a series: “date” (dates), “weather” (words) and “note” (nothing).',
      'Numbers that are missing: 1 in “high” and 2 in “low”.',
    ],
  });
});

test('Where there is nothing to say there are no remarks', async () => {
  const series = seriesFromTable(await readTable('x.csv', 'a\n1\n2\n'));
  expect(series).toEqual({ kind: 'series', name: 'x.csv', columns: [{ name: 'a', values: Float64Array.of(1, 2) }] });
});
