import type { Dataset, Kind } from '../data/dataset.ts';
import type { Measure } from '../data/measure.ts';
import type { Configuration } from '../training/configuration.ts';
import { decodeDataset, decodeText, encodeDataset } from './datasets.ts';
import type { FileStore } from './file-store.ts';

/** What is known of a run that is kept, without reading its network. */
export interface SavedRun {
  readonly id: string;
  /** What the person calls it; until then it has none, and makes room for others. */
  readonly name: string | null;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly step: number;
  /** The loss when it was saved: over what is held out, if anything is, else in training; `null` if unknown. */
  readonly loss: number | null;
  /** How that is told; as bits per character if it is left out, as by earlier versions. */
  readonly measure?: Measure;
  readonly cell: string;
  /** 1 if it is left out, as by earlier versions. */
  readonly layers?: number;
  readonly hidden: number;
  /** What it learns. */
  readonly dataset: { readonly name: string; readonly sha256: string };
  readonly dataKind?: Kind;
  /** Its settings; left out, as is all that follows, where they are not known. */
  readonly configuration?: Readonly<Configuration>;
  /** How long it has been trained. */
  readonly seconds?: number;
  /** The running mean of the loss in training, as it is told. */
  readonly trainingFigure?: number;
  /** The best loss over what is held out. */
  readonly bestLoss?: number;
}

/** How many runs without a name are kept: the latest. */
const mostUnnamed = 5;

/**
 * Runs that outlive the page: of each the model file, a note of what it is, and, if the data are the person's own, the data.
 * The file is written before its note, so that what a note tells of is there.
 */
export class SavedRuns {
  readonly #files: FileStore;
  readonly #read: (model: Uint8Array<ArrayBuffer>) => Promise<ModelWords>;

  /** @param read finds out of a model file what its note, if that cannot be read any more, has said */
  constructor(files: FileStore, read: (model: Uint8Array<ArrayBuffer>) => Promise<ModelWords> = nothing) {
    this.#files = files;
    this.#read = read;
  }

