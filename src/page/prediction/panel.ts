import { formatCount } from '../../format.ts';
import type { Prediction } from '../../training/looks/prediction.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, write } from '../dom.ts';
import { figureButtons } from '../figures/save.ts';
import type { LookPanel } from '../looks/panels.ts';
import { Watch } from '../looks/watch.ts';
import type { Network, PageState } from '../state.ts';
import { PredictionChart } from './chart.ts';
import { predictionFigure } from './figure.ts';
import './prediction.css';
import { formatValue, readingAt, summaryOf } from './words.ts';

/** What a network predicts of the held-out part of its series: row by row, and going on by itself. */
export class PredictionPanel implements LookPanel {
  readonly #send: (command: Command) => void;
  readonly #onSight: () => void;
  readonly #watch: Watch;
  readonly #chart: PredictionChart;
  readonly #parts = parts();
  readonly #problem = byId('prediction-problem', HTMLElement);
  #network: Network | null = null;
  #prediction: Prediction | undefined;
  #changed = false;

  constructor(send: (command: Command) => void, onSight: () => void) {
    this.#send = send;
    this.#onSight = onSight;
    const section = byId('prediction', HTMLElement);
    const { head, contents, axis, chart, reading, variable, from } = this.#parts;
    section.firstElementChild!.append(...head);
    const figure = () =>
      this.#prediction && predictionFigure(this.#prediction, this.#network?.datasetName ?? 'a series');
    this.#problem.before(...contents);
    axis.after(figureButtons('the prediction', figure));
    this.#watch = new Watch(section, onSight);
    this.#chart = new PredictionChart(chart, (index) =>
      write(reading, index === null || !this.#prediction ? '' : readingAt(this.#prediction, index)),
    );
    variable.addEventListener('change', onSight);
    from.addEventListener('input', () => {
      this.#sayFrom();
      onSight();
    });
  }

  hear(event: Event): void {
    if (event.kind === 'seen' && event.sight.kind === 'prediction') {
      this.#watch.answered(event.seconds);
      this.#take(event.sight.prediction);
      write(this.#problem, '');
    } else if (event.kind === 'unseen' && event.look === 'prediction') {
      this.#watch.answered();
      write(this.#problem, event.message);
      this.#onSight();
    }
  }

  show(state: PageState): void {
    if (state.network !== this.#network) {
      this.#network = state.network;
      this.#take(undefined);
    }
    const variable = Math.max(0, this.#parts.variable.selectedIndex);
    const from = this.#parts.from.valueAsNumber;
    if (this.#watch.isDue(state, `${variable} ${from}`)) {
      this.#send({ kind: 'look', look: { kind: 'prediction', variable, from } });
    }
    if (!this.#changed || !this.#watch.isSeen) return;
    this.#changed = false;
    this.#draw();
  }

  #take(prediction: Prediction | undefined): void {
    this.#prediction = prediction;
    this.#changed = true;
    this.#onSight();
  }

  #draw(): void {
    const { variable, choice, from, errors, summary, name } = this.#parts;
    this.#chart.draw(this.#prediction);
    if (!this.#prediction) {
      write(summary, waiting);
      for (const cell of Object.values(errors)) write(cell, '–');
      return;
    }
    const { variables } = this.#prediction;
    choice.hidden = variables.length === 1;
    const offered = Array.from(variable.options, (option) => option.text);
    if (offered.join('\n') !== variables.join('\n')) {
      variable.replaceChildren(...variables.map((name) => make('option', {}, name)));
      variable.selectedIndex = this.#prediction.variable;
    }
    from.max = String(this.#prediction.values.length - 1);
    this.#sayFrom();
    write(name, variables[this.#prediction.variable]!);
    write(summary, summaryOf(this.#prediction));
    for (const [kind, cell] of Object.entries(errors)) {
      write(cell, formatValue(this.#prediction.errors[kind as keyof typeof errors]));
    }
  }

  /** From which row on the network is asked to go on by itself. */
  #sayFrom(): void {
    const { from, fromSaid } = this.#parts;
    if (this.#prediction) write(fromSaid, formatCount(this.#prediction.first + from.valueAsNumber));
  }
}

const waiting = 'It is looked at when this is in view and there is a network.';

/** What the panel is made of. */
function parts() {
  const reading = make('p', { id: 'prediction-reading', class: 'reading value', 'aria-hidden': 'true' });
  const key = make(
    'ul',
    { class: 'key' },
    make('li', { class: 'key-measured' }, 'measured'),
    make('li', {}, 'predicted'),
    make('li', { class: 'key-forecast' }, 'forecast'),
  );
  const variable = make('select', { id: 'prediction-variable' });
  const choice = make(
    'div',
    { class: 'field', hidden: true },
    make('label', { for: variable.id }, 'Variable'),
    variable,
  );
  const chart = make('div', {
    id: 'prediction-chart',
    role: 'img',
    'aria-label': 'Chart of what was measured, predicted and forecast, row by row',
    'aria-describedby': 'prediction-summary',
  });
  const fromSaid = make('output', { id: 'prediction-from-said', for: 'prediction-from' }, '–');
  const from = make('input', { type: 'range', id: 'prediction-from', min: '0', max: '239', value: '120' });
  const errors = { prediction: make('td', {}), persistence: make('td', {}), forecast: make('td', {}) };
  const name = make('span', {});
  const heading = (text: string) => make('th', { scope: 'col' }, text);
  const table = make(
    'table',
    { id: 'prediction-errors', class: 'figures' },
    make('caption', {}, 'Root mean square error, in the unit of ', name),
    make('thead', {}, make('tr', {}, heading('Predicted'), heading('Persistence'), heading('Forecast'))),
    make('tbody', {}, make('tr', {}, ...Object.values(errors))),
  );
  const summary = make('p', { id: 'prediction-summary', class: 'panel-summary' }, waiting);
  const forecast = make(
    'div',
    { class: 'field' },
    make('label', { for: from.id }, 'Forecast from row ', fromSaid),
    from,
  );
  const axis = make('p', { class: 'axis-name', 'aria-hidden': 'true' }, 'row');
  const settings = make('div', { class: 'prediction-settings' }, choice, forecast);
  return {
    head: [key],
    contents: [settings, reading, chart, axis, table, summary],
    ...{ axis, chart, reading, variable, choice, from, fromSaid, errors, name, summary },
  };
}
