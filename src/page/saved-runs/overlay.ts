import type { Task } from '../../data/dataset.ts';
import type { Measure } from '../../data/measure.ts';
import { formatCount, formatLoss } from '../../format.ts';
import type { Overlay } from '../overlay.ts';
import { letterOf } from './choice.ts';
import { type Axis, axisName, type Curve, figureAt, type Line } from './curves.ts';
import { drawRuns } from './drawing.ts';

/** A run that is compared. */
export interface ComparedRun {
  /** Its place among those compared. */
  readonly place: number;
  /** What it is called within a sentence. */
  readonly title: string;
  readonly measure: Measure;
  /** How it has gone; `undefined` if its file does not say. */
  readonly curve: Curve | undefined;
}

/** The run that stands. */
export interface Standing {
  readonly measure: Measure;
  readonly unit: Task['unit'];
  /** How many steps it has taken. */
  readonly step: number;
  /** How much a step takes of what each axis counts, as far as that is known. */
  readonly perStep: Curve['perStep'] | undefined;
}

/** In a few words, why a run is not drawn; `undefined` if it is. */
export function whyNotDrawn({ measure, curve }: ComparedRun, standing: Standing, axis: Axis): string | undefined {
  if (!curve || curve.training.steps.length === 0) return 'its file does not tell how it went';
  if (measure.name !== standing.measure.name) return `it is measured in ${measure.name}`;
  return curve.perStep[axis] > 0 ? undefined : 'its file does not tell how long it took';
}

/**
 * What the chart shows of compared runs; `undefined` if there are none.
 *
 * @param onPoint hears the loss of each run, by its place, where the chart points to
 */
export function overlayOf(
  runs: readonly ComparedRun[],
  standing: Standing,
  axis: Axis,
  onPoint: (told: ReadonlyMap<number, string>) => void = () => {},
): Overlay | undefined {
  if (runs.length === 0) return undefined;
  const drawn = runs.flatMap((run) =>
    run.curve && whyNotDrawn(run, standing, axis) === undefined ? [{ ...run, curve: run.curve }] : [],
  );
  // Before it has taken time, the run that stands has nothing to be drawn beside: any scale will do.
  const perStep = standing.perStep?.[axis] || drawn[0]?.curve.perStep[axis] || 1;
  const scaled = drawn.map(({ curve, ...run }) => {
    const scale = ({ steps, figures }: Line): Line => ({
      steps: steps.map((step) => (step * curve.perStep[axis]) / perStep),
      figures,
    });
    const [training, heldOut] = [scale(curve.training), scale(curve.heldOut)];
    return { ...run, training, heldOut, taken: curve.training.steps.at(-1)! };
  });
  const lines = scaled.flatMap(({ training, heldOut }) => [training, heldOut]);
  const count = (step: number) => `${countOf(step * perStep, axis)} ${axisName(axis, standing.unit)}`;
  return {
    perStep,
    steps: [...new Set(lines.flatMap(({ steps }) => steps))].sort((a, b) => a - b),
    figures: lines.flatMap(({ figures }) => figures),
    tick: (amount) => countOf(amount, axis),
    draw: (plot, theme) => drawRuns(plot, theme, scaled),
    summary: summaryOf(scaled, standing, count),
    reading: (step) =>
      (axis === 'steps' ? '' : ` · ${count(step)}`) +
      scaled.map((run) => readingOf(run, step, standing.measure)).join(''),
    point: (step) => {
      const figures = step === null ? [] : scaled.map((run) => [run.place, figureAt(run.training, step)] as const);
      const known = figures.flatMap(([place, figure]) => (figure === undefined ? [] : [[place, figure] as const]));
      onPoint(new Map(known.map(([place, figure]) => [place, formatLoss(figure, standing.measure)])));
    },
  };
}

interface Scaled extends Pick<ComparedRun, 'place' | 'title'> {
  readonly training: Line;
  readonly heldOut: Line;
  /** How many steps it has taken. */
  readonly taken: number;
}

const many = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Characters come in millions. */
const countOf = (amount: number, axis: Axis): string =>
  axis === 'places' ? many.format(amount) : formatCount(Math.round(amount));

function readingOf({ place, training, heldOut }: Scaled, step: number, measure: Measure): string {
  const [inTraining, onHeldOut] = [figureAt(training, step), figureAt(heldOut, step)];
  if (inTraining === undefined) return '';
  const held = onHeldOut === undefined ? '' : `, held out ${formatLoss(onHeldOut, measure)}`;
  return ` · ${letterOf(place)} ${formatLoss(inTraining, measure)}${held}`;
}

/** Where the others were when they had taken as much as the run that stands, or where they ended. */
function summaryOf(runs: readonly Scaled[], { step, measure }: Standing, count: (step: number) => string): string {
  if (runs.length === 0) return '';
  const clauses = runs.map(({ place, title, training, heldOut, taken }) => {
    const then = step > 0 ? figureAt(training, step) : undefined;
    const at = then === undefined ? training.steps.at(-1)! : step;
    const held = then === undefined ? heldOut.figures.at(-1) : figureAt(heldOut, at);
    const figures =
      formatLoss(then ?? training.figures.at(-1)!, measure) +
      (held === undefined ? '' : `, and ${formatLoss(held, measure)} on what is held out`);
    return `${letterOf(place)} (${title}) ${then === undefined ? `ended after ${formatCount(taken)} steps with` : 'had'} ${figures}`;
  });
  return `${step > 0 ? `At ${count(step)}, of those compared,` : 'Of those compared,'} ${clauses.join('; ')}.`;
}
