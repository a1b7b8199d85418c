import papa from 'papaparse';
import { assertWritable, isSameFile, writeKeeping } from './files.ts';
import { type Given, type Option, UsageError } from './options.ts';
import { errors, output, readable } from './output.ts';

/** What stands in a field; where a number is NaN, nothing does. */
export type Field = string | number;

/** The option that names the file. */
export const outOption: Option = {
  value: 'FILE.csv',
  help: 'The file to write, instead of standard output. What is there already is kept beside it.',
};

/** Rows are made into CSV so many at once. */
const atOnce = 10_000;

/** Where a command's rows go: to the file of `--out`, or to standard output, where with `--json` something else stands. */
export class RowsOut {
  readonly #path: string | undefined;
  readonly #json: boolean;

  private constructor(path: string | undefined, json: boolean) {
    this.#path = path;
    this.#json = json;
  }

  /**
   * @param inputs the files that are read
   * @throws UsageError if the file cannot be written, or is one that is read
   */
  static async open({ value, has }: Given, inputs: readonly string[]): Promise<RowsOut> {
    const path = value('out');
    if (path !== undefined) {
      for (const input of inputs) {
        if (await isSameFile(path, input)) throw new UsageError(`--out is ${input}, which is read: name another one.`);
      }
      await assertWritable(path);
    }
    return new RowsOut(path, has('json'));
  }

  /** Whether standard output has neither rows nor JSON. */
  get leavesOutput(): boolean {
    return this.#path !== undefined && !this.#json;
  }

  /** Tells something by the way. */
  note(sentence: string): void {
    (this.leavesOutput ? output : errors).tell(sentence);
  }

  /**
   * Writes CSV with a header: to a file all of it or nothing.
   *
   * @throws Error in one sentence if it cannot be written; what was there before still is
   */
  async write(columns: readonly string[], rows: readonly (readonly Field[])[]): Promise<void> {
    if (this.#path === undefined && this.#json) return;
    const parts = [csvOf([columns])];
    for (let start = 0; start < rows.length; start += atOnce) parts.push(csvOf(rows.slice(start, start + atOnce)));
    if (this.#path === undefined) {
      for (const part of parts) output.write(output.isTerminal ? readable(part) : part);
      return;
    }
    const kept = await writeKeeping(this.#path, Buffer.from(parts.join('')));
    this.note(`${this.#path} is written.${kept === undefined ? '' : ` What was there is kept as ${kept}.`}`);
  }
}

const csvOf = (rows: readonly (readonly Field[])[]): string =>
  `${papa.unparse(
    rows.map((row) => row.map((field) => (Number.isNaN(field) ? '' : field))),
    { newline: '\n' },
  )}\n`;
