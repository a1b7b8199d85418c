import type { Dataset } from '../../data/dataset.ts';
import type { DatasetName } from '../../data/names.ts';
import { FileError } from '../../files/error.ts';
import type { NamedFile } from '../../interop/network.ts';
import { Vocabulary } from '../../model/vocabulary.ts';
import type { Configuration } from '../../training/configuration.ts';
import { confirmVocabulary } from '../confirm.ts';
import type { DataChoice } from '../data/choice.ts';
import type { PageState } from '../state.ts';
import type { RunKeeper } from './keeper.ts';
import { findData, type Opened, openModelFiles } from './model-files.ts';

/** With what the network of some files is opened, and what there is to say of it. */
export interface PlanOfFiles {
  readonly dataset: Dataset;
  readonly configuration: Configuration;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly remarks: string;
}

/**
 * Reads model files, and finds the data that their network learns.
 *
 * @param present what the page knows by the time it is asked for
 * @throws FileError if they cannot be used, or the data cannot be had
 */
export async function planOfFiles(
  files: readonly NamedFile[],
  present: () => PageState,
  choice: DataChoice,
  keeper: RunKeeper,
): Promise<PlanOfFiles> {
  const opened = await openModelFiles(files);
  const known = opened.kind === 'missingVocabulary' ? await withSymbolsOfText(files, opened, present()) : opened;
  const remarks = known.kind === 'network' ? known.remarks.join(' ') : '';
  return { ...(await planFor(known, files[0]!.bytes, present(), choice, keeper)), remarks };
}

/** A network whose file does not name its symbols, with those of the present text, if the person says that it is these. */
async function withSymbolsOfText(
  files: readonly NamedFile[],
  { size }: Extract<Opened, { kind: 'missingVocabulary' }>,
  { dataset }: PageState,
): Promise<Known> {
  const vocabulary = dataset?.kind === 'text' ? Vocabulary.of(dataset.text) : undefined;
  if (vocabulary?.size === size && (await confirmVocabulary(dataset!.name, size))) {
    const opened = await openModelFiles(files, vocabulary.symbols);
    if (opened.kind !== 'missingVocabulary') return opened;
  }
  throw new FileError(
    `The network reads ${size} symbols, and the file does not say which: open it together with a JSON list of them in the order of their ids, or with the text that it has learned.`,
  );
}

/** A network of which all is known. */
type Known = Exclude<Opened, { kind: 'missingVocabulary' }>;

/** With what a network is opened: its own data and settings, or if it has no training, those that stand here. */
async function planFor(
  opened: Known,
  file: Uint8Array<ArrayBuffer>,
  state: PageState,
  choice: DataChoice,
  keeper: RunKeeper,
): Promise<Omit<PlanOfFiles, 'remarks'>> {
  const { engine } = state.configuration;
  if (opened.kind === 'run') {
    const atHand = [state.dataset, state.ownDataset, ...choice.builtIn].filter((dataset) => dataset !== null);
    const load = (name: DatasetName) => choice.load(name);
    const dataset = await findData(opened, atHand, keeper, load);
    return { dataset, configuration: { ...opened.configuration, engine }, file };
  }
  const { dataset } = state;
  if (!dataset) throw new FileError('There are no data yet that the network could learn from: choose some first.');
  return { dataset, configuration: { ...state.configuration, ...opened.settings }, file: opened.file };
}
