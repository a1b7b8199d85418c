import type { Dataset } from '../../data/dataset.ts';
import { type Configuration, settingNames } from '../../training/configuration.ts';
import { byId, make, write } from '../dom.ts';
import { isChangeable, type Network, type PageState, stepsTaken } from '../state.ts';
import { type WhatIf, whatIfs } from './what-if.ts';

/** A run that is to come after the one that stands. */
export interface QueuedRun extends Pick<WhatIf, 'words' | 'configuration'> {
  readonly dataset: Dataset;
  /** The id of the run that it is to be compared with. */
  readonly beside: string | null;
}

/** The settings of the run that stands, as they are by now. */
export function presentSettings({ plan }: Network, { configuration }: PageState): Configuration {
  const changed = settingNames.filter(isChangeable).map((name) => [name, configuration[name]]);
  return { ...plan.configuration, ...(Object.fromEntries(changed) as Partial<Configuration>) };
}

/** The buttons that ask for the run that stands once more with one thing changed, and what waits for its turn. */
export class RunQueue {
  readonly #begin: (run: QueuedRun) => void;
  readonly #host = byId('what-if', HTMLElement);
  readonly #buttons = make('span', { class: 'buttons' });
  readonly #list = make('ul', {});
  readonly #said = make('p', { class: 'visually-hidden', role: 'status' });
  readonly #onChange: () => void;
  #queue: readonly QueuedRun[] = [];
  #state: PageState | undefined;
  #shown = '';

  /** @param begin is handed each run at its turn; @param onChange hears that there is something else to show */
  constructor(begin: (run: QueuedRun) => void, onChange: () => void) {
    this.#begin = begin;
    this.#onChange = onChange;
    const help = 'With the same seed, data and steps, and beside it on the chart.';
    this.#host.append(
      make('p', { class: 'what-if-words' }, make('strong', {}, 'What if this run had'), ' ', this.#buttons),
      make('p', { class: 'field-help' }, help),
      this.#list,
      this.#said,
    );
  }

  /** The run that stands has ended: the next one's turn has come. */
  next(): void {
    const [first, ...rest] = this.#queue;
    if (!first) return;
    this.#queue = rest;
    this.#begin(first);
    write(this.#said, `The run with ${first.words} begins.`);
    this.#onChange();
  }

  show(state: PageState): void {
    this.#state = state;
    const { network, run, savedRuns } = state;
    const stands = run.kind === 'training' || run.kind === 'paused' || run.kind === 'finished';
    const asked =
      network && stands && savedRuns && stepsTaken(state) > 0 ? whatIfs(presentSettings(network, state)) : [];
    this.#host.hidden = asked.length === 0 && this.#queue.length === 0;
    const shown = JSON.stringify([asked.map(({ words }) => words), this.#queue.map(({ words }) => words)]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = (document.activeElement as HTMLElement | null)?.dataset['control'];
    this.#buttons.replaceChildren(
      ...asked.map(({ id, words }) =>
        this.#button(`what-if-${id}`, `${words}?`, () => this.#ask(id), `What if this run had ${words}?`),
      ),
    );
    this.#list.replaceChildren(
      ...this.#queue.map((queued, i) =>
        make(
          'li',
          {},
          `${i === 0 ? 'Next' : 'Then'}: the same with ${queued.words}, as soon as ${i === 0 ? 'this run' : 'that'} ends.`,
          make(
            'span',
            { class: 'buttons' },
            ...(i === 0
              ? [this.#button('start-now', 'Start now', () => this.next(), `Start now: with ${queued.words}`)]
              : []),
            this.#button(
              `take-back-${i}`,
              'Take it back',
              () => this.#takeBack(queued),
              `Take it back: with ${queued.words}`,
            ),
          ),
        ),
      ),
    );
    if (focused) this.#focus(focused);
  }

  /** @param name what it is called where what is around it is not seen */
  #button(control: string, label: string, act: () => void, name = label): HTMLElement {
    const button = make('button', { type: 'button', 'data-control': control, 'aria-label': name }, label);
    button.addEventListener('click', act);
    return button;
  }

  /** A button that has gone leaves the keyboard at the first of those that stay. */
  #focus(control: string): void {
    const found = this.#host.querySelector<HTMLElement>(`[data-control="${control}"]`);
    (found ?? (this.#host.contains(document.activeElement) ? null : this.#host.querySelector('button')))?.focus();
  }

  #ask(id: WhatIf['id']): void {
    const state = this.#state;
    if (!state?.network) return;
    const wanted = whatIfs(presentSettings(state.network, state)).find((whatIf) => whatIf.id === id)!;
    const { words, configuration } = wanted;
    this.#queue = [...this.#queue, { words, configuration, dataset: state.network.plan.dataset, beside: state.runId }];
    if (state.run.kind !== 'training' && !state.trainWhenReady && this.#queue.length === 1) {
      this.next();
      return;
    }
    write(this.#said, `Queued: the same with ${words}.`);
    this.#onChange();
  }

  #takeBack(queued: QueuedRun): void {
    this.#queue = this.#queue.filter((other) => other !== queued);
    write(this.#said, `Taken back: the run with ${queued.words}.`);
    this.#onChange();
  }
}
