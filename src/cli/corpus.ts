import { stat } from 'node:fs/promises';
import { DataError } from '../data/dataset.ts';
import { assertLength } from '../data/decode.ts';
import { findDataset } from '../data/library.ts';
import type { Corpus } from '../data/text/corpus.ts';
import { corpusFromBytes } from '../data/text/text.ts';
import { type Configuration, settings } from '../training/configuration.ts';
import { readBytes } from './files.ts';

/** Whether a word on the command line names one of the texts that come with Sluice. */
export const isBuiltIn = (word: string): word is Configuration['dataset'] =>
  (settings.dataset.choices as readonly string[]).includes(word);

/**
 * A text: by the name of one that comes with Sluice, else by its path.
 *
 * @throws RangeError in one sentence if it cannot be had, or cannot be learned
 */
export async function readCorpus(word: string): Promise<Corpus> {
  if (isBuiltIn(word)) {
    const dataset = await findDataset(word);
    if (dataset.kind === 'text') return dataset;
    throw new DataError(`${dataset.name} is no text, which alone can be used here.`);
  }
  assertLength(word, (await stat(word).catch(() => undefined))?.size ?? 0);
  return corpusFromBytes(word, await readBytes(word));
}
