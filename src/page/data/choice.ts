import type { Dataset } from '../../data/dataset.ts';
import { loadDataset } from '../../data/load.ts';
import type { DatasetName } from '../../data/names.ts';
import type { OpenOptions } from '../../data/open.ts';
import { choiceLabel } from '../../format.ts';
import type { Loading } from '../state.ts';
import { describeUnreadable } from '../unreadable.ts';
import { DataReader } from './reader.ts';

export interface ChoiceListener {
  /** Data are on their way; `null`: no more. */
  loading(loading: Loading | null): void;
  /** Data are there. @param builtIn their name, if they come with the page */
  loaded(dataset: Dataset, builtIn?: DatasetName): void;
  /** They cannot be had, or not be learned from; the message is a sentence. */
  refused(message: string): void;
  /** Which built-in data are to be learned where there are no others; `undefined` where there are some. */
  missing(): DatasetName | undefined;
}

/** What a person brings: a file, or what was pasted. */
export interface Source {
  readonly name: string;
  readonly file: Blob;
  readonly pasted?: boolean;
}

/** What there is to learn: data that come with the page, files, what was pasted. Only what was asked for last is taken. */
export class DataChoice {
  readonly #listener: ChoiceListener;
  readonly #builtIn = new Map<DatasetName, Dataset>();
  readonly #reader = new DataReader();
  /** Counts what was asked for. */
  #latest = 0;

  constructor(listener: ChoiceListener) {
    this.#listener = listener;
  }

  /** The built-in data that there have been so far. */
  get builtIn(): readonly Dataset[] {
    return [...this.#builtIn.values()];
  }

  /** Whether data are the person's own. */
  isOwn(dataset: Dataset): boolean {
    return !this.builtIn.includes(dataset);
  }

  /** Data that come with the page: always the same object. @throws DataError in one sentence, if they cannot be had */
  async load(name: DatasetName): Promise<Dataset> {
    const dataset = this.#builtIn.get(name) ?? (await loadDataset(name));
    if (!this.#builtIn.has(name)) this.#builtIn.set(name, dataset);
    return this.#builtIn.get(name)!;
  }

  async choose(name: DatasetName): Promise<void> {
    const isLatest = this.#begin({ name });
    try {
      const dataset = await this.load(name);
      if (isLatest()) this.#listener.loaded(dataset, name);
    } catch (error) {
      if (!isLatest()) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (name !== 'field-notes' && this.#listener.missing()) await this.choose('field-notes');
      this.#listener.refused(reason || `${choiceLabel(name)} could not be loaded.`);
    }
  }

  /** Data that are at hand. */
  take(dataset: Dataset): void {
    this.#begin(null);
    this.#listener.loaded(dataset);
  }

  /** Reads a file, and asks what it does not tell. */
  async open({ name, file, pasted = false }: Source): Promise<void> {
    const isLatest = this.#begin({ name, share: 0 });
    for (let options: OpenOptions | undefined = { pasted }; options; ) {
      const end = await this.#reader.read({ name, file, options }, (share) => this.#listener.loading({ name, share }));
      if (end === undefined || !isLatest()) return;
      if (end.kind === 'opened') return this.#listener.loaded(end.dataset);
      if (end.kind !== 'asked') {
        await this.#fallBack();
        return this.#listener.refused(
          end.kind === 'refused' ? end.message : describeUnreadable({ name, size: file.size }),
        );
      }
      const { askAboutTable } = await import('./table-question.ts');
      options = await askAboutTable(end.question);
      if (!isLatest()) return;
    }
    await this.giveUp();
  }

  /** Stays with what there was before. */
  async giveUp(): Promise<void> {
    this.#begin(null);
    await this.#fallBack();
  }

  /** @returns whether nothing else has been asked for since */
  #begin(loading: Loading | null): () => boolean {
    const choice = ++this.#latest;
    this.#reader.giveUp();
    this.#listener.loading(loading);
    return () => choice === this.#latest;
  }

  async #fallBack(): Promise<void> {
    const missing = this.#listener.missing();
    if (missing) await this.choose(missing);
  }
}
