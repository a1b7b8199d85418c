import type { Measure } from '../data/measure.ts';
import { type Figure, fileName, type Level, type Line, type Look, printed } from '../figures/figure.ts';
import { formatCount, networkName } from '../format.ts';
import type { Configuration } from './configuration.ts';
import type { LossHistory } from './loss-history.ts';

/** What a figure of the loss is drawn from. */
export interface LossSoFar {
  readonly datasetName: string;
  readonly configuration: Pick<Configuration, 'cell' | 'layers' | 'hidden'>;
  readonly step: number;
  readonly measure: Measure;
  /** The losses, as `measure` tells them. */
  readonly training: LossHistory;
  readonly heldOut: LossHistory;
  /** What simpler models reach. */
  readonly levels?: readonly Level[];
}

/** What learns what, and how far it is: GRU of 128 units learning Field notes, step 1,200 */
export const subjectOf = ({
  datasetName,
  configuration,
  step,
}: Pick<LossSoFar, 'datasetName' | 'configuration' | 'step'>): string =>
  `${networkName(configuration)} learning ${datasetName}, step ${formatCount(step)}`;

/** The loss over the steps, in training and on what is held out. */
export function lossFigure(so: LossSoFar): Figure {
  const { datasetName, step, measure, training, heldOut, levels = [] } = so;
  const { steps } = training;
  const lines: readonly Line[] = [
    { name: 'training, running mean', xs: steps, ys: training.smoothed, look: bold },
    { name: 'held out', xs: heldOut.steps, ys: heldOut.losses, look: dashed },
    { name: 'training', xs: steps, ys: training.losses, look: thin },
  ];
  const figures = [...training.smoothed, ...heldOut.losses, ...levels.map(({ figure }) => figure)];
  const known = figures.filter((figure) => figure > 0 && Number.isFinite(figure));
  const high = Math.max(...known, Number.MIN_VALUE);
  const low = Math.max(Math.min(...known, high), high / 1000);
  return {
    name: fileName('loss', datasetName, 'step', step),
    title: subjectOf(so),
    across: { name: 'step', low: 0, high: Math.max(1, step), scale: 'whole' },
    up: { name: 'loss', unit: measure.name, low: low / 1.1, high: high * 1.1, scale: 'logarithmic' },
    lines,
    levels,
  };
}

const bold: Look = { colour: printed.network, width: 2, dash: [], radius: 0, hollow: false };
const thin: Look = { colour: printed.network, width: 0.4, dash: [], radius: 0, hollow: false };
const dashed: Look = { colour: printed.ink, width: 1.25, dash: [5, 3], radius: 2.5, hollow: true };
