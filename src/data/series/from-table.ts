import { quote } from '../../quote.ts';
import { DataError } from '../dataset.ts';
import { listed } from '../fault.ts';
import { contentOf, type NumbersColumn, type Table } from '../table/table.ts';
import type { TimeSeries } from './series.ts';

/**
 * The series that the columns of numbers are; each row is a time. Remarks name the columns that are left out, and say how many
 * numbers are missing.
 *
 * @throws DataError if no column has numbers, or there is only one row
 */
export function seriesFromTable({ name, columns, lines }: Table): TimeSeries {
  const numbers = columns.filter((column) => column.kind === 'numbers');
  if (numbers.length === 0) {
    throw new DataError(
      `${name} has no column of numbers: a series needs one; write numbers with digits and a decimal point.`,
    );
  }
  if (lines.length === 1) throw new DataError(`${name} has only one row: a series needs at least two.`);
  const left = columns.filter((column) => column.kind === 'words');
  const remarks: string[] = [];
  if (left.length > 0) {
    const names = left.map((column) => `${quote(column.name)} (${contentOf(column)})`);
    remarks.push(`Left out, as only numbers go into a series: ${listed(names)}.`);
  }
  const missing = numbers
    .map((column) => ({ name: column.name, count: missingIn(column) }))
    .filter(({ count }) => count > 0);
  if (missing.length > 0) {
    remarks.push(
      `Numbers that are missing: ${listed(missing.map(({ name, count }) => `${count} in ${quote(name)}`))}.`,
    );
  }
  return {
    kind: 'series',
    name,
    columns: numbers.map(({ name, values }) => ({ name, values })),
    ...(remarks.length > 0 && { remarks }),
  };
}

const missingIn = ({ values }: NumbersColumn): number =>
  values.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
