import { isMissing } from './numbers.ts';

/** What a file of columns holds, before it is said what is to be learned from it. */
export interface Table {
  readonly name: string;
  /** At least one. */
  readonly columns: readonly TableColumn[];
  /** The line of the file, from 1, in which each row begins, `[rows]`; at least one row. */
  readonly lines: Uint32Array<ArrayBuffer>;
}

export type TableColumn = NumbersColumn | WordsColumn;

export interface NumbersColumn {
  readonly kind: 'numbers';
  readonly name: string;
  /** `[rows]`, NaN where the number is missing; not all are. */
  readonly values: Float64Array<ArrayBuffer>;
}

export interface WordsColumn {
  readonly kind: 'words';
  readonly name: string;
  /** `[rows]`, as they stand in the file. */
  readonly values: readonly string[];
}

/** How a date or a time begins: 2012-01-31, 31.1.2012, 1/31/2012, 2012 Q1, 12:30, Jan 1 2000. */
const date =
  /^\s*(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}[- ]?Q[1-4]|\d{1,2}:\d{2}(:\d{2})?|(\d{1,2}[- ])?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[-. ]+\d)/i;

/** Whether a field is written as a date or a time of day. */
export const isDate = (field: string): boolean => date.test(field);

/** What a column holds; of words, whether they are dates or times, or nothing but missing ones. */
export function contentOf(column: TableColumn): 'numbers' | 'words' | 'dates' | 'nothing' {
  if (column.kind === 'numbers') return 'numbers';
  let content: 'dates' | 'nothing' = 'nothing';
  for (const value of column.values) {
    if (isMissing(value)) continue;
    if (!isDate(value)) return 'words';
    content = 'dates';
  }
  return content;
}

/** How many different values a column has; spaces around words make no difference. */
export const differentIn = (column: TableColumn): number =>
  column.kind === 'numbers' ? new Set(column.values).size : new Set(column.values.map((word) => word.trim())).size;
