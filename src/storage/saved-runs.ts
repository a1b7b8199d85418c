import type { Corpus } from '../corpus/corpus.ts';
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
  readonly corpus: { readonly name: string; readonly sha256: string };
}

/** How many runs without a name are kept: the latest. */
const mostUnnamed = 5;

/**
 * Runs that outlive the page: of each the model file, a note of what it is, and, if the text is the person's own, the text.
 * The file is written before its note, so that what a note tells of is there.
 */
export class SavedRuns {
  readonly #files: FileStore;

  constructor(files: FileStore) {
    this.#files = files;
  }

  /** The latest first. */
  async list(): Promise<readonly SavedRun[]> {
    const names = await this.#files.names();
    const notes = names.filter((name) => name.endsWith(noteEnding)).map((name) => name.slice(0, -noteEnding.length));
    const runs = await Promise.all(notes.filter((id) => names.includes(id + modelEnding)).map((id) => this.#note(id)));
    return runs.filter((run) => run !== undefined).sort((a, b) => b.savedAt - a.savedAt);
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
    const { name = null } = (await this.#note(run.id)) ?? {};
    const text = textName(run.corpus.sha256);
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
  async text({ name, sha256 }: SavedRun['corpus']): Promise<Corpus | undefined> {
    const file = await this.#files.read(textName(sha256));
    return file && { name, text: await file.text() };
  }

  async rename(id: string, name: string | null): Promise<readonly SavedRun[]> {
    const run = await this.#note(id);
    if (run) await this.#write({ ...run, name });
    return this.list();
  }

  /** Forgets a run, and every file that belongs to none: texts that it alone learned, what a killed tab left behind. */
  async delete(id: string): Promise<readonly SavedRun[]> {
    await this.#files.remove(id + noteEnding);
    await this.#files.remove(id + modelEnding);
    const runs = await this.list();
    const wanted = new Set(runs.flatMap(({ id, corpus }) => [id + modelEnding, textName(corpus.sha256)]));
    for (const name of await this.#files.names()) {
      const isOurs = name.endsWith(modelEnding) || name.endsWith(textEnding);
      if (isOurs && !wanted.has(name)) await this.#files.remove(name);
    }
    return runs;
  }

  #write(run: SavedRun): Promise<void> {
    return this.#files.write(run.id + noteEnding, new TextEncoder().encode(JSON.stringify(run)));
  }

  async #note(id: string): Promise<SavedRun | undefined> {
    const note = await this.#files.read(id + noteEnding);
    return note && (JSON.parse(await note.text()) as SavedRun);
  }
}

const modelEnding = '.safetensors';
const noteEnding = '.json';
const textEnding = '.txt';
const textName = (sha256: string) => sha256 + textEnding;
