import type { Dataset } from '../../data/dataset.ts';
import { builtIns, type DatasetName, datasetNames } from '../../data/names.ts';
import { choiceLabel } from '../../format.ts';
import { byId, make, write } from '../dom.ts';
import { loadingWords, shareWords } from '../run-controls.ts';
import type { PageState } from '../state.ts';
import type { Source } from './choice.ts';

export interface PickerListener {
  /** Some of the data that come with the page are wanted. */
  chosen(name: DatasetName): void;
  /** The person's own data from before are wanted. */
  taken(dataset: Dataset): void;
  /** A file, or what was pasted, is to be learned. */
  opened(source: Source): void;
  /** What is being read is not wanted any more. */
  givenUp(): void;
  /** A model file was chosen where data were looked for, maybe with what belongs to it. */
  modelOffered(files: readonly File[]): void;
}

const own = 'own';

/** Where data come from: the built-in ones, a file, drag and drop, paste. */
export class DataPicker {
  readonly #listener: PickerListener;
  readonly #radios = new Map<string, HTMLInputElement>();
  readonly #ownLabel = make('span', {}, '');
  readonly #ownRow: HTMLElement;
  readonly #ownHint = byId('own-data-hint', HTMLElement);
  readonly #progress = byId('data-progress', HTMLElement);
  readonly #loading = byId('data-loading', HTMLElement);
  readonly #share = byId('data-share', HTMLElement);
  readonly #giveUp = byId('give-up-reading', HTMLButtonElement);
  #ownDataset: Dataset | null = null;

  constructor(listener: PickerListener) {
    this.#listener = listener;
    const host = byId('data-choices', HTMLElement);
    for (const name of datasetNames) {
      const help = make('p', { class: 'field-help', id: `data-${name}-help` }, builtIns[name]);
      const option = this.#radio(name, choiceLabel(name), () => listener.chosen(name));
      host.append(make('div', {}, option, help));
      this.#radios.get(name)?.setAttribute('aria-describedby', help.id);
    }
    this.#ownRow = this.#radio(own, this.#ownLabel, () => this.#ownDataset && listener.taken(this.#ownDataset));
    this.#ownRow.hidden = true;
    host.append(this.#ownRow);
    this.#giveUp.addEventListener('click', () => listener.givenUp());
    this.#listenForFiles();
    this.#listenForDrops();
    this.#listenForPastes();
  }

  show({ dataset, ownDataset, loading, configuration }: PageState): void {
    this.#ownDataset = ownDataset;
    this.#ownRow.hidden = ownDataset === null;
    write(this.#ownLabel, ownDataset?.name ?? '');
    const isOwn = dataset !== null && dataset === ownDataset;
    this.#ownHint.hidden = !isOwn;
    const isReading = loading?.share !== undefined;
    this.#progress.hidden = loading === null;
    write(this.#loading, loading ? loadingWords(loading) : '');
    write(this.#share, isReading ? `: ${shareWords(loading)}` : '');
    if (!isReading && this.#giveUp === document.activeElement) byId('open-file', HTMLButtonElement).focus();
    this.#giveUp.hidden = !isReading;
    const isFetching = loading !== null && !isReading;
    const radio = this.#radios.get(isFetching ? loading.name : isOwn ? own : configuration.dataset);
    if (radio) radio.checked = true;
  }

  #radio(value: string, label: HTMLElement | string, onChoice: () => void): HTMLElement {
    const id = `data-${value}`;
    const radio = make('input', { type: 'radio', name: 'dataset', id, value });
    radio.addEventListener('change', onChoice);
    this.#radios.set(value, radio);
    return make(
      'label',
      { class: 'option', for: id },
      radio,
      typeof label === 'string' ? make('span', {}, label) : label,
    );
  }

  #listenForFiles(): void {
    const input = byId('file-input', HTMLInputElement);
    byId('open-file', HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      this.#take([...(input.files ?? [])]);
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
      this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #listenForPastes(): void {
    const dialog = byId('paste-dialog', HTMLDialogElement);
    const area = byId('paste-area', HTMLTextAreaElement);
    const error = byId('paste-error', HTMLElement);
    byId('paste-data', HTMLButtonElement).addEventListener('click', () => {
      write(error, '');
      dialog.showModal();
    });
    byId('paste-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
    byId('paste-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (area.value.trim() === '') {
        write(error, 'There is nothing here yet: paste what is to be learned.');
        area.focus();
        return;
      }
      dialog.close();
      this.#listener.opened({ name: 'Pasted text', file: new Blob([area.value]), pasted: true });
    });
  }

  /** Takes what was chosen or dropped: a model with what belongs to it, else the first file. */
  #take(files: readonly File[]): void {
    const [first] = files;
    if (files.some(({ name }) => isModelName(name))) this.#listener.modelOffered(files);
    else if (first) this.#listener.opened({ name: first.name, file: first });
  }
}

/** Whether a file is a network by its name: one that Sluice reads, or one of which it can say why not. */
const isModelName = (name: string): boolean => /\.(safetensors|onnx|pt|pth|keras|h5|html)$|^model\.json$/i.test(name);
