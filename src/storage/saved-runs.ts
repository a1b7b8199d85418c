import type { Corpus } from '../data/text/corpus.ts';
import type { FileStore } from './file-store.ts';

/** What is known of a run that is kept, without reading its network. */
export interface SavedRun {
  readonly id: string;
  /** What the person calls it; until then it has none, and makes room for others. */
  readonly name: string | null;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly step: number;
  /** The loss in nats when it was saved: over held-out text if there is any, else in training; `null` if unknown. */
  readonly loss: number | null;
  readonly cell: string;
  /** 1 if it is left out, as by earlier versions. */
  readonly layers?: number;
  readonly hidden: number;
  /** The text it learns. */
  readonly dataset: { readonly name: string; readonly sha256: string };
}

/** How many runs without a name are kept: the latest. */
const mostUnnamed = 5;

/**
 * Runs that outlive the page: of each the model file, a note of what it is, and, if the text is the person's own, the text.
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
   * @param ownText the text, unless it comes with the page
   * @returns what is kept now; some unnamed run that is older than all others may have made room
   */
  async save(
    run: Omit<SavedRun, 'name'>,
    model: Uint8Array<ArrayBuffer>,
    ownText: string | undefined,
  ): Promise<readonly SavedRun[]> {
    const { name } = await this.#noteOr(run.id, { name: null });
    const text = textName(run.dataset.sha256);
    if (ownText !== undefined && !(await this.#files.read(text))) {
      await this.#files.write(text, new TextEncoder().encode(ownText));
    }
    await this.#files.write(run.id + modelEnding, model);
    await this.#write({ ...run, name });
    const unnamed = (await this.list()).filter((other) => other.name === null && other.id !== run.id);
    for (const { id } of unnamed.slice(mostUnnamed - 1)) await this.delete(id);
    return this.list();
  }

  /** A run's model file; `undefined` if it is not there any more. */
  async model(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await this.#files.read(id + modelEnding);
    return file && new Uint8Array(await file.arrayBuffer());
  }

  /** A text of the person's own that some run learns. */
  async text({ name, sha256 }: SavedRun['dataset']): Promise<Corpus | undefined> {
    const file = await this.#files.read(textName(sha256));
    return file && { kind: 'text', name, text: await file.text() };
  }

  async rename(id: string, name: string | null): Promise<readonly SavedRun[]> {
    const run = await this.#noteOr(id, undefined);
    if (run) await this.#write({ ...run, name });
    return this.list();
  }

  /** Forgets a run, and every file that belongs to none: texts that it alone learned, what a killed tab left behind. */
  async delete(id: string): Promise<readonly SavedRun[]> {
    await this.#files.remove(id + noteEnding);
    await this.#files.remove(id + modelEnding);
    const runs = await this.#all();
    const wanted = new Set([...runs.keys()].map((id) => id + modelEnding));
    for (const run of runs.values()) if (run) wanted.add(textName(run.dataset.sha256));
    // Which text a run learns of which nothing can be found out, nobody knows.
    const endings = [...runs.values()].includes(undefined) ? [modelEnding] : [modelEnding, textEnding];
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
      if (run?.id === id) return run;
    } catch {
      // It is there, but cannot be read.
    }
    return this.#noteAnew(id).catch(() => undefined);
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
export type ModelWords = Pick<SavedRun, 'step' | 'cell' | 'layers' | 'hidden' | 'dataset'>;

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
const textName = (sha256: string) => sha256 + textEnding;
