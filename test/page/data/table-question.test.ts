import { expect, test } from 'vitest';
import type { TableQuestion } from '../../../src/data/table/use.ts';
import { complaintAbout, guessOf, optionsOf } from '../../../src/page/data/table-question.ts';

type Column = TableQuestion['columns'][number];
const about = (...columns: Column[]): TableQuestion => ({
  kind: 'question',
  name: 'a.csv',
  sentence: 'What?',
  columns,
});
const column = (name: string, kind: Column['kind'], different: number): Column => ({ name, kind, different });

test('The texts are likely those that differ the most, the labels those that differ the least', () => {
  const words = [
    column('group', 'words', 2),
    column('day', 'dates', 90),
    column('word', 'words', 40),
    column('n', 'numbers', 99),
  ];
  expect(guessOf(about(...words))).toEqual({ kind: 'labelled', text: 'word', label: 'group' });
  expect(guessOf(about(column('n', 'numbers', 3), column('word', 'words', 40)))).toMatchObject({
    text: 'word',
    label: 'n',
  });
  expect(guessOf(about(column('n', 'numbers', 3))).kind).toBe('series');
});

test('An answer says how the table is read; texts that are their own labels are none', () => {
  expect(optionsOf({ kind: 'labelled', text: 'a, b', label: 'c' })).toEqual({
    kind: 'labelled',
    inputs: 'a, b',
    predict: 'c',
  });
  expect(optionsOf({ kind: 'series', text: 'a', label: 'a' })).toEqual({ kind: 'series' });
  expect(optionsOf({ kind: 'text', text: 'a', label: 'a' })).toEqual({ kind: 'text' });
  expect(complaintAbout({ kind: 'labelled', text: 'a', label: 'a' })).toMatch(/choose another for one\.$/);
  expect(complaintAbout({ kind: 'labelled', text: 'a', label: 'b' })).toBe('');
  expect(complaintAbout({ kind: 'series', text: 'a', label: 'a' })).toBe('');
});
