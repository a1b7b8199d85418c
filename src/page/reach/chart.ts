import uPlot from 'uplot';
import { readTheme, redrawWhenNeeded, type Theme } from '../theme.ts';
import { type Curve, power } from './words.ts';

/** A curve that falls further than this below the highest point leaves the chart. */
const range = 1e-9;

/** What the curves are of: the network that is trained, the same before its first step, and one of another cell. */
const roles = ['trained', 'untrained', 'compared'] as const;
export type Curves = Readonly<Partial<Record<(typeof roles)[number], Curve>>>;

/** The length of the gradient by timesteps back from the loss, on a logarithmic axis, a curve for each network. */
export class ReachChart {
  readonly #host: HTMLElement;
  readonly #plot: uPlot;
  #theme: Theme;
  #curves: Curves = {};

  /** @param onReading hears how far back the pointer is, `null` when it has left */
  constructor(host: HTMLElement, onReading: (back: number | null) => void) {
    this.#host = host;
    this.#theme = readTheme(host);
    this.#plot = new uPlot(this.#options(onReading), [[], [], [], []], host);
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(host);
    redrawWhenNeeded(host, () => {
      this.#theme = readTheme(host);
      this.#plot.setSize(this.#size());
    });
  }

  draw(curves: Curves): void {
    this.#curves = curves;
    const length = Math.max(0, ...Object.values(curves).map(({ norms }) => norms.length));
    const columns = roles.map((role) =>
      Array.from({ length }, (_, back) => {
        const norm = curves[role]?.norms[back] ?? 0;
        return norm > 0 ? norm : null;
      }),
    );
    this.#plot.setData([Array.from({ length }, (_, back) => back), ...columns]);
  }

  #size(): { width: number; height: number } {
    return { width: this.#host.clientWidth, height: this.#host.clientHeight };
  }

  #options(onReading: (back: number | null) => void): uPlot.Options {
    const theme = () => this.#theme;
    const axis: uPlot.Axis = {
      stroke: () => theme().muted,
      font: this.#theme.font,
      labelFont: this.#theme.font,
      grid: { stroke: () => theme().line, width: 1 },
      ticks: { show: false },
      border: { show: true, stroke: () => theme().line, width: 1 },
    };
    // What has not been trained is a sketch: dashed.
    const line = uPlot.paths.linear!();
    const paths: uPlot.Series.PathBuilder = (plot, index, from, to) => {
      plot.series[index]!.dash = this.#curves[roles[index - 1]!]?.step === 0 ? [4, 4] : [];
      return line(plot, index, from, to);
    };
    const curve = { spanGaps: false, points: { show: false }, paths };
    return {
      ...this.#size(),
      legend: { show: false },
      padding: [8, 16, 0, 0],
      cursor: { y: false, drag: { setScale: false, x: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: () => [0, this.#farthest()] },
        y: { distr: 3, range: () => this.#range() },
      },
      axes: [
        { ...axis, space: 48, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200], grid: { show: false } },
        {
          ...axis,
          size: 44,
          splits: (_, __, low, high) => decades(low, high),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map((split) => power(Math.round(Math.log10(split)))),
        },
      ],
      series: [
        {},
        { ...curve, stroke: () => theme().accent, width: 2 },
        { ...curve, stroke: () => theme().accent, width: 1.5 },
        { ...curve, stroke: () => theme().ink, width: 1.5 },
      ],
      hooks: {
        setCursor: [
          ({ cursor }) => {
            const outside = cursor.idx === null || cursor.idx === undefined || (cursor.left ?? -1) < 0;
            onReading(outside ? null : cursor.idx!);
          },
        ],
      },
    };
  }

  /** How far back the farther of the curves is still within the chart; a little more, to see it leave. */
  #farthest(): number {
    const [low] = this.#range();
    const lengths = Object.values(this.#curves).map(({ norms }) => norms.length - 1);
    const visible = Object.values(this.#curves).map(({ norms }) => norms.findLastIndex((norm) => norm >= low) + 2);
    return Math.max(1, Math.min(Math.max(...visible, 1), Math.max(...lengths, 1)));
  }

  #range(): [number, number] {
    const norms = Object.values(this.#curves).flatMap(({ norms }) => Array.from(norms).filter((norm) => norm > 0));
    const high = Math.max(...norms, 1e-30);
    const low = Math.max(Math.min(...norms, high), high * range);
    return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high))];
  }
}

/** Powers of ten from `low` to `high`, a handful of them. */
function decades(low: number, high: number): number[] {
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const every = Math.ceil((last - first) / 5) || 1;
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, i) => 10 ** (last - i * every)).reverse();
}
