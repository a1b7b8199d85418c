import { quote } from '../../quote.ts';
import { fault } from '../fault.ts';
import type { Delimiter } from './header.ts';

/** What stands for a number that is missing, in small letters. */
const missingWords = new Set(['', 'na', 'n/a', '#n/a', 'nan', 'null', 'none', '-', '?']);

const point = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const comma = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
const infinity = /^[+-]?(?:inf(?:inity)?|∞)$/i;
/** Commas and points before groups of three digits. */
const grouped = /^[+-]?\d{1,3}(?:(?:,\d{3})+(?:\.\d*)?|(?:\.\d{3})+(?:,\d*)?)$/;

/** Whether a field says that a number is missing. */
export const isMissing = (field: string): boolean => missingWords.has(field.trim().toLowerCase());

/** Reads the numbers of one file, all of which have the same decimal mark. */
export class Numbers {
  readonly #file: string;
  readonly #delimiter: Delimiter;
  /** Where a decimal mark stood first: which one, in which field and line. */
  #mark: { readonly mark: '.' | ','; readonly field: string; readonly part: string; readonly line: number } | undefined;
  /** Whether every comma so far may as well stand between thousands. */
  #ambiguous = true;

  constructor(file: string, delimiter: Delimiter) {
    this.#file = file;
    this.#delimiter = delimiter;
  }

  /** Whether a field is meant as a number, if not as one that can be read. */
  looksLikeNumber(field: string): boolean {
    const trimmed = field.trim();
    return point.test(trimmed) || comma.test(trimmed) || infinity.test(trimmed);
  }

  /**
   * The number in a field of a column of numbers; NaN if it is missing.
   *
   * @throws DataError if it is a word, no finite number, or has another decimal mark than numbers before it
   */
  read(field: string, column: string, line: number): number {
    if (point.test(field)) {
      const value = Number(field);
      if (this.#mark?.mark !== '.' && field.includes('.')) this.#see('.', field, column, line);
      if (Number.isFinite(value)) return value;
      throw this.#fault(column, line, `${quote(field)} is too large: write a number below 1.8e308.`);
    }
    const trimmed = field.trim();
    if (trimmed !== field) return this.read(trimmed, column, line);
    if (isMissing(field)) return Number.NaN;
    if (infinity.test(field)) {
      throw this.#fault(column, line, `${quote(field)} is no number to learn from: leave the field empty.`);
    }
    if (comma.test(field) && this.#delimiter !== ',') {
      this.#see(',', field, column, line);
      this.#ambiguous &&= this.#delimiter === '\t' && grouped.test(field) && !/^[+-]?0/.test(field);
      return Number(field.replace(',', '.'));
    }
    if (comma.test(field) || grouped.test(field)) {
      throw this.#fault(
        column,
        line,
        `it is not clear what the commas and points of ${quote(field)} mean: write a point before the decimals, and nothing between thousands.`,
      );
    }
    throw this.#fault(
      column,
      line,
      `${quote(field)} is not a number, as others in this column are: correct it, or leave the field empty if it is missing.`,
    );
  }

  /** @throws DataError if all commas may be decimal marks, or stand between thousands */
  finish(): void {
    if (this.#mark?.mark !== ',' || !this.#ambiguous) return;
    const { field, part, line } = this.#mark;
    throw this.#fault(
      part,
      line,
      `the comma of ${quote(field)} may be a decimal mark or stand between thousands, and no other number tells: write numbers with a decimal point, as 1234.5.`,
    );
  }

  #see(mark: '.' | ',', field: string, column: string, line: number): void {
    this.#mark ??= { mark, field, part: column, line };
    if (this.#mark.mark === mark) return;
    throw this.#fault(
      column,
      line,
      `${quote(field)} has a decimal ${nameOf[mark]}, where ${quote(this.#mark.field)} in line ${this.#mark.line} has a ${nameOf[this.#mark.mark]}: write all numbers in one way.`,
    );
  }

  #fault(column: string, line: number, complaint: string) {
    return fault(this.#file, line, `column ${quote(column)}`, complaint);
  }
}

const nameOf = { '.': 'point', ',': 'comma' };
