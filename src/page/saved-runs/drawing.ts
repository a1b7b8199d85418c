import uPlot from 'uplot';
import type { Theme } from '../theme.ts';
import { letterOf } from './choice.ts';
import type { Line } from './curves.ts';

/** How the lines of each place are drawn on the chart: dashes and marks tell them apart without their colours. */
const styles = [
  { colour: '--run-a', dash: [], mark: circle },
  { colour: '--run-b', dash: [8, 3], mark: square },
  { colour: '--run-c', dash: [2, 2], mark: diamond },
  { colour: '--run-d', dash: [10, 3, 2, 3], mark: triangle },
  { colour: '--run-e', dash: [4, 2], mark: cross },
] as const;

/** Marks nearer to each other than this, in CSS pixels, would only be a blur. */
const markEvery = 18;

/** A compared run's lines, on an axis of the chart's own steps. */
export interface Drawn {
  readonly place: number;
  readonly training: Line;
  readonly heldOut: Line;
}

/** Draws the lines of compared runs, each with its letter at the end. */
export function drawRuns(plot: uPlot, theme: Theme, runs: readonly Drawn[]): void {
  const { ctx, bbox } = plot;
  const style = getComputedStyle(plot.root);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { place, training, heldOut } of runs) {
    const { dash, mark } = styles[place]!;
    ctx.strokeStyle = ctx.fillStyle = colourOf(style, place, theme);
    const dashes = dash.map((length) => length * uPlot.pxRatio);
    ctx.lineWidth = uPlot.pxRatio;
    trace(plot, training, dashes);
    ctx.lineWidth = 1.75 * uPlot.pxRatio;
    const places = trace(plot, heldOut, dashes);
    ctx.setLineDash([]);
    let last = Number.NEGATIVE_INFINITY;
    for (const [x, y] of places) {
      if (x - last < markEvery * uPlot.pxRatio) continue;
      last = x;
      ctx.beginPath();
      mark(ctx, x, y, 3 * uPlot.pxRatio);
      ctx.fill();
      ctx.stroke();
    }
  }
  const letters: Place[] = [];
  for (const { place, training, heldOut } of runs) {
    const end = endOf(plot, heldOut) ?? endOf(plot, training);
    if (end) letters.push(drawLetter(plot, theme, place, end, letters, style));
  }
  ctx.restore();
}

type Place = readonly [x: number, y: number];

const placeOf = (plot: uPlot, step: number, figure: number): Place => [
  plot.valToPos(step, 'x', true),
  plot.valToPos(figure, 'y', true),
];

/** Where a line ends on the canvas. */
function endOf(plot: uPlot, { steps, figures }: Line): Place | undefined {
  const [step, figure] = [steps.at(-1), figures.at(-1)];
  return step === undefined || figure === undefined ? undefined : placeOf(plot, step, figure);
}

/** Draws a line, and returns where its points lie. */
function trace(plot: uPlot, { steps, figures }: Line, dashes: number[]): readonly Place[] {
  const { ctx } = plot;
  const places = steps.flatMap((step, i) => (figures[i]! > 0 ? [placeOf(plot, step, figures[i]!)] : []));
  ctx.setLineDash(dashes);
  ctx.beginPath();
  for (const [x, y] of places) ctx.lineTo(x, y);
  ctx.stroke();
  return places;
}

/** A letter above the end of a line, within the chart and beside those that are there; returns where it stands. */
function drawLetter(
  plot: uPlot,
  theme: Theme,
  place: number,
  [x, y]: Place,
  others: readonly Place[],
  style: CSSStyleDeclaration,
): Place {
  const { ctx, bbox } = plot;
  const size = 8 * uPlot.pxRatio;
  const top = Math.min(Math.max(y - 1.75 * size, bbox.top + size), bbox.top + bbox.height - size);
  let left = Math.min(x, bbox.left + bbox.width - size);
  while (others.some((other) => Math.hypot(other[0] - left, other[1] - top) < 2.2 * size)) left -= 2.25 * size;
  ctx.beginPath();
  ctx.arc(left, top, size, 0, 2 * Math.PI);
  ctx.fillStyle = theme.paper;
  ctx.fill();
  ctx.strokeStyle = colourOf(style, place, theme);
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  ctx.stroke();
  ctx.fillStyle = theme.ink;
  ctx.font = `600 ${theme.font.replace(/[\d.]+px/, `${11 * uPlot.pxRatio}px`)}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(letterOf(place), left, top);
  return [left, top];
}

const colourOf = (style: CSSStyleDeclaration, place: number, { ink }: Theme): string =>
  style.getPropertyValue(styles[place]!.colour).trim() || ink;

function circle(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.arc(x, y, size, 0, 2 * Math.PI);
}

function square(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.rect(x - size, y - size, 2 * size, 2 * size);
}

function diamond(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  polygon(ctx, [
    [x, y - 1.4 * size],
    [x + 1.4 * size, y],
    [x, y + 1.4 * size],
    [x - 1.4 * size, y],
  ]);
}

function triangle(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  polygon(ctx, [
    [x, y - 1.3 * size],
    [x + 1.3 * size, y + size],
    [x - 1.3 * size, y + size],
  ]);
}

function cross(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x - size, y + size);
  ctx.lineTo(x + size, y - size);
}

function polygon(ctx: CanvasRenderingContext2D, [first, ...others]: readonly Place[]): void {
  ctx.moveTo(...first!);
  for (const place of others) ctx.lineTo(...place);
  ctx.closePath();
}
