import type { Kind, Task } from '../../data/dataset.ts';
import { figureOf, type Measure } from '../../data/measure.ts';
import type { Course, Points } from '../../files/model-file.ts';
import type { Configuration } from '../../training/configuration.ts';
import { LossHistory } from '../../training/loss-history.ts';

/** What the curves may be drawn over: `places` are what the data are counted in, such as characters. */
export const axes = ['steps', 'places', 'seconds'] as const;
export type Axis = (typeof axes)[number];

/** Losses over the steps, as they are told. */
export interface Line {
  readonly steps: readonly number[];
  readonly figures: readonly number[];
}

/** How a run has gone, as the chart draws it. */
export interface Curve {
  /** The running mean of the loss in training. */
  readonly training: Line;
  readonly heldOut: Line;
  /** How much a step takes of what each axis counts: 1, B·T, the mean of the seconds. */
  readonly perStep: Readonly<Record<Axis, number>>;
}

/** The curve of a run. @param measure how its losses are told */
export function curveOf(course: Course, configuration: Configuration, kind: Kind, measure: Measure): Curve {
  const training = lineOf(course.training, measure);
  const steps = training.steps.at(-1) ?? 0;
  return {
    training,
    heldOut: lineOf(course.heldOut, measure, false),
    perStep: perStepOf(configuration, kind, steps, course.seconds),
  };
}

/** How much a step takes of what each axis counts. @param steps how many were taken, in `seconds` */
export function perStepOf(
  { batch, sequence }: Configuration,
  kind: Kind,
  steps: number,
  seconds: number,
): Record<Axis, number> {
  return { steps: 1, places: kind === 'labelled' ? batch : batch * sequence, seconds: steps > 0 ? seconds / steps : 0 };
}

function lineOf({ losses, ...points }: Points, measure: Measure, smooth = true): Line {
  const history = new LossHistory();
  history.restore({ ...points, losses: losses.map((loss) => figureOf(measure, loss)) });
  return { steps: [...history.steps], figures: [...(smooth ? history.smoothed : history.losses)] };
}

/** What an axis counts: “characters”. @param unit what the data are counted in */
export const axisName = (axis: Axis, unit: Task['unit'] = 'character'): string =>
  axis === 'places' ? `${unit}s` : axis;

/** A line at a place between its ends, as it is drawn; `undefined` where it is not. */
export function figureAt({ steps, figures }: Line, step: number): number | undefined {
  const after = steps.findIndex((other) => other >= step);
  if (after < 0) return undefined;
  const [right, high] = [steps[after]!, figures[after]!];
  if (right === step) return high;
  if (after === 0) return undefined;
  const [left, low] = [steps[after - 1]!, figures[after - 1]!];
  return low + ((high - low) * (step - left)) / (right - left);
}
