import { formatCount, formatTime, networkName } from '../../format.ts';
import { type ExportFormat, exportFormats, formatTitles } from '../../interop/export-formats.ts';
import type { SavedRun } from '../../storage/saved-runs.ts';
import { byId, make, write } from '../dom.ts';
import { lossOf } from '../notices.ts';
import type { PageState } from '../state.ts';

export interface SavedRunsListener {
  /** A kept run is to go on. */
  resume(id: string): void;
  /** A run is called otherwise; `null`: it has no name. */
  rename(id: string, name: string | null): void;
  delete(id: string): void;
  /** A kept run, or with `null` the network that stands, is wanted as a file. */
  export(id: string | null, format: ExportFormat): void;
  /** A model file was chosen, maybe with what belongs to it. */
  opened(files: readonly File[]): void;
}

/** The runs that the browser keeps, each with what can be done with it, and the way to files and back. */
export class SavedRunsView {
  readonly #listener: SavedRunsListener;
  readonly #list = byId('saved-runs', HTMLElement);
  readonly #empty = byId('saved-runs-empty', HTMLElement);
  readonly #export = byId('save-file', HTMLButtonElement);
  readonly #format = byId('save-format', HTMLSelectElement);
  /** What the list shows. */
  #shown = '';

  constructor(listener: SavedRunsListener) {
    this.#listener = listener;
    for (const format of exportFormats) this.#format.append(make('option', { value: format }, formatTitles[format]));
    this.#export.addEventListener('click', () => {
      if (this.#export.ariaDisabled !== 'true') listener.export(null, this.#chosenFormat);
    });
    const input = byId('model-input', HTMLInputElement);
    byId('open-model', HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      if (files.length > 0) listener.opened(files);
      // The same file can be chosen once more.
      input.value = '';
    });
  }

  show({ savedRuns, runId, network }: PageState): void {
    this.#export.ariaDisabled = network ? null : 'true';
    this.#empty.hidden = (savedRuns?.length ?? 0) > 0;
    write(
      this.#empty,
      savedRuns
        ? 'None yet. A run is kept in this browser after 5 s and 15 s, then by the minute, and as it pauses or you leave.'
        : 'This browser keeps nothing between visits: save the run to a file.',
    );
    const shown = JSON.stringify([savedRuns, runId]);
    // A name that is being written stays under the person's hands.
    if (shown === this.#shown || this.#list.querySelector('input:focus')) return;
    this.#shown = shown;
    const focused = (document.activeElement as HTMLElement | null)?.dataset['control'];
    this.#list.replaceChildren(...(savedRuns ?? []).map((run) => this.#row(run, run.id === runId)));
    if (focused) this.#list.querySelector<HTMLElement>(`[data-control="${focused}"]`)?.focus();
  }

  get #chosenFormat(): ExportFormat {
    return exportFormats.find((format) => format === this.#format.value) ?? 'sluice';
  }

  #row(run: SavedRun, current: boolean): HTMLElement {
    const { id, name, dataset, step, loss, savedAt } = run;
    const title = name ?? dataset.name;
    const control = (action: string, label: string, act: () => void) => {
      const attributes = { type: 'button', 'aria-label': `${label}: ${title}`, 'data-control': `${action}-${id}` };
      const button = make('button', attributes, label);
      button.addEventListener('click', act);
      return button;
    };
    const facts = [
      `step ${formatCount(step)}`,
      ...(loss === null ? [] : [lossOf(run)]),
      networkName(run),
      ...(name === null ? [] : [dataset.name]),
    ];
    const time = make('time', { datetime: new Date(savedAt).toISOString() }, formatTime(savedAt));
    return make(
      'li',
      { class: 'saved-run', 'data-run': id, 'aria-current': current && 'true' },
      this.#nameField(run),
      make('span', { class: 'field-help' }, facts.join(' · '), ' · ', time, current ? ' · this network' : ''),
      make(
        'span',
        { class: 'buttons' },
        ...(current ? [] : [control('resume', 'Go on', () => this.#listener.resume(id))]),
        control('export', 'Export', () => this.#listener.export(id, this.#chosenFormat)),
        control('delete', 'Delete', () => this.#listener.delete(id)),
      ),
    );
  }

  #nameField({ id, name, dataset }: SavedRun): HTMLElement {
    const field = make('input', {
      type: 'text',
      value: name ?? '',
      placeholder: dataset.name,
      maxlength: '80',
      'aria-label': `Name of the run on ${dataset.name}`,
      'data-control': `name-${id}`,
    });
    field.addEventListener('change', () => this.#listener.rename(id, field.value.trim() || null));
    field.addEventListener('keydown', ({ key }) => key === 'Enter' && field.blur());
    return field;
  }
}
