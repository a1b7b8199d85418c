import uPlot from 'uplot';
import { formatCount } from '../../format.ts';
import type { Prediction } from '../../training/looks/prediction.ts';
import { readTheme, redrawWhenNeeded, type Theme } from '../theme.ts';
import { formatValue } from './words.ts';

/** Rows are whole: so are the distances between their ticks. */
const wholeIncrements = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** What was measured as dots, what is predicted as a line, the forecast dashed: row by row, in the variable's own unit. */
export class PredictionChart {
  readonly #host: HTMLElement;
  readonly #plot: uPlot;
  #theme: Theme;
  #prediction: Prediction | undefined;

  /** @param onReading hears which row the pointer is on, counted from the first, `null` when it has left */
  constructor(host: HTMLElement, onReading: (index: number | null) => void) {
    this.#host = host;
    this.#theme = readTheme(host);
    this.#plot = new uPlot(this.#options(onReading), [[], [], [], []], host);
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(host);
    redrawWhenNeeded(host, () => {
      this.#theme = readTheme(host);
      this.#plot.setSize(this.#size());
    });
  }

  /** Shows a prediction, or nothing. */
  draw(prediction: Prediction | undefined): void {
    this.#prediction = prediction;
    const none = new Float64Array();
    const { first = 1, values = none, predicted = none, forecast = none } = prediction ?? {};
    const known = (of: Float64Array) => Array.from(of, (value) => (Number.isFinite(value) ? value : null));
    const rows = Array.from(values, (_, i) => first + i);
    this.#plot.setData([rows, known(values), known(predicted), known(forecast)]);
  }

  #size(): { width: number; height: number } {
    return { width: this.#host.clientWidth, height: this.#host.clientHeight };
  }

  #options(onReading: (index: number | null) => void): uPlot.Options {
    const theme = () => this.#theme;
    const axis: uPlot.Axis = {
      stroke: () => theme().muted,
      font: this.#theme.font,
      grid: { stroke: () => theme().line, width: 1 },
      ticks: { show: false },
      border: { show: true, stroke: () => theme().line, width: 1 },
    };
    return {
      ...this.#size(),
      legend: { show: false },
      padding: [8, 12, 0, 0],
      cursor: { y: false, drag: { setScale: false, x: false }, points: { size: 6 } },
      scales: { x: { time: false }, y: { range: () => this.#range() } },
      axes: [
        {
          ...axis,
          space: 56,
          size: 26,
          incrs: wholeIncrements,
          grid: { show: false },
          values: (_, splits) => splits.map(formatCount),
        },
        { ...axis, space: 32, size: 52, values: (_, splits) => splits.map(formatValue) },
      ],
      series: [
        {},
        {
          stroke: () => theme().muted,
          width: 0,
          paths: () => null,
          points: { show: true, size: 3.5, width: 0, fill: () => theme().ink },
        },
        { stroke: () => theme().accent, width: 2, points: { show: false } },
        { stroke: () => theme().warm, width: 2, dash: [6, 3], points: { show: false } },
      ],
      hooks: {
        drawAxes: [(plot) => this.#markBeginning(plot)],
        setLegend: [({ cursor }) => onReading((cursor.left ?? -1) < 0 ? null : (cursor.idx ?? null))],
      },
    };
  }

  /** Where the forecast begins. */
  #markBeginning({ ctx, bbox, valToPos }: uPlot): void {
    if (!this.#prediction) return;
    const { first, from } = this.#prediction;
    const x = Math.round(valToPos(first + from - 0.5, 'x', true));
    if (x < bbox.left) return;
    ctx.save();
    ctx.fillStyle = this.#theme.muted;
    ctx.fillRect(x, bbox.top, Math.max(1, Math.round(uPlot.pxRatio)), bbox.height);
    ctx.restore();
  }

  /**
   * From the least to the greatest of what was measured, and a quarter of that beyond: so that the axis stays as it is from one
   * look to the next. What a network says far beyond leaves the chart.
   */
  #range(): [number, number] {
    const known = Array.from(this.#prediction?.values ?? []).filter((value) => Number.isFinite(value));
    if (known.length === 0) return [-1, 1];
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const margin = (high - low || Math.abs(high) || 1) / 4;
    return [low - margin, high + margin];
  }
}
