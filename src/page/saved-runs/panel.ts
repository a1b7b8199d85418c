import { type ExportFormat, exportFormats, formatTitles } from '../../interop/export-formats.ts';
import type { Event } from '../../training/protocol.ts';
import { byId, make, scrollByKeyboard, write } from '../dom.ts';
import type { LookPanel } from '../looks/panels.ts';
import type { LossView } from '../loss-view.ts';
import type { PageState } from '../state.ts';
import { Compared } from './compared.ts';
import type { RunKeeper } from './keeper.ts';
import { type QueuedRun, RunQueue } from './queue.ts';
import { type TableListener, tableOfRuns } from './table.ts';
import './runs.css';

export interface RunsListener {
  /** A kept run is to go on. */
  resume(id: string): void;
  /** A kept run, or with `null` the network that stands, is wanted as a file. */
  export(id: string | null, format: ExportFormat): void;
  /** Another run is to take the place of the one that stands, and to train. */
  begin(run: Pick<QueuedRun, 'dataset' | 'configuration'>): void;
  /** Something could not be done; the message is a sentence. */
  complained(message: string): void;
  /** There is something else to show. */
  changed(): void;
}

/** The runs: those that the browser keeps, what they are compared by, and what comes after the one that stands. */
export class RunsPanel implements LookPanel {
  readonly #loss: LossView;
  readonly #compared: Compared;
  readonly #queue: RunQueue;
  readonly #on: TableListener;
  readonly #table = byId('saved-runs', HTMLElement);
  readonly #empty = byId('saved-runs-empty', HTMLElement);
  readonly #export = byId('save-file', HTMLButtonElement);
  readonly #format = byId('save-format', HTMLSelectElement);
  /** What the table shows. */
  #shown = '';
  #runId: string | null = null;
  /** Whether the next run that stands has been begun here: it is compared with what comes after it. */
  #beginning = false;

  /** @param loss where the compared runs are drawn */
  constructor(listener: RunsListener, keeper: RunKeeper, loss: LossView) {
    this.#loss = loss;
    this.#compared = new Compared(keeper, listener.complained, () => {
      this.#shown = '';
      listener.changed();
    });
    this.#queue = new RunQueue((run) => {
      if (run.beside !== null) this.#compared.add(run.beside);
      this.#beginning = true;
      listener.begin(run);
    }, listener.changed);
    this.#on = {
      compare: (id, wanted) => {
        if (wanted) this.#compared.add(id);
        else this.#compared.remove(id);
        // The box of one that is refused is ticked no more.
        this.#shown = '';
        listener.changed();
      },
      rename: (id, name) => void keeper.rename(id, name),
      resume: listener.resume,
      export: (id) => listener.export(id, this.#chosenFormat),
      delete: (id) => void keeper.delete(id),
    };
    for (const format of exportFormats) this.#format.append(make('option', { value: format }, formatTitles[format]));
    this.#export.addEventListener('click', () => {
      if (this.#export.ariaDisabled !== 'true') listener.export(null, this.#chosenFormat);
    });
    byId('save-as', HTMLElement).hidden = false;
    scrollByKeyboard(this.#table, this.#table);
  }

  hear(event: Event): void {
    if (event.kind === 'state' && event.state.kind === 'finished') this.#queue.next();
    if (event.kind === 'refused' && event.of === 'open') this.#beginning = false;
  }

  show(state: PageState): void {
    const { savedRuns, runId, network } = state;
    if (this.#beginning && runId !== null && runId !== this.#runId) {
      this.#beginning = false;
      this.#compared.add(runId);
    }
    this.#runId = runId;
    this.#queue.show(state);
    this.#loss.overlay = this.#compared.show(state);
    this.#export.ariaDisabled = network ? null : 'true';
    this.#empty.hidden = (savedRuns?.length ?? 0) > 0;
    if (!savedRuns) write(this.#empty, 'This browser keeps nothing between visits: save the run to a file.');
    const shown = JSON.stringify([savedRuns, runId]);
    // A name that is being written stays under the person's hands.
    if (shown === this.#shown || this.#table.querySelector('input[type="text"]:focus')) return;
    this.#shown = shown;
    const focused = (document.activeElement as HTMLElement | null)?.dataset['control'];
    const runs = savedRuns ?? [];
    const table = () => tableOfRuns(runs, runId, (id) => this.#compared.placeOf(id), this.#on);
    this.#table.replaceChildren(...(runs.length > 0 ? [table()] : []));
    if (focused) this.#table.querySelector<HTMLElement>(`[data-control="${focused}"]`)?.focus();
  }

  get #chosenFormat(): ExportFormat {
    return exportFormats.find((format) => format === this.#format.value) ?? 'sluice';
  }
}
