import { make } from '../../page/dom.ts';
import { axes, same } from '../curves.ts';
import type { Kernels, Results } from '../results.ts';
import { roofOf } from '../roofline.ts';
import { sizeName, sizeText } from '../sizes.ts';
import { tasks } from '../steps.ts';
import { summaryOf } from '../summary.ts';
import {
  ceilingsTable,
  contendersTable,
  kernelsTable,
  phasesTable,
  sizesOf,
  stepsTable,
  type Table,
  tuningTable,
} from '../tables.ts';
import { PlotView } from './plot.ts';
import { curvesPlot, rooflineOf } from './plots.ts';

/** Shows results, and beside them somebody else's. What has not changed stays as it is, scrolled and focused. */
export class ResultsView {
  readonly #host: HTMLElement;
  readonly #shown = new Map<string, { readonly content: string; readonly element: HTMLElement }>();

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  show(results: Results, theirs?: Results): void {
    const { tunings, ceilings, kernels, phases, steps, base, contenders, problems } = results;
    const wanted: HTMLElement[] = [];
    const section = (key: string, from: unknown, fill: () => readonly (HTMLElement | string)[]) => {
      const content = JSON.stringify(from);
      const known = this.#shown.get(key);
      const element =
        known?.content === content
          ? known.element
          : make('section', { id: `results-${key.replaceAll(/[ ,()]+/g, '-')}` }, ...fill());
      this.#shown.set(key, { content, element });
      wanted.push(element);
    };
    const summary = summaryOf(results);
    if (summary !== undefined) section('summary', summary, () => [make('p', { class: 'summary' }, summary)]);
    const roof = ceilings && roofOf(ceilings);
    if (problems.length > 0) {
      section('problems', problems, () => [
        make('h2', {}, 'Not measured'),
        make('ul', { class: 'problems' }, ...problems.map((problem) => make('li', {}, problem))),
      ]);
    }
    if (tunings.length > 0) {
      section('tunings', [tunings, theirs?.tunings], () => [
        make('h2', {}, 'The tuner'),
        make(
          'p',
          { class: 'lead' },
          'Ways of cutting up a training step for this device, in the order in which they were tried. Each has to find the ' +
            'default’s loss and gradients before it is timed, and wins only if it is faster by more than noise. What ' +
            'follows is measured with the winner.',
        ),
        ...tunings.map((tuned) => {
          const table = tuningTable(tuned, theirs);
          const winner = tuned.tried.findIndex(({ tuning }) => tuning === tuned.winner);
          return make('div', { class: 'tuning' }, make('h3', {}, table.title), tableElement(table, winner));
        }),
      ]);
    }
    if (ceilings) {
      section('ceilings', [ceilings, theirs], () => [
        make('h2', {}, 'What the device can do'),
        ...ceilingsTable(results, theirs).map((table) => tableElement(table)),
      ]);
    }
    for (const measured of kernels) {
      section(`kernels-${sizeName(measured.size)}`, [measured, roof, theirs], () =>
        kernelsSection(results, measured, theirs),
      );
    }
    if (phases.length > 0) {
      section('phases', [phases, theirs], () => [
        make('h2', {}, 'A step on the processor'),
        make(
          'div',
          { class: 'side-by-side' },
          ...phases.map((measured) => tableElement(phasesTable(measured, theirs))),
        ),
      ]);
    }
    if (steps.length > 0) {
      section('steps', [steps, base, theirs], () => stepsSection(results, theirs));
    }
    for (const size of sizesOf(contenders)) {
      section(`contenders-${sizeName(size)}`, [contenders, theirs], () => [
        make('h2', {}, `Side by side at ${sizeName(size)}`),
        make(
          'p',
          { class: 'lead' },
          'The same training step from the same parameters on the same symbols, its loss waited for. Times count only where the first losses agree; the first step includes loading and compiling.',
        ),
        tableElement(contendersTable(size, results, theirs)),
      ]);
    }
    for (const child of [...this.#host.children]) if (!wanted.includes(child as HTMLElement)) child.remove();
    for (const [i, element] of wanted.entries()) {
      if (this.#host.children[i] !== element) this.#host.insertBefore(element, this.#host.children[i] ?? null);
    }
  }
}

function kernelsSection(results: Results, measured: Kernels, theirs?: Results): HTMLElement[] {
  const roof = results.ceilings && roofOf(results.ceilings);
  const { size, clock, strategy, tuning = strategy } = measured;
  const others = theirs?.kernels.find((other) => same(other.size, size) && other.strategy === strategy);
  const alike = measured.dispatches.some(({ count }) => count !== undefined) ? ', one of those that do the same' : '';
  const how = clock === 'timestamps' ? 'the device’s own timestamps' : 'waiting for many in a row';
  return [
    make('h2', {}, `Kernels at ${sizeName(size)}`),
    make(
      'p',
      { class: 'lead' },
      `One training step at ${sizeText(size)}, ${tuning}; each dispatch by itself${alike}, timed by ${how}. ` +
        'The floor is the time that its arithmetic, or the bytes that must go in or come out, take at the device’s ceilings.',
    ),
    make(
      'div',
      { class: 'kernels' },
      ...(roof ? [new PlotView(rooflineOf(measured, roof, others), 'roofline').element] : []),
      tableElement(kernelsTable(measured, roof, theirs)),
    ),
  ];
}

function stepsSection(results: Results, theirs?: Results): HTMLElement[] {
  const plots = tasks.flatMap((task) =>
    axes.map((axis) => curvesPlot(axis, task, results, theirs)).filter((plot) => plot !== undefined),
  );
  const engines = [...new Set(results.steps.map(({ engine }) => engine))];
  const key = [
    ...engines.map((engine) => make('li', { class: `key-${engine}` }, engine === 'webgpu' ? 'WebGPU' : 'CPU')),
    ...(theirs ? [make('li', { class: 'key-theirs' }, 'theirs')] : []),
  ];
  const curves =
    plots.length === 0
      ? []
      : [
          make(
            'div',
            { class: 'section-head' },
            make('h3', {}, `Around ${sizeText(results.base!)}`),
            make('ul', { class: 'key' }, ...key),
          ),
          make('div', { class: 'curves' }, ...plots.map((plot) => new PlotView(plot, 'curve-plot').element)),
        ];
  return [
    make('h2', {}, 'Whole steps'),
    make(
      'p',
      { class: 'lead' },
      'Training with as many steps under way as the trainer has; writing T characters for each of B rows.',
    ),
    ...curves,
    ...stepsTable(results, theirs).map((table) => tableElement(table)),
  ];
}

/**
 * A table that can be scrolled sideways, by keyboard too.
 *
 * @param strong the row that stands out
 */
function tableElement({ title, columns, rows }: Table, strong?: number): HTMLElement {
  const cell = (text: string, column: number) => {
    // A sum has no number of its own, and an empty cell heads nothing.
    const heads = column === 0 && text !== '';
    return make(heads ? 'th' : 'td', { ...(heads && { scope: 'row' }), class: columns[column]?.kind }, text);
  };
  return make(
    'div',
    { class: 'table', role: 'region', 'aria-label': title, tabindex: '0' },
    make(
      'table',
      {},
      make('caption', {}, title),
      make(
        'thead',
        {},
        make('tr', {}, ...columns.map(({ label, kind }) => make('th', { scope: 'col', class: kind }, label))),
      ),
      make('tbody', {}, ...rows.map((row, i) => make('tr', i === strong ? { class: 'strong' } : {}, ...row.map(cell)))),
    ),
  );
}
