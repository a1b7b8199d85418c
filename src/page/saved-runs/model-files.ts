import type { Corpus, CorpusName } from '../../corpus/corpus.ts';
import { fingerprint } from '../../corpus/fingerprint.ts';
import { FileError } from '../../files/error.ts';
import { quote } from '../../files/json.ts';
import type { Training } from '../../files/model-file.ts';
import type { ModelFileAnswer } from '../../files/model-file-worker.ts';
import { settings } from '../../training/configuration.ts';
import { saveFile } from '../save-file.ts';
import { startWorker } from '../start-worker.ts';
import type { RunKeeper } from './keeper.ts';

/**
 * What a model file says of its training. It is read by a worker, so that a large one does not hold up the page.
 *
 * @throws FileError if it is damaged, or has learned nothing that could be gone on with
 */
export async function readModel(file: Uint8Array<ArrayBuffer>): Promise<Exclude<ModelFileAnswer, string>> {
  const worker = startWorker('modelFile');
  try {
    const answer = await new Promise<ModelFileAnswer>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<ModelFileAnswer>) => resolve(data);
      worker.onerror = (error) => {
        error.preventDefault();
        resolve(`The file could not be read: ${error.message || 'its reader could not be loaded'}.`);
      };
      worker.postMessage(file);
    });
    if (typeof answer === 'string') throw new FileError(answer);
    return answer;
  } finally {
    worker.terminate();
  }
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
