import { DataError, type Dataset } from './dataset.ts';
import { decode } from './decode.ts';
import { samplesFromTable } from './labelled/from-table.ts';
import { samplesFromJsonLines } from './labelled/json-lines.ts';
import { type FormOfPasted, formOfPasted } from './pasted.ts';
import { seriesFromTable } from './series/from-table.ts';
import { readTable } from './table/read.ts';
import { questionAbout, type TableOptions, type TableQuestion, useOf } from './table/use.ts';
import { corpusFromText } from './text/text.ts';

/** What is known of data besides their bytes. */
export interface OpenOptions extends TableOptions {
  /** Whether they come from no file, whose name would tell what they are: then their content does. */
  readonly pasted?: boolean;
}

/**
 * The dataset in a file, or in what was pasted. `.csv` and `.tsv` are tables, `.jsonl` and `.ndjson` JSON Lines, all else is a
 * text; a `kind` that is given goes before the name, and labelled sequences are then JSON Lines if the file begins with a brace.
 *
 * A table is labelled if the column that is predicted holds words, or if it has no numbers and two columns of words, of which
 * that with fewer different values has the labels. Else its numbers are a series. For a series it is only checked that the
 * columns that `inputs` and `predict` name have numbers: all of them are in the dataset.
 *
 * @param heard is told again and again which share of the file has been read
 * @returns a question, where a table may be several things
 * @throws DataError in one sentence, with the line where there is one, if it cannot be learned from
 */
export async function openDataset(
  name: string,
  bytes: Uint8Array,
  options: OpenOptions = {},
  heard: (share: number) => void = () => {},
): Promise<Dataset | TableQuestion> {
  const text = decode(name, bytes);
  const form = formOf(name, text, options);
  if (form === 'table or text') return tableOrText(name, text, heard);
  if (form === 'table') return openTable(name, text, options, heard);
  if (options.inputs !== undefined || options.predict !== undefined) {
    throw new DataError(
      `${name} is not read as a table, so it has no columns to choose: leave out which go in and are predicted.`,
    );
  }
  return form === 'text' ? corpusFromText(name, text) : samplesFromJsonLines(name, text, heard);
}

/** What a file is read as, by its name, unless it is said of what kind its data are. */
export function formOf(name: string, text: string, { kind, pasted = false }: OpenOptions): FormOfPasted {
  if (kind === 'text') return 'text';
  if (kind === 'series') return 'table';
  if (kind === 'labelled') return /^\s*\{/.test(text) ? 'json-lines' : 'table';
  if (pasted) return formOfPasted(text);
  if (/\.(csv|tsv)$/i.test(name)) return 'table';
  return /\.(jsonl|ndjson)$/i.test(name) ? 'json-lines' : 'text';
}

async function openTable(
  name: string,
  text: string,
  options: TableOptions,
  heard: (share: number) => void,
): Promise<Dataset | TableQuestion> {
  const table = await readTable(name, text, options.kind === 'labelled' ? 'words' : undefined, heard);
  const use = useOf(table, options);
  if (use === 'series') return seriesFromTable(table);
  if ('kind' in use) return use;
  // Digits that are texts or labels are words as well.
  const isOfWords = table.columns.every(
    ({ name, kind }) => kind === 'words' || (name !== use.text && name !== use.label),
  );
  return samplesFromTable(isOfWords ? table : await readTable(name, text, 'words', heard), use.text, use.label);
}

/** What looks like a table is asked about, if it can be read as one. */
async function tableOrText(
  name: string,
  text: string,
  heard: (share: number) => void,
): Promise<Dataset | TableQuestion> {
  try {
    return questionAbout(await readTable(name, text, undefined, heard), 'Is this a running text, or a table?');
  } catch (error) {
    if (error instanceof DataError) return corpusFromText(name, text);
    throw error;
  }
}
