import uPlot from 'uplot';
import type { Curve } from '../../experiment/curves.ts';
import type { ExperimentOptions } from '../../experiment/options.ts';
import { looksOf } from '../../experiment/plot.ts';
import type { Palette } from '../../figures/figure.ts';
import { make } from '../dom.ts';
import { readTheme } from '../theme.ts';

/** The plot's colours as the style sheet has them at the moment. */
export function readPalette(host: HTMLElement): Palette {
  const probe = make('span', { hidden: true, style: 'forced-color-adjust: none' });
  host.append(probe);
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  // An element knows the system's colours, some of them translucent; a pixel has any as red, green and blue.
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    context.fillStyle = getComputedStyle(probe).color;
    context.clearRect(0, 0, 1, 1);
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return `#${[red!, green!, blue!].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  };
  const palette = {
    paper: colour('paper'),
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    network: colour('accent'),
    heldOut: colour('held-out'),
    nGrams: [colour('n-gram-short'), colour('n-gram-long')],
  } as const satisfies Palette;
  probe.remove();
  return palette;
}

/** How many trials reached at least which length: «Matching String Length» across, «Trials» up, a point for each n. */
export class MatchingChart {
  readonly #host: HTMLElement;
  readonly #onReading: (n: number | null) => void;
  #plot: uPlot | undefined;
  #curves: readonly Curve[] = [];
  /** The axes' ends before there is a curve. */
  #reach = { trials: 1, length: 1 };

  /** @param onReading hears which length the pointer is on, `null` when it has left */
  constructor(host: HTMLElement, onReading: (n: number | null) => void) {
    this.#host = host;
    this.#onReading = onReading;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(host);
  }

  /** Draws these curves in the present theme; axes as `options` have them while there are none. */
  draw(curves: readonly Curve[], { trials, length }: ExperimentOptions): void {
    this.#curves = curves;
    this.#reach = { trials, length };
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(), this.#data(), this.#host);
    // Without a plot its place is lower: only now has it the room to fill.
    this.#plot.setSize(this.#size());
  }

  #data(): uPlot.AlignedData {
    const ends = this.#curves.map(({ counts }) => counts.length - 1);
    const longest = ends.length > 0 ? Math.max(...ends) : this.#reach.length;
    const lengths = Array.from({ length: longest + 1 }, (_, n) => n);
    return [lengths, ...this.#inDrawingOrder().map(({ counts }) => lengths.map((n) => counts[n] ?? null))];
  }

  /** The latest on top. */
  #inDrawingOrder(): Curve[] {
    return this.#curves.toReversed();
  }

  #size(): { width: number; height: number } {
    return { width: this.#host.clientWidth, height: this.#host.clientHeight };
  }

  #options(): uPlot.Options {
    const theme = readTheme(this.#host);
    const palette = readPalette(this.#host);
    const looks = looksOf(this.#curves, palette).toReversed();
    const axis: uPlot.Axis = {
      stroke: theme.muted,
      font: theme.font,
      labelFont: theme.font,
      labelSize: 20,
      grid: { show: false },
      ticks: { stroke: theme.line, width: 1, size: 4 },
      border: { show: true, stroke: theme.line, width: 1 },
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000],
    };
    return {
      ...this.#size(),
      legend: { show: false },
      padding: [12, 16, 0, 0],
      cursor: { y: false, drag: { setScale: false, x: false }, points: { show: false } },
      scales: {
        x: { time: false, range: (_, __, high) => [0, high] },
        y: { range: (_, __, high) => [0, high ?? this.#reach.trials] },
      },
      axes: [
        { ...axis, space: 48, size: 28, label: 'Matching String Length' },
        { ...axis, space: 36, size: 44, label: 'Trials', grid: { show: true, stroke: theme.line, width: 1 } },
      ],
      series: [
        {},
        ...looks.map(
          ({ colour, width, dash, radius, hollow }): uPlot.Series => ({
            stroke: colour,
            width,
            dash: [...dash],
            points: {
              show: radius > 0,
              size: 2 * radius,
              width: 1,
              stroke: colour,
              fill: hollow ? palette.paper : colour,
            },
          }),
        ),
      ],
      hooks: { setLegend: [(plot) => this.#onReading(lengthAt(plot))] },
    };
  }
}

function lengthAt(plot: uPlot): number | null {
  return (plot.cursor.left ?? -1) < 0 ? null : (plot.cursor.idx ?? null);
}
