import type { Kind } from '../data/dataset.ts';
import { findDataset } from '../data/find.ts';
import { type Asked, readAsked } from '../data/labelled/asked.ts';
import { arraysIn } from '../data/labelled/places.ts';
import type { TimeSeries } from '../data/series/series.ts';
import type { TableOptions } from '../data/table/use.ts';
import type { Capacity } from '../engine/engine.ts';
import type { ModelFile } from '../files/model-file.ts';
import { quote } from '../quote.ts';
import { isBuiltIn, kindNames, readDataFile, readDataset, tellReading } from './data.ts';
import { UsageError } from './options.ts';
import { errors } from './output.ts';

/**
 * Samples that a file's network is asked about: by the name of those that come with Sluice, else by their path.
 *
 * @param columns of a table, where they are not those that the network has learned from
 * @throws RangeError in one sentence if they cannot be had, or are not what the network knows
 */
export async function readAskedData(
  word: string,
  file: ModelFile,
  { inputs = file.training?.configuration.inputs, predict }: Pick<TableOptions, 'inputs' | 'predict'> = {},
): Promise<Asked> {
  if (isBuiltIn(word)) {
    const dataset = await findDataset(word);
    if (dataset.kind !== 'labelled') throw notThat(word, dataset.kind, 'labelled');
    const { targets } = dataset;
    return { inputs: dataset.inputs, ...(targets.kind === 'classes' && file.classes && { labels: targets }) };
  }
  const columns = { ...(inputs && { inputs }), ...(predict && { predict }) };
  const bytes = await readDataFile(word);
  return readAsked(word, bytes, file, columns, tellReading).finally(() => errors.tellProgress());
}

/**
 * A series that a network is asked about.
 *
 * @throws RangeError in one sentence if it cannot be had, or is no series
 */
export async function readAskedSeries(word: string): Promise<TimeSeries> {
  const dataset = await readDataset(word, { kind: 'series' });
  if (dataset.kind === 'series') return dataset;
  throw notThat(word, dataset.kind, 'series');
}

const notThat = (word: string, kind: Kind, wanted: Kind): UsageError =>
  new UsageError(`${word} is ${kindNames[kind]}, and the network has learned from ${kindNames[wanted]}: give it that.`);

/** Room for samples side by side: for so many, and so many timesteps of them at once. */
const [sideBySide, atOnce] = [64, 256];

/** Room in which samples are read in few calls. */
export function capacityFor({ inputs }: Asked): Capacity {
  const { each, width } = arraysIn(inputs);
  const longest = each.reduce((most, { length }) => Math.max(most, length / width), 1);
  return { rows: Math.min(sideBySide, each.length), timesteps: Math.min(atOnce, longest) };
}

/**
 * Says which characters a network does not know.
 *
 * @throws UsageError if it answers after each character, so that it cannot be done without them
 */
export function wordsOfUnknown(word: string, { answers }: ModelFile, unknown: ReadonlyMap<string, number>): string {
  const all = Array.from(unknown, ([character, count]) => `${quote(character)} (${count})`);
  if (answers === 'timestep') {
    throw new UsageError(`${word} cannot be used. The network does not know ${all.join(', ')}.`);
  }
  return `Characters that the network does not know, which were left out: ${all.join(', ')}.`;
}

/** Says of which data it is that a network cannot be asked about them. */
export async function about<Answer>(word: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof RangeError)) throw error;
    throw new UsageError(`${word} cannot be used. ${error.message}`);
  }
}
