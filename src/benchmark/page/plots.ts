import { formatCount, formatFigure } from '../../format.ts';
import { type Axis, type Curve, curvesOver } from '../curves.ts';
import type { Kernels, Results, Task } from '../results.ts';
import { type Roof, rate, shareOf } from '../roofline.ts';
import { sizeName } from '../sizes.ts';
import { charactersPerSecond } from '../steps.ts';
import type { Plot, Series } from './plot.ts';

/** Kernels under the roof of their device: how much they do for each byte, and how fast. Those that only move do not show. */
export function rooflineOf({ size, dispatches }: Kernels, roof: Roof, theirs?: Kernels): Plot {
  const series = (kernels: Kernels['dispatches'], look: string, labelled: boolean): Series => ({
    look,
    line: false,
    marks: true,
    points: kernels
      .map((dispatch, i) => ({ dispatch, number: i + 1 }))
      .filter(({ dispatch: { operations } }) => operations > 0)
      .map(({ dispatch, number }) => ({
        x: dispatch.operations / dispatch.bytes,
        y: rate(dispatch.operations, dispatch.milliseconds),
        ...(labelled && { label: `${number} ${dispatch.kernel}` }),
        tip: `${dispatch.kernel}: ${formatFigure(rate(dispatch.operations, dispatch.milliseconds) / 1e9)} GFLOP/s, ${formatFigure(100 * shareOf(dispatch, roof))} % of the floor`,
      })),
  });
  const ours = series(dispatches, 'ours webgpu', true);
  const others = theirs ? [series(theirs.dispatches, 'theirs webgpu', false)] : [];
  const intensities = ours.points.map(({ x }) => x);
  const ridge = roof.operations / roof.bytes;
  const ends = [Math.min(...intensities, ridge / 4), ridge, Math.max(...intensities, ridge * 4)];
  const roofLine: Series = {
    look: 'roof',
    line: true,
    marks: false,
    points: ends.map((x) => ({ x, y: Math.min(x * roof.bytes, roof.operations), tip: '' })),
  };
  const reached = dispatches.reduce((best, dispatch) => Math.max(best, shareOf(dispatch, roof)), 0);
  return {
    summary: `Roofline of the kernels at ${sizeName(size)}. The roof: ${formatFigure(roof.operations / 1e9)} GFLOP/s and ${formatFigure(roof.bytes / 1e9)} GB/s. The best kernel reaches ${formatFigure(reached * 100)} % of its floor.`,
    x: 'operations for each byte',
    y: 'operations a second',
    series: [roofLine, ...others, ours],
  };
}

const axisNames: Readonly<Record<Axis, string>> = { T: 'T, timesteps', B: 'B, rows', H: 'H, hidden units' };

/** Characters a second along an axis, a curve for each engine. `undefined` where there are none yet. */
export function curvesPlot(axis: Axis, task: Task, results: Results, theirs?: Results): Plot | undefined {
  const series = (curves: readonly Curve[], look: string): Series[] =>
    curves.map(({ engine, strategy, points }) => ({
      look: `${look} ${engine}`,
      line: true,
      marks: true,
      points: points.map((point) => ({
        x: point.size[axis],
        y: charactersPerSecond(point),
        tip: `${engine === strategy ? engine : `${engine}, ${strategy}`}, ${axis} ${point.size[axis]}: ${formatCount(charactersPerSecond(point))} characters/s`,
      })),
    }));
  const ours = series(curvesOver(axis, task, results), 'ours');
  if (ours.length === 0) return undefined;
  const others = theirs ? series(curvesOver(axis, task, theirs), 'theirs') : [];
  const verb = task === 'training' ? 'learned' : 'written';
  const told = ours.map(({ points }) => points.map(({ tip }) => tip).join('; ')).join('. ');
  return {
    summary: `Characters ${verb} a second over ${axisNames[axis]}. ${told}.`,
    x: axisNames[axis],
    y: `characters/s ${verb}`,
    series: [...others, ...ours],
  };
}
