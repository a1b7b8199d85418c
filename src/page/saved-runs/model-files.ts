import type { Dataset } from '../../data/dataset.ts';
import { fingerprint } from '../../data/fingerprint.ts';
import { type DatasetName, datasetNames } from '../../data/names.ts';
import { FileError } from '../../files/error.ts';
import type { ExportFormat } from '../../interop/export-formats.ts';
import type { ModelFileAnswer, ModelFileTask, RunWords } from '../../interop/model-file-worker.ts';
import type { NamedFile } from '../../interop/network.ts';
import { quote } from '../../quote.ts';
import { saveFile } from '../save-file.ts';
import { startWorker } from '../start-worker.ts';
import type { RunKeeper } from './keeper.ts';

/** What opening model files may come to, where they are not refused. */
export type Opened = Exclude<ModelFileAnswer, { kind: 'refused' | 'written' }>;

/**
 * What is in a model file, whoever wrote it.
 *
 * @param files the file, and what belongs to it
 * @param vocabulary the symbol of each id, where the file does not say
 * @throws FileError if it is damaged, or no network that Sluice has
 */
export async function openModelFiles(files: readonly NamedFile[], vocabulary?: readonly string[]): Promise<Opened> {
  const answer = await ask({ kind: 'read', files, ...(vocabulary && { vocabulary }) });
  if (answer.kind === 'written') throw new Error('A file was written where one should be read.');
  return answer;
}

/**
 * What one of Sluice's own model files says of its training.
 *
 * @throws FileError if it is damaged, or has learned nothing that could be gone on with
 */
export async function readRun(file: Uint8Array<ArrayBuffer>): Promise<RunWords> {
  const answer = await ask({ kind: 'read', files: [{ name: 'run.safetensors', bytes: file }] });
  if (answer.kind === 'run') return answer;
  throw new FileError('The file holds a network, but no state of its training that could be gone on with.');
}

/** A worker does it, so that a large file does not hold up the page. */
async function ask(task: ModelFileTask): Promise<Exclude<ModelFileAnswer, { kind: 'refused' }>> {
  const worker = startWorker('modelFile');
  try {
    const answer = await new Promise<ModelFileAnswer>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<ModelFileAnswer>) => resolve(data);
      worker.onerror = (error) => {
        error.preventDefault();
        const message = `The file could not be read: ${error.message || 'its reader could not be loaded'}.`;
        resolve({ kind: 'refused', message });
      };
      worker.postMessage(task);
    });
    if (answer.kind === 'refused') throw new FileError(answer.message);
    return answer;
  } finally {
    worker.terminate();
  }
}

/**
 * The data that a run learns: some that the page has at hand, that are kept with a run, or that come with the page.
 *
 * @param load what loads data that come with the page
 * @throws FileError in one sentence, if they are none of them
 */
export async function findData(
  { dataset: wanted, configuration }: RunWords,
  atHand: readonly Dataset[],
  keeper: RunKeeper,
  load: (name: DatasetName) => Promise<Dataset>,
): Promise<Dataset> {
  const isWanted = (dataset: Dataset | undefined) => dataset !== undefined && fingerprint(dataset) === wanted.sha256;
  const found = atHand.find(isWanted) ?? (await keeper.dataset(wanted));
  if (found && isWanted(found)) return found;
  // Its settings name some that came with the page; others have to be tried.
  for (const name of new Set([configuration.dataset, ...datasetNames])) {
    const dataset = await load(name).catch(() => undefined);
    if (dataset?.name === wanted.name && isWanted(dataset)) return dataset;
  }
  throw new FileError(`The run learns ${quote(wanted.name)}, which is not here: open that first, then the model.`);
}

/**
 * Hands a model file to the person, in the format that is wanted.
 *
 * @returns what else is needed to use it there, in a sentence
 * @throws FileError if the format has no such network
 */
export async function download(
  file: Uint8Array<ArrayBuffer>,
  format: ExportFormat,
  name: string,
  step: number,
): Promise<string | undefined> {
  const plain = `${name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'network'}-${step}`;
  const save = ({ name, bytes }: NamedFile) => saveFile(name, new Blob([bytes], { type: 'application/octet-stream' }));
  // A checkpoint is kept as it is, with its training.
  if (format === 'sluice') {
    save({ name: `${plain}.safetensors`, bytes: file });
    return undefined;
  }
  const answer = await ask({ kind: 'write', file, format, name: plain });
  if (answer.kind !== 'written') return undefined;
  for (const written of answer.files) save(written);
  return answer.remark;
}
