import { bitsOf, engineOf, formatBytes, formatCount, formatFigure, formatLoss } from '../format.ts';
import { byId, make, write } from './dom.ts';
import type { PageState } from './state.ts';

/** Something known of the run, and where it stands: in the list of that id. */
interface Readout {
  readonly place: string;
  readonly id: string;
  readonly label: string;
  readonly unit?: string;
  /** `null` while it is not known. */
  readonly value: (state: PageState) => string | null;
}

const readouts: readonly Readout[] = [
  {
    place: 'readouts',
    id: 'loss-bits',
    label: 'Loss',
    unit: 'bits per character',
    value: ({ last }) => last && formatLoss(bitsOf(last.loss)),
  },
  {
    place: 'readouts',
    id: 'loss-nats',
    label: 'The same in nats',
    unit: 'nats per character',
    value: ({ last }) => last && formatLoss(last.loss),
  },
  {
    place: 'readouts',
    id: 'validation-bits',
    label: 'On held-out text',
    unit: 'bits per character',
    value: ({ validation }) => validation && formatLoss(bitsOf(validation.loss)),
  },
  {
    place: 'readouts',
    id: 'speed',
    label: 'Speed',
    unit: 'characters a second',
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
    place: 'text-facts',
    id: 'training-length',
    label: 'Learned from',
    unit: 'characters',
    value: ({ network }) => network && formatCount(network.trainingLength),
  },
  {
    place: 'text-facts',
    id: 'validation-length',
    label: 'Held out',
    unit: 'characters',
    value: ({ network }) => network && formatCount(network.validationLength),
  },
  {
    place: 'text-facts',
    id: 'vocabulary-size',
    label: 'Vocabulary',
    unit: 'characters',
    value: ({ network }) => network && formatCount(network.facts[0]?.figure ?? 0),
  },
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
  readonly #cells: readonly { readonly readout: Readout; readonly cell: HTMLElement }[];

  constructor() {
    this.#cells = readouts.map((readout) => {
      const cell = make('span', { id: `readout-${readout.id}`, class: 'value' }, '–');
      const unit = readout.unit ? [' ', make('span', { class: 'unit' }, readout.unit)] : [];
      byId(readout.place, HTMLElement).append(
        make('div', {}, make('dt', {}, readout.label), make('dd', {}, cell, ...unit)),
      );
      return { readout, cell };
    });
  }

  show(state: PageState): void {
    for (const { readout, cell } of this.#cells) write(cell, readout.value(state) ?? '–');
  }
}
