import { looksOf } from '../../experiment/plot.ts';
import type { Look } from '../../figures/figure.ts';
import { byId, make, write } from '../dom.ts';
import { figureButtons } from '../figures/save.ts';
import { redrawWhenNeeded } from '../theme.ts';
import { MatchingChart, readPalette } from './chart.ts';
import { exports, figureOfRuns, isSome, save } from './exports.ts';
import { type Matching, type MatchingRun, nameOf } from './matching.ts';
import { circumstancesOf, longestLength, meanOf, type Plotted, plottedOf, summaryOf } from './plotted.ts';
import { tableOfLongest } from './table.ts';
import './results.css';

/** What the matching experiment has found: the plot, the runs with the keys to their curves, the longest matches, files. */
export class MatchingResults {
  readonly #remove: (id: number) => void;
  readonly #match = byId('match', HTMLButtonElement);
  readonly #empty = byId('matching-empty', HTMLElement);
  readonly #summary = byId('matching-summary', HTMLElement);
  readonly #list = byId('matching-runs', HTMLOListElement);
  readonly #table = byId('matching-table', HTMLElement);
  readonly #exports = byId('matching-exports', HTMLElement);
  readonly #chart: MatchingChart;
  #matching: Matching | undefined;

  /** @param remove takes a run off the plot */
  constructor(remove: (id: number) => void) {
    this.#remove = remove;
    const runs = () => this.#matching?.runs ?? [];
    const figure = () => {
      const shown = runs();
      return isSome(shown) ? figureOfRuns(shown) : undefined;
    };
    this.#exports.append(figureButtons('the plot', figure));
    for (const way of exports) {
      const button = make('button', { type: 'button', title: way.help }, way.label);
      button.addEventListener('click', () => void save(runs(), way));
      this.#exports.append(button);
    }
    const reading = byId('matching-reading', HTMLElement);
    this.#chart = new MatchingChart(byId('matching-chart', HTMLElement), (n) => {
      write(reading, n === null ? '' : readingOf(n, this.#matching?.runs[0]));
    });
    redrawWhenNeeded(byId('matching-chart', HTMLElement), () => {
      if (this.#matching) this.show(this.#matching);
    });
  }

  show(matching: Matching): void {
    this.#matching = matching;
    const { runs, options } = matching;
    const [latest] = runs;
    const plotted = plottedOf(runs);
    this.#empty.hidden = latest !== undefined;
    this.#exports.hidden = latest === undefined;
    this.#chart.draw(plotted, options);
    write(this.#summary, latest ? summaryOf(latest) : '');
    if (this.#list.contains(document.activeElement)) this.#match.focus({ preventScroll: true });
    this.#list.replaceChildren(...runs.map((run) => this.#itemOf(run, plotted)));
    this.#table.replaceChildren(...(latest ? [tableOfLongest(latest)] : []));
  }

  /** A run with the key to its curves. */
  #itemOf(run: MatchingRun, plotted: readonly Plotted[]): HTMLElement {
    const looks = looksOf(plotted, readPalette(this.#list));
    const remove = make('button', { type: 'button', 'aria-label': `Remove the run at ${nameOf(run)}` }, 'Remove');
    remove.addEventListener('click', () => this.#remove(run.id));
    const network = run.network === this.#matching?.network ? '' : ', an earlier network';
    const keys = plotted.flatMap((curve, i) => {
      if (curve.run !== run) return [];
      const figures = `mean ${meanOf(curve.trials)}, longest ${longestLength(curve.trials)}`;
      return [
        make('li', {}, swatchOf(looks[i]!), make('span', {}, keyOf(curve)), make('span', { class: 'value' }, figures)),
      ];
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

/** A piece of a curve, for its key. */
function swatchOf({ colour, width, dash, radius, hollow }: Look): SVGSVGElement {
  const draw = (name: string, attributes: Readonly<Record<string, string | number>>) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value));
    return element;
  };
  const swatch = draw('svg', { class: 'swatch', viewBox: '0 0 36 10', stroke: colour, 'aria-hidden': 'true' });
  const line = draw('path', {
    d: 'M0 5h36',
    'stroke-width': 1.5 * width,
    'stroke-dasharray': dash.join(' ') || 'none',
  });
  const point = draw('circle', { cx: 18, cy: 5, r: 1.5 * radius, fill: hollow ? 'var(--paper)' : colour });
  swatch.append(line, ...(radius > 0 ? [point] : []));
  return swatch as SVGSVGElement;
}

function keyOf({ kind, name }: Plotted): string {
  if (kind === 'n-gram') return name;
  return kind === 'held out' ? 'network, held-out primes' : 'network';
}

function readingOf(n: number, run: MatchingRun | undefined): string {
  const [network] = run?.result.series ?? [];
  return network ? `${network.curve[n] ?? 0} of ${network.curve[0]} match at least ${n}` : '';
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
