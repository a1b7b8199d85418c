import { figureOf } from '../data/measure.ts';
import { engineOf, formatBytes, formatCount, formatFigure, formatLoss } from '../format.ts';
import { byId, make, write } from './dom.ts';
import { measureOf, type PageState } from './state.ts';

/** Something known of the run, and where it stands: in the list of that id. */
interface Readout {
  readonly place: string;
  readonly id: string;
  /** Nothing is shown where it is ''. */
  readonly label: Words;
  readonly unit?: Words;
  /** `null` while it is not known. */
  readonly value: (state: PageState) => string | null;
}

/** Words, the same always or by what is learned. */
type Words = string | ((state: PageState) => string);

const said = (words: Words, state: PageState): string => (typeof words === 'string' ? words : words(state));
const many = (name: 'unit' | 'place') => (state: PageState) => `${state.network?.[name] ?? 'character'}s`;

const lossOf = (state: PageState, loss: number | undefined): string | null =>
  loss === undefined ? null : formatLoss(figureOf(measureOf(state), loss), measureOf(state));

/** A loss as the network minimises it. */
const minimisedIn = (state: PageState): string =>
  measureOf(state).unit === 'bits' ? `nats per ${state.network?.place ?? 'character'}` : 'half a squared error';

/** The figures that there are of some datasets and not of others. */
const facts: readonly Readout[] = [0, 1].map((i) => ({
  place: 'data-facts',
  id: `fact-${i}`,
  label: ({ network }) => network?.facts[i]?.label ?? '',
  unit: ({ network }) => network?.facts[i]?.unit ?? '',
  value: ({ network }) => (network?.facts[i] ? formatCount(network.facts[i].figure) : null),
}));

const readouts: readonly Readout[] = [
  {
    place: 'readouts',
    id: 'loss-bits',
    label: 'Loss',
    unit: (state) => measureOf(state).name,
    value: (state) => lossOf(state, state.last?.loss),
  },
  {
    place: 'readouts',
    id: 'loss-nats',
    label: (state) => (measureOf(state).unit === 'bits' ? 'The same in nats' : 'As it is minimised'),
    unit: minimisedIn,
    value: ({ last }) => last && formatFigure(last.loss),
  },
  {
    place: 'readouts',
    id: 'validation-bits',
    label: 'Held out',
    unit: (state) => measureOf(state).name,
    value: (state) => lossOf(state, state.validation?.loss),
  },
  {
    place: 'readouts',
    id: 'speed',
    label: 'Speed',
    unit: (state) => `${many('place')(state)} a second`,
    value: ({ placesPerSecond }) => (placesPerSecond > 0 ? formatCount(placesPerSecond) : null),
  },
  {
    place: 'readouts',
    id: 'gradient-norm',
    label: 'Gradient norm',
    unit: 'before the clip',
    value: ({ last }) => last && formatFigure(last.gradientNorm),
  },
  {
    place: 'readouts',
    id: 'learning-rate',
    label: 'Learning rate',
    unit: 'at this step',
    value: ({ last }) => last && formatFigure(last.learningRate),
  },
  {
    place: 'data-facts',
    id: 'training-length',
    label: 'Learned from',
    unit: many('unit'),
    value: ({ network }) => network && formatCount(network.trainingLength),
  },
  {
    place: 'data-facts',
    id: 'validation-length',
    label: 'Held out',
    unit: many('unit'),
    value: ({ network }) => network && formatCount(network.validationLength),
  },
  ...facts,
  {
    place: 'network-facts',
    id: 'parameters',
    label: 'Parameters',
    value: ({ network }) => network && formatCount(network.engine.parameters),
  },
  {
    place: 'engine-facts',
    id: 'engine',
    label: 'At work',
    value: ({ network }) => network && engineOf(network.engine),
  },
  { place: 'engine-facts', id: 'reason', label: 'Why', value: ({ network }) => network?.engine.reason ?? null },
  {
    place: 'engine-facts',
    id: 'dispatches',
    label: 'GPU dispatches a step',
    value: ({ network }) => network && formatCount(network.engine.cost.dispatches),
  },
  { place: 'engine-facts', id: 'tuning', label: 'Cut up as', value: ({ network }) => network?.engine.tuning ?? null },
  {
    place: 'engine-facts',
    id: 'bytes',
    label: 'Memory',
    value: ({ network }) => network && formatBytes(network.engine.cost.bytes),
  },
];

/** All that is known of a run in figures, written as they change. */
export class Readouts {
  readonly #rows: readonly Row[];

  constructor() {
    this.#rows = readouts.map((readout) => {
      const [label, unit] = [make('dt', {}, ''), make('span', { class: 'unit' }, '')];
      const cell = make('span', { id: `readout-${readout.id}`, class: 'value' }, '–');
      const row = make('div', {}, label, make('dd', {}, cell, ' ', unit));
      byId(readout.place, HTMLElement).append(row);
      return { readout, row, label, cell, unit };
    });
  }

  show(state: PageState): void {
    for (const { readout, row, label, cell, unit } of this.#rows) {
      const name = said(readout.label, state);
      row.hidden = name === '';
      write(label, name);
      write(cell, readout.value(state) ?? '–');
      write(unit, said(readout.unit ?? '', state));
    }
  }
}

/** Where a readout is written. */
interface Row {
  readonly readout: Readout;
  readonly row: HTMLElement;
  readonly label: HTMLElement;
  readonly cell: HTMLElement;
  readonly unit: HTMLElement;
}
