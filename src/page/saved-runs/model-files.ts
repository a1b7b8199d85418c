import type { Corpus, CorpusName } from '../../corpus/corpus.ts';
import { fingerprint } from '../../corpus/fingerprint.ts';
import { FileError } from '../../files/error.ts';
import { quote } from '../../files/json.ts';
import { decodeModelFile, type Training } from '../../files/model-file.ts';
import { settings } from '../../training/configuration.ts';
import { saveFile } from '../save-file.ts';
import type { RunKeeper } from './keeper.ts';

/**
 * What a model file says of its training.
 *
 * @throws FileError if it is damaged, or has learned nothing that could be gone on with
 */
export function readModel(file: Uint8Array<ArrayBuffer>): Training {
  const { training } = decodeModelFile(file);
  if (training) return training;
  throw new FileError('The file holds a network, but no state of its training that could be gone on with.');
}

/**
 * The text that a run learns: one that the page has at hand, that is kept with a run, or that comes with the page.
 *
 * @param load what loads a text that comes with the page
 * @throws FileError in one sentence, if it is none of them
 */
export async function findText(
  wanted: Training['corpus'],
  atHand: readonly Corpus[],
  keeper: RunKeeper,
  load: (name: CorpusName) => Promise<Corpus>,
): Promise<Corpus> {
  const isWanted = (corpus: Corpus | undefined) => corpus !== undefined && fingerprint(corpus) === wanted.sha256;
  const found = atHand.find(isWanted) ?? (await keeper.text(wanted));
  if (found && isWanted(found)) return found;
  for (const name of settings.corpus.choices as readonly CorpusName[]) {
    const corpus = await load(name).catch(() => undefined);
    if (corpus?.name === wanted.name && isWanted(corpus)) return corpus;
  }
  throw new FileError(`The run learns ${quote(wanted.name)}, which is not here: open that text first, then the model.`);
}

/** Hands a model file to the person. */
export function download(file: Uint8Array<ArrayBuffer>, name: string, step: number): void {
  const plain = name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'network';
  saveFile(`${plain}-${step}.safetensors`, new Blob([file], { type: 'application/octet-stream' }));
}
