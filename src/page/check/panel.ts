import type { CheckRow } from '../../check/check.ts';
import type { CheckEvent } from '../../check/check-worker.ts';
import { type CheckSummary, describeFailure, summarise, verdict } from '../../check/table.ts';
import { formatCount } from '../../format.ts';
import { byId, make, write } from '../dom.ts';
import { startWorker } from '../start-worker.ts';
import { tableOf } from './table.ts';

/** Failures told in words; the tables show them all. */
const mostFailures = 8;

/** Checks every engine of this machine in a worker of its own, on demand. The network is not touched. */
class CheckPanel {
  readonly #section = byId('check', HTMLElement);
  readonly #cancel = byId('check-cancel', HTMLButtonElement);
  readonly #progress = byId('check-progress', HTMLProgressElement);
  readonly #verdict = byId('check-verdict', HTMLElement);
  readonly #absent = byId('check-absent', HTMLElement);
  readonly #failures = byId('check-failures', HTMLElement);
  readonly #tables = byId('check-tables', HTMLElement);
  #worker: Worker | undefined;
  #rows: CheckRow[] = [];

  constructor() {
    this.#cancel.addEventListener('click', () => this.#end('Cancelled: nothing is known yet of what was not reached.'));
  }

  start(): void {
    this.#worker?.terminate();
    this.#rows = [];
    for (const place of [this.#absent, this.#failures, this.#tables]) place.replaceChildren();
    this.#section.hidden = this.#progress.hidden = this.#cancel.hidden = false;
    this.#progress.removeAttribute('value');
    write(this.#verdict, 'Looking for engines.');
    this.#section.scrollIntoView({ block: 'nearest' });
    this.#cancel.focus({ preventScroll: true });
    this.#worker = startWorker('check');
    this.#worker.onmessage = ({ data }: MessageEvent<CheckEvent>) => this.#hear(data);
    this.#worker.onerror = (error) => {
      error.preventDefault();
      this.#end(`The check stopped: ${error.message || 'it could not be loaded'}.`);
    };
    this.#worker.postMessage('check');
  }

  #hear(event: CheckEvent): void {
    switch (event.kind) {
      case 'absent':
        this.#absent.append(make('li', {}, event.reason));
        return;
      case 'progress': {
        const { done, total, rows } = event.progress;
        this.#rows.push(...rows);
        this.#progress.max = total;
        this.#progress.value = done;
        write(this.#verdict, `Checking ${rows[0]?.case ?? ''}: ${formatCount(done)} of ${formatCount(total)}.`);
        this.#tables.replaceChildren(...summarise(this.#rows).map(tableOf));
        return;
      }
      case 'done':
        this.#end(verdict(this.#rows));
    }
  }

  #end(words: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    if (this.#cancel === document.activeElement) byId('check-start', HTMLButtonElement).focus({ preventScroll: true });
    this.#progress.hidden = this.#cancel.hidden = true;
    write(this.#verdict, words);
    this.#failures.replaceChildren(...failuresOf(summarise(this.#rows)));
  }
}

let panel: CheckPanel | undefined;

/** Checks every engine of this machine, from the beginning if a check is under way. */
export function startCheck(): void {
  panel ??= new CheckPanel();
  panel.start();
}

function failuresOf(summaries: readonly CheckSummary[]): HTMLElement[] {
  const failures = summaries.flatMap(({ failures }) => failures);
  const more = failures.length - mostFailures;
  return [
    ...failures.slice(0, mostFailures).map((failure) => make('li', {}, describeFailure(failure))),
    ...(more > 0 ? [make('li', {}, `And ${formatCount(more)} more, marked in the tables.`)] : []),
  ];
}
