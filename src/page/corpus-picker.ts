import type { Dataset } from '../data/dataset.ts';
import type { DatasetName } from '../data/names.ts';
import { corpusFromBytes, corpusFromText } from '../data/text/text.ts';
import { choiceLabel } from '../format.ts';
import { settings } from '../training/configuration.ts';
import { byId, make, write } from './dom.ts';
import type { PageState } from './state.ts';
import { describeUnreadable } from './unreadable.ts';

export interface TextListener {
  /** One of the texts that come with the page is wanted. */
  chosen(name: DatasetName): void;
  /** The person's own text is wanted: a new one, or the one from before. */
  offered(dataset: Dataset): void;
  /** A model file was chosen where a text was looked for, maybe with what belongs to it. */
  modelOffered(files: readonly File[]): void;
  /** A text cannot be used; the message is a sentence. */
  refused(message: string): void;
}

const own = 'own';

/** Where text comes from: the built-in ones, a file, drag and drop, paste. */
export class CorpusPicker {
  readonly #listener: TextListener;
  readonly #radios = new Map<string, HTMLInputElement>();
  readonly #ownLabel = make('span', {}, '');
  readonly #ownRow: HTMLElement;
  readonly #ownHint = byId('own-text-hint', HTMLElement);
  readonly #loading = byId('text-loading', HTMLElement);
  #ownDataset: Dataset | null = null;

  constructor(listener: TextListener) {
    this.#listener = listener;
    const host = byId('text-choices', HTMLElement);
    for (const name of settings.dataset.choices) {
      host.append(this.#radio(name, make('span', {}, choiceLabel(name)), () => listener.chosen(name)));
    }
    this.#ownRow = this.#radio(own, this.#ownLabel, () => this.#ownDataset && listener.offered(this.#ownDataset));
    this.#ownRow.hidden = true;
    host.append(this.#ownRow);
    this.#listenForFiles();
    this.#listenForDrops();
    this.#listenForPastes();
  }

  show(state: PageState): void {
    this.#ownDataset = state.ownDataset;
    this.#ownRow.hidden = state.ownDataset === null;
    write(this.#ownLabel, state.ownDataset?.name ?? '');
    const isOwn = state.dataset !== null && state.dataset === state.ownDataset;
    this.#ownHint.hidden = !isOwn;
    write(this.#loading, state.loading ? `Fetching ${choiceLabel(state.loading)}` : '');
    const radio = this.#radios.get(state.loading ?? (isOwn ? own : state.configuration.dataset));
    if (radio) radio.checked = true;
  }

  #radio(value: string, label: HTMLElement, onChoice: () => void): HTMLElement {
    const id = `text-${value}`;
    const radio = make('input', { type: 'radio', name: 'dataset', id, value });
    radio.addEventListener('change', onChoice);
    this.#radios.set(value, radio);
    return make('label', { class: 'option', for: id }, radio, label);
  }

  #listenForFiles(): void {
    const input = byId('file-input', HTMLInputElement);
    byId('open-file', HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file) void this.#read(file);
      // The same file, mended, can be chosen once more.
      input.value = '';
    });
  }

  #listenForDrops(): void {
    const overlay = byId('drop-overlay', HTMLElement);
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    addEventListener('dragover', (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      overlay.hidden = false;
    });
    addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) overlay.hidden = true;
    });
    addEventListener('drop', (event) => {
      overlay.hidden = true;
      if (!carriesFiles(event)) return;
      event.preventDefault();
      void this.#readAll([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #listenForPastes(): void {
    const dialog = byId('paste-dialog', HTMLDialogElement);
    const area = byId('paste-area', HTMLTextAreaElement);
    const error = byId('paste-error', HTMLElement);
    byId('paste-text', HTMLButtonElement).addEventListener('click', () => {
      write(error, '');
      dialog.showModal();
    });
    byId('paste-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
    byId('paste-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      try {
        this.#listener.offered(corpusFromText('Pasted text', area.value));
        area.value = '';
        dialog.close();
      } catch (reason) {
        write(error, messageOf(reason));
        area.focus();
      }
    });
  }

  async #readAll(files: readonly File[]): Promise<void> {
    if (files.some(({ name }) => isModelName(name))) this.#listener.modelOffered(files);
    else if (files[0]) await this.#read(files[0]);
  }

  async #read(file: File): Promise<void> {
    if (isModelName(file.name)) return this.#listener.modelOffered([file]);
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      this.#listener.refused(describeUnreadable(file));
      return;
    }
    try {
      this.#listener.offered(corpusFromBytes(file.name, bytes));
    } catch (reason) {
      this.#listener.refused(messageOf(reason));
    }
  }
}

/** Whether a file is a network by its name: one that Sluice reads, or one of which it can say why not. */
const isModelName = (name: string): boolean => /\.(safetensors|onnx|pt|pth|keras|h5)$|^model\.json$/i.test(name);

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
