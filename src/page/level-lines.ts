import uPlot from 'uplot';
import type { Level } from '../data/baselines-worker.ts';
import type { Measure } from '../data/measure.ts';
import { placeLabels } from '../figures/axes.ts';
import { formatLoss } from '../format.ts';
import { briefName } from './levels.ts';
import type { Theme } from './theme.ts';

/** The level lines across a chart's canvas, and their labels in the gutter to its right. All in canvas pixels. */

const labelGap = 15;
const leader = 14;

/** The floor is ground: nothing gets below it. The other levels are dotted lines. */
export function drawLines(plot: uPlot, levels: readonly Level[], theme: Theme): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = uPlot.pxRatio;
  for (const level of levels) {
    const y = lineOf(plot, level);
    if (level.floor) {
      ctx.fillStyle = theme.ground;
      ctx.fillRect(bbox.left, y, bbox.width, bbox.top + bbox.height - y);
      ctx.strokeStyle = theme.ink;
      ctx.setLineDash([]);
    } else {
      ctx.strokeStyle = theme.muted;
      ctx.setLineDash([uPlot.pxRatio, 3 * uPlot.pxRatio]);
    }
    stroke(ctx, [bbox.left, y], [bbox.left + bbox.width, y]);
  }
  ctx.restore();
}

/** Each label beside its line, or as near as its neighbours let it, with a leader to the line. */
export function drawLabels(plot: uPlot, levels: readonly Level[], measure: Measure, theme: Theme): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const sorted = [...levels].sort((a, b) => b.figure - a.figure);
  const lines = sorted.map((level) => lineOf(plot, level));
  const half = (labelGap / 2) * ratio;
  const places = placeLabels(lines, labelGap * ratio, bbox.top + half - 8 * ratio, bbox.top + bbox.height - half);
  const right = bbox.left + bbox.width;
  const brief = isBrief(plot);
  ctx.save();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = ratio;
  sorted.forEach((level, i) => {
    const line = lines[i] ?? 0;
    const place = places[i] ?? line;
    ctx.strokeStyle = theme.line;
    stroke(ctx, [right + 2 * ratio, line], [right + leader * ratio, place]);
    ctx.font = canvasFont(theme, level);
    ctx.fillStyle = level.floor ? theme.ink : theme.muted;
    ctx.fillText(labelOf(level, measure, brief), right + (leader + 3) * ratio, place);
  });
  ctx.restore();
}

/** How much room the labels need, in CSS pixels. */
export function gutterWidth(plot: uPlot | undefined, levels: readonly Level[], measure: Measure, theme: Theme): number {
  if (!plot || levels.length === 0) return 16;
  const { ctx } = plot;
  const brief = isBrief(plot);
  ctx.save();
  const widths = levels.map((level) => {
    ctx.font = canvasFont(theme, level);
    return ctx.measureText(labelOf(level, measure, brief)).width / uPlot.pxRatio;
  });
  ctx.restore();
  return Math.ceil(Math.max(...widths)) + leader + 8;
}

function lineOf(plot: uPlot, level: Level): number {
  return Math.round(plot.valToPos(level.figure, 'y', true)) + 0.5;
}

function labelOf(level: Level, measure: Measure, brief: boolean): string {
  return `${formatLoss(level.figure, measure)} ${brief ? briefName(level.name) : level.name}`;
}

function isBrief(plot: uPlot): boolean {
  return plot.width < 560;
}

function canvasFont(theme: Theme, level: Level): string {
  const font = theme.font.replace(/[\d.]+px/, (size) => `${Number.parseFloat(size) * uPlot.pxRatio}px`);
  return level.floor ? `600 ${font}` : font;
}

function stroke(ctx: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