  /** The latest first. */
  async list(): Promise<readonly SavedRun[]> {
    const runs = [...(await this.#all()).values()];
    return runs.filter((run) => run !== undefined).sort((a, b) => b.savedAt - a.savedAt);
  }

  /** All runs by their ids; `undefined` where nothing can be found out of one that is there. */
  async #all(): Promise<ReadonlyMap<string, SavedRun | undefined>> {
    const names = await this.#files.names();
    const notes = names.filter((name) => name.endsWith(noteEnding)).map((name) => name.slice(0, -noteEnding.length));
    const ids = notes.filter((id) => names.includes(id + modelEnding));
    const found = await Promise.all(ids.map(async (id) => [id, await this.#note(id)] as const));
    return new Map(found.flatMap(([id, run]) => (run === 'none' ? [] : [[id, run]])));
  }

  /**
   * Keeps a run as it is by now, in the place of what was kept of it before.
   *
   * @param own what it learns, unless that comes with the page
   * @param spared the ids of runs that make no room for it
   * @returns what is kept now; some unnamed run that is older than all others may have made room
   */
  async save(
    run: Omit<SavedRun, 'name'>,
    model: Uint8Array<ArrayBuffer>,
    own: Dataset | undefined,
    spared: readonly (string | null)[] = [],
  ): Promise<readonly SavedRun[]> {
    const { name } = await this.#noteOr(run.id, { name: null });
    if (own !== undefined) {
      const file = run.dataset.sha256 + (own.kind === 'text' ? textEnding : dataEnding);
      if (!(await this.#files.read(file))) await this.#files.write(file, encodeDataset(own));
    }
    await this.#files.write(run.id + modelEnding, model);
    await this.#write({ ...run, name });
    const unnamed = (await this.list()).filter(
      ({ id, name }) => name === null && id !== run.id && !spared.includes(id),
    );
    for (const { id } of unnamed.slice(mostUnnamed - 1)) await this.delete(id);
    return this.list();
  }

  /** A run's model file; `undefined` if it is not there any more. */
  async model(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await this.#files.read(id + modelEnding);
    return file && new Uint8Array(await file.arrayBuffer());
  }

  /** Data of the person's own that some run learns. */
  async dataset({ name, sha256 }: SavedRun['dataset']): Promise<Dataset | undefined> {
    const read = async (ending: string) => (await this.#files.read(sha256 + ending))?.arrayBuffer();
    const [text, data] = [await read(textEnding), await read(dataEnding)];
    if (text !== undefined) return decodeText(name, new Uint8Array(text));
    return data && decodeDataset(new Uint8Array(data));
  }

  async rename(id: string, name: string | null): Promise<readonly SavedRun[]> {
    const run = await this.#noteOr(id, undefined);
    if (run) await this.#write({ ...run, name });
    return this.list();
  }

  /** Forgets a run, and every file that belongs to none: data that it alone learned, what a killed tab left behind. */
  async delete(id: string): Promise<readonly SavedRun[]> {
    await this.#files.remove(id + noteEnding);
    await this.#files.remove(id + modelEnding);
    const runs = await this.#all();
    const wanted = new Set([...runs.keys()].map((id) => id + modelEnding));
    for (const run of runs.values()) for (const ending of dataEndings) if (run) wanted.add(run.dataset.sha256 + ending);
    // What a run learns of which nothing can be found out, nobody knows.
    const endings = [...runs.values()].includes(undefined) ? [modelEnding] : [modelEnding, ...dataEndings];
    for (const name of await this.#files.names()) {
      const isOurs = endings.some((ending) => name.endsWith(ending));
      if (isOurs && !wanted.has(name)) await this.#files.remove(name);
    }
    return this.list();
  }

  #write(run: SavedRun): Promise<void> {
    return this.#files.write(run.id + noteEnding, new TextEncoder().encode(JSON.stringify(run)));
  }

  async #noteOr<Other>(id: string, other: Other): Promise<SavedRun | Other> {
    const run = await this.#note(id);
    return run === 'none' || run === undefined ? other : run;
  }

  /** What is known of a run: of its note, else of its model file. `undefined` if neither can be read. */
  async #note(id: string): Promise<SavedRun | 'none' | undefined> {
    try {
      const note = await this.#files.read(id + noteEnding);
      if (note === undefined) return 'none';
      const run = parseNote(await note.text());
      if (run?.id === id) return run.configuration ? run : await this.#completed(run);
    } catch {
      // It is there, but cannot be read.
    }
    return this.#noteAnew(id).catch(() => undefined);
  }

  /** A note of an earlier version, with what the model file tells besides. */
  async #completed(run: SavedRun): Promise<SavedRun> {
    const words = await this.#wordsOf(run.id).catch(() => undefined);
    if (!words) return run;
    const whole = { ...words, ...run };
    await this.#write(whole).catch(() => {});
    return whole;
  }

  /** What a run's model file tells of it; `undefined` if there is none. */
  async #wordsOf(id: string): Promise<ModelWords | undefined> {
    const model = await this.model(id);
    return model && this.#read(model);
  }

  /** Makes a note of what a model file tells. A run that may have had a name is not one to make room for others. */
  async #noteAnew(id: string): Promise<SavedRun | undefined> {
    const file = await this.#files.read(id + modelEnding);
    if (file === undefined) return undefined;
    const words = await this.#read(new Uint8Array(await file.arrayBuffer()));
    const savedAt = file instanceof File ? file.lastModified : 0;
    const run: SavedRun = { id, name: 'Found again', savedAt, loss: null, ...words };
    // Where there is no room for it, the next visit makes it again.
    await this.#write(run).catch(() => {});
    return run;
  }
}

const nothing = () => Promise.reject(new Error('Nothing is known of the run.'));

/** What a model file tells of its run. */
export type ModelWords = Pick<SavedRun, 'step' | 'cell' | 'layers' | 'hidden' | 'dataset'> &
  Partial<Pick<SavedRun, 'dataKind' | 'configuration' | 'seconds' | 'bestLoss'>>;

/** A note, if it says all that a note says. @throws SyntaxError if it is not JSON */
function parseNote(text: string): SavedRun | undefined {
  // Notes of earlier visits, when there were texts alone, name the corpus.
  const { corpus, ...words } = (JSON.parse(text) ?? {}) as Partial<SavedRun> & { corpus?: SavedRun['dataset'] };
  const note = { ...words, dataset: words.dataset ?? corpus };
  const { id, name, savedAt, step, loss, cell, layers = 1, hidden, dataset } = note;
  const strings = [id, name ?? '', cell, dataset?.name, dataset?.sha256];
  const numbers = [savedAt, step, loss ?? 0, layers, hidden];
  const isWhole =
    strings.every((word) => typeof word === 'string') && numbers.every((number) => typeof number === 'number');
  return isWhole ? (note as SavedRun) : undefined;
}

const modelEnding = '.safetensors';
const noteEnding = '.json';
const textEnding = '.txt';
const dataEnding = '.dataset';
const dataEndings = [textEnding, dataEnding];
