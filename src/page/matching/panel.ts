import type { ExperimentProgress } from '../../experiment/experiment.ts';
import { complaintAboutParts, defaultOptions, optionRanges } from '../../experiment/options.ts';
import { looksOf } from '../../experiment/plot.ts';
import type { Command } from '../../training/protocol.ts';
import { byId, make, write } from '../dom.ts';
import { Field } from '../field.ts';
import { canWrite } from '../passages.ts';
import type { PageState } from '../state.ts';
import { MatchingChart, readPalette } from './chart.ts';
import { exports, save } from './exports.ts';
import { circumstancesOf, longestLength, meanOf, nameOf, type Plotted, plottedOf, summaryOf } from './plotted.ts';
import type { Matching, MatchingAction, MatchingRun } from './state.ts';
import { tableOfLongest } from './table.ts';

const fieldNames = ['trials', 'primeLength', 'length', 'temperature', 'seed'] as const;
type FieldName = (typeof fieldNames)[number];

/** The matching experiment on the page: its fields, its progress, and what was found. */
export class MatchingPanel {
  readonly #dispatch: (action: MatchingAction) => void;
  readonly #fields: ReadonlyMap<FieldName, Field>;
  readonly #heldOut = byId('matching-held-out', HTMLInputElement);
  readonly #match = byId('match', HTMLButtonElement);
  readonly #cancel = byId('cancel-match', HTMLButtonElement);
  readonly #progress = byId('matching-progress', HTMLProgressElement);
  readonly #status = byId('matching-status', HTMLElement);
  readonly #empty = byId('matching-empty', HTMLElement);
  readonly #summary = byId('matching-summary', HTMLElement);
  readonly #list = byId('matching-runs', HTMLOListElement);
  readonly #table = byId('matching-table', HTMLElement);
  readonly #exports = byId('matching-exports', HTMLElement);
  readonly #chart: MatchingChart;
  #matching: Matching | undefined;
  #complaint = '';

  constructor(dispatch: (action: MatchingAction) => void, send: (command: Command) => void) {
    this.#dispatch = dispatch;
    const host = byId('matching-fields', HTMLElement);
    this.#fields = new Map(
      fieldNames.map((name) => {
        const setting = { kind: 'number', default: defaultOptions[name], ...optionRanges[name] } as const;
        const field = new Field(`matching-${name}`, setting, (value) =>
          dispatch({ kind: 'configured', change: { [name]: value } }),
        );
        host.append(field.root);
        return [name, field];
      }),
    );
    this.#heldOut.addEventListener('change', () =>
      dispatch({ kind: 'configured', change: { heldOut: this.#heldOut.checked } }),
    );
    this.#match.addEventListener('click', () => {
      if (this.#match.ariaDisabled === 'true' || !this.#matching) return;
      send({ kind: 'match', options: this.#matching.options });
      dispatch({ kind: 'asked' });
    });
    this.#cancel.addEventListener('click', () => this.#matching?.progress && send({ kind: 'cancelMatch' }));
    for (const way of exports) {
      const button = make('button', { type: 'button', title: way.help }, way.label);
      button.addEventListener('click', () => void save(this.#matching?.runs ?? [], way));
      this.#exports.append(button);
    }
    const reading = byId('matching-reading', HTMLElement);
    this.#chart = new MatchingChart(byId('matching-chart', HTMLElement), (n) => {
      write(reading, n === null ? '' : readingOf(n, this.#matching?.runs[0]));
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#showRuns());
  }

  show(state: PageState): void {
    const { matching, network } = state;
    const complaint = network
      ? complaintAboutParts(matching.options, network.trainingLength, network.validationLength)
      : '';
    const before = this.#matching;
    this.#matching = matching;
    this.#match.ariaDisabled = canWrite(state) && !matching.progress && !complaint ? null : 'true';
    this.#cancel.ariaDisabled = matching.progress ? null : 'true';
    for (const name of fieldNames) this.#fields.get(name)?.show(matching.options[name]);
    if (complaint || this.#complaint) this.#fields.get('primeLength')?.complain(complaint);
    this.#complaint = complaint;
    this.#heldOut.checked = matching.options.heldOut;
    this.#showProgress(matching);
    if (matching.runs !== before?.runs || matching.network !== before.network) this.#showRuns();
  }

  #showProgress({ progress, stopped, runs }: Matching): void {
    this.#progress.hidden = progress === null;
    if (progress?.share === undefined) this.#progress.removeAttribute('value');
    else this.#progress.value = progress.share;
    if (progress) write(this.#status, wordsOf(progress));
    else if (stopped) write(this.#status, 'Stopped before there was a result.');
    else write(this.#status, runs[0] ? `Done: ${nameOf(runs[0])}.` : '');
  }

  #showRuns(): void {
    const runs = this.#matching?.runs ?? [];
    const [latest] = runs;
    const plotted = plottedOf(runs);
    this.#empty.hidden = latest !== undefined;
    this.#exports.hidden = latest === undefined;
    this.#chart.draw(plotted, this.#matching?.options ?? defaultOptions);
    write(this.#summary, latest ? summaryOf(latest) : '');
    if (this.#list.contains(document.activeElement)) this.#match.focus({ preventScroll: true });
    this.#list.replaceChildren(...runs.map((run) => this.#itemOf(run, plotted)));
    this.#table.replaceChildren(...(latest ? [tableOfLongest(latest)] : []));
  }

  /** A run with the key to its curves. */
  #itemOf(run: MatchingRun, plotted: readonly Plotted[]): HTMLElement {
    const looks = looksOf(plotted, readPalette(this.#list));
    const remove = make('button', { type: 'button', 'aria-label': `Remove the run at ${nameOf(run)}` }, 'Remove');
    remove.addEventListener('click', () => this.#dispatch({ kind: 'removed', id: run.id }));
    const network = run.network === this.#matching?.network ? '' : ', an earlier network';
    const keys = plotted.flatMap((curve, i) => {
      if (curve.run !== run) return [];
      const { colour, hollow } = looks[i]!;
      const swatch = make('span', { class: 'swatch', style: `--colour: ${colour}` });
      swatch.classList.toggle('hollow', hollow);
      const figures = `mean ${meanOf(curve.trials)}, longest ${longestLength(curve.trials)}`;
      return [make('li', {}, swatch, make('span', {}, keyOf(curve)), make('span', { class: 'value' }, figures))];
    });
    return make(
      'li',
      {},
      make('h3', {}, capitalised(nameOf(run))),
      remove,
      make('p', { class: 'field-help' }, `${circumstancesOf(run)}${network}`),
      make('ul', {}, ...keys),
    );
  }
}

function keyOf({ kind, name }: Plotted): string {
  if (kind === 'n-gram') return name;
  return kind === 'held out' ? 'network, held-out primes' : 'network';
}

function wordsOf({ phase, share }: ExperimentProgress): string {
  switch (phase) {
    case 'predicting':
      return 'The network predicts.';
    case 'n-grams':
      return 'N-grams predict.';
    case 'matching':
      return share === undefined ? '' : 'Looking for the predictions in the text.';
  }
}

function readingOf(n: number, run: MatchingRun | undefined): string {
  const [network] = run?.result.series ?? [];
  return network ? `${network.curve[n] ?? 0} of ${network.curve[0]} match at least ${n}` : '';
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
