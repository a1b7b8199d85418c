import type { Kind } from '../data/dataset.ts';
import { kindLearned } from '../data/kinds.ts';
import { decodeModelFile, encodeModelFile, type Training } from '../files/model-file.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { type NetworkSettings, settingsOfNetwork } from '../training/network-settings.ts';
import type { ExportFormat } from './export-formats.ts';
import { exportNetwork, importNetwork, remarkOnExport, splitVocabulary } from './formats.ts';
import { MissingVocabularyError, type NamedFile } from './network.ts';

/** What the worker is to do with model files, which takes long where they are large. */
export type ModelFileTask =
  /** Says what is in a file, whoever wrote it. What belongs to it, and its vocabulary, may come with it. */
  | { readonly kind: 'read'; readonly files: readonly NamedFile[]; readonly vocabulary?: readonly string[] }
  /** Writes a model file of Sluice's in another format. */
  | {
      readonly kind: 'write';
      readonly file: Uint8Array<ArrayBuffer>;
      readonly format: ExportFormat;
      readonly name: string;
    };

/** What the worker answers. */
export type ModelFileAnswer =
  /** A training that can be gone on with. */
  | ({ readonly kind: 'run' } & RunWords)
  /** A network without a training: as a model file of Sluice's, and what was left away. */
  | {
      readonly kind: 'network';
      readonly file: Uint8Array<ArrayBuffer>;
      /** The settings that say what it is. */
      readonly settings: NetworkSettings;
      readonly remarks: readonly string[];
    }
  /** The file does not say which symbols it has. */
  | { readonly kind: 'missingVocabulary'; readonly size: number }
  | { readonly kind: 'written'; readonly files: readonly NamedFile[]; readonly remark?: string }
  /** In a sentence, why it cannot be done. */
  | { readonly kind: 'refused'; readonly message: string };

/** What a model file says of its training. */
export type RunWords = Pick<Training, 'step' | 'configuration' | 'dataset' | 'course' | 'heldOut'> & {
  /** What kind of data it learns, if that can be told. */
  readonly dataKind?: Kind;
};

/** Does with model files what nobody should wait for. */
export async function hear(task: ModelFileTask): Promise<void> {
  postMessage(
    await answer(task).catch((error: Error): ModelFileAnswer => {
      const { message } = error;
      if (error instanceof MissingVocabularyError) return { kind: 'missingVocabulary', size: error.size };
      return { kind: 'refused', message };
    }),
  );
}

async function answer(task: ModelFileTask): Promise<ModelFileAnswer> {
  if (task.kind === 'write') {
    const network = decodeModelFile(task.file);
    const remark = remarkOnExport(network, task.format);
    return { kind: 'written', files: await exportNetwork(network, task.format, task.name), ...(remark && { remark }) };
  }
  const { files, vocabulary } = splitVocabulary(task.files);
  const symbols = task.vocabulary === undefined ? vocabulary : new Vocabulary(task.vocabulary);
  const { file, remarks } = await importNetwork(files, { vocabulary: symbols });
  const { training } = file;
  if (training === undefined) {
    return { kind: 'network', file: encodeModelFile(file), settings: settingsOfNetwork(file), remarks };
  }
  const { step, configuration, dataset, course, heldOut } = training;
  const dataKind = kindLearned(file);
  const known = { ...(course && { course }), ...(heldOut && { heldOut }), ...(dataKind && { dataKind }) };
  return { kind: 'run', step, configuration, dataset, ...known };
}
