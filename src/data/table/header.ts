import { quote } from '../../quote.ts';
import { fault } from '../fault.ts';
import { isMissing, type Numbers } from './numbers.ts';
import { isDate } from './table.ts';

/** What may stand between two columns. Where a header has as many of several, the first of them is it. */
export const delimiters = ['\t', ';', ','] as const;

export type Delimiter = (typeof delimiters)[number];

/**
 * Which of them stands between the columns of a header: the one that it has most of, outside quotes.
 *
 * @param fieldsOf how many fields the header has if it is cut at a delimiter; 0 if that cannot be done
 */
export function delimiterOf(fieldsOf: (delimiter: Delimiter) => number): Delimiter {
  const counts = delimiters.map(fieldsOf);
  const most = Math.max(...counts);
  return most <= 1 ? ',' : delimiters[counts.indexOf(most)]!;
}

/**
 * The names of the columns.
 *
 * @param line of the header, from 1
 * @throws DataError if the fields are numbers rather than names, or a name is empty or stands twice
 */
export function namesIn(fields: readonly string[], file: string, line: number, numbers: Numbers): string[] {
  const names = fields.map((field) => field.trim());
  if (names.every((name) => name === ''))
    throw fault(file, line, undefined, 'the header names no column: name them all.');
  const isHeader = names.some((name) => !isMissing(name) && !isDate(name) && !numbers.looksLikeNumber(name));
  if (!isHeader) {
    throw fault(
      file,
      line,
      undefined,
      `the first line is not a header but has numbers: add a line before it that names the columns.`,
    );
  }
  const columns = new Map<string, number>();
  for (const [at, name] of names.entries()) {
    if (name === '') throw fault(file, line, undefined, `column ${at + 1} has no name: give it one.`);
    const before = columns.get(name);
    if (before !== undefined) {
      throw fault(
        file,
        line,
        undefined,
        `columns ${before} and ${at + 1} are both called ${quote(name)}: rename one of them.`,
      );
    }
    columns.set(name, at + 1);
  }
  return names;
}
