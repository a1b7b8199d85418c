import { isMissing, type Numbers } from './numbers.ts';
import type { TableColumn } from './table.ts';

/** A column that grows as its file is read. Its first fields decide whether it holds numbers or words. */
export class ColumnBuilder {
  readonly name: string;
  readonly #numbers: Numbers;
  #kind: TableColumn['kind'] | undefined;
  #length = 0;
  /** Of a column of numbers, with room for more. */
  #values = new Float64Array(0);
  /** Of a column of words, and of one that has not been decided on. */
  #words: string[] = [];

  /** @param kind what it holds, if that need not be found out */
  constructor(name: string, numbers: Numbers, kind?: TableColumn['kind']) {
    this.name = name;
    this.#numbers = numbers;
    this.#kind = kind;
  }

  /**
   * Decides what the column holds by rows that are about to be added, unless it is known: numbers, if at least as many of
   * them are as are words. Where all are missing it is decided later.
   */
  decide(rows: readonly (readonly string[])[], at: number): void {
    if (this.#kind !== undefined) return;
    let numbers = 0;
    let words = 0;
    for (const row of rows) {
      const field = row[at] ?? '';
      if (this.#numbers.looksLikeNumber(field)) numbers++;
      else if (!isMissing(field)) words++;
    }
    if (numbers + words === 0) return;
    this.#kind = numbers >= words ? 'numbers' : 'words';
    if (this.#kind === 'words') return;
    this.#reserve(this.#length);
    this.#values.fill(Number.NaN, 0, this.#length);
    this.#words = [];
  }

  /** @throws DataError if the field is no number, where the others are */
  add(field: string, line: number): void {
    if (this.#kind !== 'numbers') {
      this.#words.push(field);
    } else {
      if (this.#length === this.#values.length) this.#reserve(this.#length + 1);
      this.#values[this.#length] = this.#numbers.read(field, this.name, line);
    }
    this.#length++;
  }

  /** The column of `rows` rows. */
  finish(rows: number): TableColumn {
    const { name } = this;
    if (this.#kind === 'numbers') return { kind: 'numbers', name, values: this.#values.slice(0, rows) };
    return { kind: 'words', name, values: this.#words };
  }

  #reserve(length: number): void {
    const values = new Float64Array(Math.max(1024, 2 * length));
    values.set(this.#values.subarray(0, this.#length));
    this.#values = values;
  }
}
