import { asObject } from '../json-object.ts';
import { isMissing } from './table/numbers.ts';

/** Characters that are looked at. */
const looked = 2 ** 16;
/** Lines that are looked at. */
const most = 20;

export type FormOfPasted = 'text' | 'table' | 'json-lines' | 'table or text';

/**
 * What was pasted, of which no file's name tells what it is. JSON Lines begin with an object that has what a sample has. In a table
 * each line has as many tabs, semicolons or commas as the first; with tabs, or numbers below a name, it is one, else it may be prose.
 */
export function formOfPasted(text: string): FormOfPasted {
  const lines = text.slice(0, looked).split(/\r\n?|\n/);
  // The last line may be cut.
  if (text.length > looked) lines.pop();
  const written = lines.filter((line) => line.trim() !== '').slice(0, most);
  if (isSample(written[0] ?? '')) return 'json-lines';
  if (written.length < 3) return 'text';
  const delimiter = ['\t', ';', ','].find((one) => isBetweenFields(one, written));
  const rows = written.map((line) => fieldsOf(line, delimiter));
  if (delimiter === '\t' || hasNumbersBelowName(rows)) return 'table';
  // In prose a space, or the line's end, follows each comma.
  const isProse =
    delimiter === undefined || written.every((line) => fieldsOf(line, delimiter).slice(1).every(hasMargin));
  return isProse ? 'text' : 'table or text';
}

function isSample(line: string): boolean {
  try {
    const sample = asObject(JSON.parse(line));
    return sample !== undefined && (sample.has('text') || sample.has('inputs'));
  } catch {
    return false;
  }
}

/** A line's fields; quotes are kept, and what stands between them is one field's. */
function fieldsOf(line: string, delimiter: string | undefined): string[] {
  if (delimiter === undefined) return [line];
  const plain = line.replace(/"[^"]*"/g, (quoted) => '"'.repeat(quoted.length));
  return plain.split(delimiter);
}

function isBetweenFields(delimiter: string, lines: readonly string[]): boolean {
  const counts = lines.map((line) => fieldsOf(line, delimiter).length);
  return counts[0]! > 1 && counts.every((count) => count === counts[0]);
}

/** Whether some column has numbers, and nothing else, below a name. */
function hasNumbersBelowName([names = [], ...rows]: readonly string[][]): boolean {
  return names.some((name, at) => {
    const fields = rows.map((row) => row[at] ?? '').filter((field) => !isMissing(field));
    return !isMissing(name) && !number.test(name) && fields.length > 0 && fields.every((field) => number.test(field));
  });
}

const number = /^\s*[-+]?(\d+([.,]\d+)*|[.,]\d+)(e[-+]?\d+)?\s*$/i;

const hasMargin = (field: string): boolean => field === '' || field.startsWith(' ');
