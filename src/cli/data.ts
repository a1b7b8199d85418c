import { stat } from 'node:fs/promises';
import { DataError, type Dataset, type Kind, type LearnedNetwork } from '../data/dataset.ts';
import { assertLength } from '../data/decode.ts';
import { listed } from '../data/fault.ts';
import { findDataset } from '../data/find.ts';
import { kindLearned, matters } from '../data/kinds.ts';
import { type DatasetName, datasetNames } from '../data/names.ts';
import { openDataset } from '../data/open.ts';
import type { TableOptions, TableQuestion } from '../data/table/use.ts';
import type { Corpus } from '../data/text/corpus.ts';
import { corpusFromBytes } from '../data/text/text.ts';
import { quote } from '../quote.ts';
import { type Configuration, type SettingName, settings as table } from '../training/configuration.ts';
import { readBytes } from './files.ts';
import { kebab, UsageError } from './options.ts';
import { errors } from './output.ts';

/** Whether a word on the command line names data that come with Sluice. */
export const isBuiltIn = (word: string): word is DatasetName => (datasetNames as readonly string[]).includes(word);

/** What each kind of data is called. */
export const kindNames: Readonly<Record<Kind, string>> = {
  text: 'a text',
  series: 'a series',
  labelled: 'labelled sequences',
};

/**
 * Data to learn: by the name of those that come with Sluice, else by their path.
 *
 * @param options what cannot be told from a file by itself
 * @throws RangeError in one sentence if they cannot be had or learned, or it has to be said what a table is
 */
export async function readDataset(word: string, options: TableOptions = {}): Promise<Dataset> {
  if (isBuiltIn(word)) return findDataset(word);
  const bytes = await readDataFile(word);
  const read = await openDataset(word, bytes, options, tellReading).finally(() => errors.tellProgress());
  if (read.kind === 'question') throw new UsageError(wordsOfQuestion(read, options));
  return read;
}

/**
 * The same for a network that has learned something: a file that may be several things is what the network has learned from.
 *
 * @throws RangeError as `readDataset` does
 */
export async function readAgain(network: LearnedNetwork, word: string, options: TableOptions): Promise<Dataset> {
  const kind = kindLearned(network);
  if (options.kind !== undefined || kind === undefined || isBuiltIn(word)) return readDataset(word, options);
  const attempt = (options: TableOptions) =>
    readDataset(word, options).catch((error: unknown) => {
      if (error instanceof RangeError) return error;
      throw error;
    });
  const read = await attempt(options);
  if (!(read instanceof RangeError) && read.kind === kind) return read;
  const asLearned = await attempt({ ...options, kind });
  if (!(asLearned instanceof RangeError)) return asLearned;
  // What cannot be that at all is told as what it is.
  if (read instanceof RangeError) throw asLearned;
  return read;
}

/**
 * The text that a word names, whatever its file is called.
 *
 * @throws RangeError in one sentence if it cannot be had, or cannot be learned
 */
export async function readText(word: string): Promise<Corpus> {
  if (!isBuiltIn(word)) return corpusFromBytes(word, await readDataFile(word));
  const dataset = await findDataset(word);
  if (dataset.kind === 'text') return dataset;
  throw new DataError(`${dataset.name} is no text, which alone can be used here.`);
}

/**
 * A file's bytes, if they are not too many for a text.
 *
 * @throws RangeError in one sentence if they are, or cannot be had
 */
export async function readDataFile(path: string): Promise<Uint8Array> {
  assertLength(path, (await stat(path).catch(() => undefined))?.size ?? 0);
  return readBytes(path);
}

/** Tells on a terminal how much of a file is read. */
export const tellReading = (share: number): void =>
  errors.tellProgress(`The file is read: ${Math.floor(100 * share)} %`);

function wordsOfQuestion({ name, columns }: TableQuestion, { inputs, predict }: TableOptions): string {
  const has = listed(columns.map((column) => `${quote(column.name)} (${column.kind})`));
  const named = [
    ...(inputs === undefined ? ['that of the texts with --inputs'] : []),
    ...(predict === undefined ? ['that of the labels with --predict'] : []),
  ];
  const mayBeSeries = named.length === 2 && columns.some(({ kind }) => kind === 'numbers');
  const orSeries = mayBeSeries ? ', or give --kind series' : '';
  return `${name} does not tell what it is, as its columns are ${has}: name ${named.join(' and ')}${orSeries}.`;
}

/** @throws UsageError if it is no kind of data, or the data need none to be named */
export function readKind(written: string | undefined, word: string = table.dataset.default): Kind | undefined {
  if (written === undefined) return undefined;
  const kinds = Object.keys(kindNames) as Kind[];
  const kind = kinds.find((each) => each === written);
  if (kind === undefined) throw new UsageError(`--kind is one of ${kinds.join(', ')}, not “${written}”.`);
  if (isBuiltIn(word)) throw new UsageError(`--kind is for a file; ${word} comes with Sluice: leave it out.`);
  return kind;
}

/** What settings and the command line say of a table. */
export const tableOptions = (
  kind: Kind | undefined,
  { inputs, predict }: Partial<Pick<Configuration, 'inputs' | 'predict'>>,
): TableOptions => ({ ...(kind && { kind }), ...(inputs && { inputs }), ...(predict && { predict }) });

/** The settings that choose columns of a table, of whatever kind its data are. */
const ofTables: readonly SettingName[] = ['inputs', 'predict'];

/** @throws UsageError naming the first setting that means nothing to such data */
export function assertMatters(settings: Partial<Configuration>, word: string, { kind }: Dataset): void {
  const given = Object.keys(settings) as SettingName[];
  // Of a file that is no table, who reads it has told that it has no columns.
  const idle = given.find((name) => !matters(name, kind) && (isBuiltIn(word) || !ofTables.includes(name)));
  if (idle === undefined) return;
  const kinds = Object.entries(kindNames).flatMap(([kind, name]) => (matters(idle, kind as Kind) ? [name] : []));
  throw new UsageError(`--${kebab(idle)} is for ${kinds.join(' or ')}; ${word} is ${kindNames[kind]}: leave it out.`);
}
