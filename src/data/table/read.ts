import type Papa from 'papaparse';
import type { ParseResult } from 'papaparse';
import { DataError } from '../dataset.ts';
import { fault, turn } from '../fault.ts';
import { ColumnBuilder } from './columns.ts';
import { type Delimiter, delimiterOf, delimiters, namesIn } from './header.ts';
import { Numbers } from './numbers.ts';
import type { Table, TableColumn } from './table.ts';

/** Characters of a file that are read at once: some ten milliseconds' work. */
const stretch = 2 ** 20;

/** What a parser makes of some of a file. */
interface Parsed {
  /** Those before the first whose quotes are wrong. */
  readonly rows: readonly (readonly string[])[];
  readonly wrongQuotes?: {
    /** The character, from 0, at which the field begins. */
    readonly at: number;
    /** Whether they are never closed. */
    readonly open: boolean;
  };
  /** The character, from 0, behind the last row. */
  readonly end: number;
}

/**
 * Reads a table: a line of names, then a line for each row, with commas, semicolons or tabs between the fields. A field may stand
 * in double quotes and have any characters then. Where commas do not stand between the fields, they may be decimal marks.
 *
 * @param name what the messages call the file
 * @param kind what all columns are read as, if that is not to be found out from what they hold
 * @param heard is told again and again which share of the file has been read
 * @throws DataError naming the line, and the column or the character, of the first thing that is wrong
 */
export async function readTable(
  name: string,
  text: string,
  kind?: TableColumn['kind'],
  heard: (share: number) => void = () => {},
): Promise<Table> {
  const { default: papa } = await import('papaparse');
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return new Reader(papa, name, lines, kind).read(heard);
}

class Reader {
  readonly #papa: typeof Papa;
  readonly #name: string;
  readonly #text: string;
  readonly #kind: TableColumn['kind'] | undefined;
  #lines = new Uint32Array(1024);
  #rows = 0;
  /** Rows without anything in them, which count if there is another one behind them. */
  #blank: { readonly row: readonly string[]; readonly line: number }[] = [];

  constructor(papa: typeof Papa, name: string, text: string, kind: TableColumn['kind'] | undefined) {
    this.#papa = papa;
    this.#name = name;
    this.#text = text;
    this.#kind = kind;
  }

  async read(heard: (share: number) => void): Promise<Table> {
    const start = this.#text.search(/[^\n]/);
    if (start === -1) throw new DataError(`${this.#name} is empty: choose a table with a header and rows.`);
    const headers = new Map(delimiters.map((delimiter) => [delimiter, this.#parse(start, delimiter, 1)]));
    const delimiter = delimiterOf((cut) => headers.get(cut)?.rows[0]?.length ?? 0);
    const header = headers.get(delimiter)!;
    this.#assertQuotes(header);
    const names = header.rows[0]!;
    const numbers = new Numbers(this.#name, delimiter);
    const columns = namesIn(names, this.#name, start + 1, numbers).map(
      (name) => new ColumnBuilder(name, numbers, this.#kind),
    );

    let line = start + 2 + breaksIn(names);
    for (let at = header.end; at < this.#text.length; ) {
      const parsed = this.#parse(at, delimiter);
      for (const [c, column] of columns.entries()) column.decide(parsed.rows, c);
      const mayBreak = this.#text.slice(at, parsed.end).includes('"');
      for (const row of parsed.rows) {
        this.#take(row, line, columns, delimiter);
        line += 1 + (mayBreak ? breaksIn(row) : 0);
      }
      this.#assertQuotes(parsed);
      at = parsed.end;
      heard(at / this.#text.length);
      await turn();
    }
    if (this.#rows === 0)
      throw fault(this.#name, start + 1, undefined, 'there are no rows below the header: add them.');
    numbers.finish();
    return {
      name: this.#name,
      columns: columns.map((column) => column.finish(this.#rows)),
      lines: this.#lines.slice(0, this.#rows),
    };
  }

  /** Takes a row as soon as it is known that it counts. */
  #take(row: readonly string[], line: number, columns: readonly ColumnBuilder[], delimiter: Delimiter): void {
    const isBlank = row.every((field) => field === '');
    if (isBlank && row.length === 1 && columns.length > 1) return;
    if (row.length !== columns.length) throw this.#lengthFault(row, line, columns.length, delimiter);
    if (isBlank) {
      this.#blank.push({ row, line });
      return;
    }
    for (const blank of this.#blank) this.#add(blank.row, blank.line, columns);
    this.#blank = [];
    this.#add(row, line, columns);
  }

  #add(row: readonly string[], line: number, columns: readonly ColumnBuilder[]): void {
    for (let c = 0; c < columns.length; c++) columns[c]!.add(row[c]!, line);
    if (this.#rows === this.#lines.length) {
      const lines = new Uint32Array(2 * this.#rows);
      lines.set(this.#lines);
      this.#lines = lines;
    }
    this.#lines[this.#rows++] = line;
  }

  /** The rows in a stretch of the text from a character on, or in more if none ends in it. */
  #parse(start: number, delimiter: Delimiter, most = 0): Parsed {
    // Without quotes the parser takes a shorter way, on which it does not say where it stops after `most` rows.
    const parser = new this.#papa.Parser({
      delimiter,
      newline: '\n',
      preview: most,
      ...(most > 0 && { fastMode: false }),
    });
    for (let size = stretch; ; size *= 2) {
      const isRest = start + size >= this.#text.length;
      const { data, errors, meta }: ParseResult<string[]> = parser.parse(
        this.#text.slice(start, start + size),
        0,
        !isRest,
      );
      if (data.length === 0 && !isRest) continue;
      // Quotes of a row that the stretch cuts may be right.
      const wrong = errors.find(({ row }) => row! < data.length);
      const end = start + meta.cursor;
      if (wrong === undefined) return { rows: data, end };
      // The parser names the character behind the quotes that open the field.
      const wrongQuotes = { at: start + wrong.index! - 1, open: wrong.code === 'MissingQuotes' };
      return { rows: data.slice(0, wrong.row), wrongQuotes, end };
    }
  }

  #assertQuotes({ wrongQuotes }: Parsed): void {
    if (wrongQuotes === undefined) return;
    const { at, open } = wrongQuotes;
    const before = this.#text.slice(0, at);
    throw fault(
      this.#name,
      1 + breaksIn([before]),
      `character ${at - before.lastIndexOf('\n')}`,
      open
        ? 'the quotes that open here are never closed: close them.'
        : 'the quotes that open here are closed before the field ends: write quotes within quotes twice.',
    );
  }

  #lengthFault(row: readonly string[], line: number, columns: number, delimiter: Delimiter): DataError {
    const [has, wanted] = [row.length, columns].map((count) => `${count} ${count === 1 ? 'field' : 'fields'}`);
    const advice =
      delimiter === ',' && row.length > columns
        ? 'put fields that have commas in quotes, and if commas are decimal marks, use semicolons between the columns.'
        : 'give each row as many fields as there are columns.';
    return fault(this.#name, line, undefined, `${has}, where the header has ${wanted}: ${advice}`);
  }
}

/** How many lines end within fields. */
function breaksIn(fields: readonly string[]): number {
  let breaks = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at !== -1; at = field.indexOf('\n', at + 1)) breaks++;
  }
  return breaks;
}
