import { quote } from '../../quote.ts';
import { DataError } from '../dataset.ts';
import { fault } from '../fault.ts';
import type { Table, WordsColumn } from '../table/table.ts';
import { charactersOf, classTargets, remarksOn, symbolInputs } from './collect.ts';
import type { Samples } from './samples.ts';

/**
 * The samples that the rows are: the characters of one column go in, and the word in another is the label that should come out.
 * Spaces around a label are no part of it.
 *
 * @param text the name of a column of words
 * @param label likewise
 * @throws DataError naming the line where there is no text or no label; or if there is only one row or label
 */
export function samplesFromTable(table: Table, text: string, label: string): Samples {
  const { name, lines } = table;
  const [texts, labels] = [text, label].map((wanted) => wordsOf(table, wanted)) as [WordsColumn, WordsColumn];
  if (text === label)
    throw new DataError(`${name}: ${quote(text)} cannot be the text and its label: choose two columns.`);
  if (lines.length === 1) throw new DataError(`${name} has only one sample: choose at least two.`);
  for (const [row, line] of lines.entries()) {
    if (texts.values[row] === '')
      throw fault(name, line, `column ${quote(text)}`, 'there is no text: add it, or leave the row out.');
    if (labels.values[row]!.trim() === '') {
      throw fault(name, line, `column ${quote(label)}`, 'there is no label: add it, or leave the row out.');
    }
  }
  const targets = classTargets(
    name,
    'end',
    labels.values.map((value) => [value.trim()]),
  );
  const remarks = remarksOn(targets);
  return {
    kind: 'labelled',
    name,
    inputs: symbolInputs(name, texts.values.map(charactersOf)),
    targets,
    ...(remarks.length > 0 && { remarks }),
  };
}

function wordsOf({ name, columns }: Table, wanted: string): WordsColumn {
  const column = columns.find((column) => column.name === wanted);
  if (column?.kind === 'words') return column;
  throw new DataError(`${name} has no column ${quote(wanted)} of words.`);
}
