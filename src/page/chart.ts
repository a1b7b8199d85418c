import uPlot from 'uplot';
import type { Level } from '../data/baselines-worker.ts';
import { figureOf, type Measure } from '../data/measure.ts';
import { formatCount } from '../format.ts';
import type { Curves } from './history.ts';
import { drawLabels, drawLines, gutterWidth } from './level-lines.ts';
import { logarithmicTicks, lossRange, stepRange } from './levels.ts';
import type { Overlay } from './overlay.ts';
import type { Looked } from './state.ts';
import { readTheme, redrawWhenNeeded, type Theme } from './theme.ts';

/** What the pointer is on. */
export interface Reading {
  readonly step: number;
  readonly training: number | null;
  readonly validation: number | null;
}

/** Steps are whole: so are the distances between their ticks. */
const wholeIncrements = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** The loss over the steps, on a logarithmic axis, with the level lines of simpler models. */
export class LossChart {
  readonly #host: HTMLElement;
  readonly #curves: Curves;
  readonly #plot: uPlot;
  #theme: Theme;
  #levels: readonly Level[] = [];
  #measure: Measure;
  #best: Looked | null = null;
  #goal = 1;
  #overlay: Overlay | undefined;

  /**
   * @param measure how losses are told, until `draw` says otherwise
   * @param onReading hears what the pointer is on, `null` when it has left
   */
  constructor(host: HTMLElement, curves: Curves, measure: Measure, onReading: (reading: Reading | null) => void) {
    this.#measure = measure;
    this.#host = host;
    this.#curves = curves;
    this.#theme = readTheme(host);
    this.#plot = new uPlot(this.#options(onReading), this.#data(), host);
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(host);
    host.tabIndex = 0;
    host.addEventListener('keydown', (event) => this.#move(event));
    redrawWhenNeeded(host, () => {
      this.#theme = readTheme(host);
      this.#plot.setSize(this.#size());
    });
  }

  /** Draws what the curves hold by now with what is compared, and marks the best on what is held out. */
  draw(levels: readonly Level[], measure: Measure, goal: number, best: Looked | null, overlay?: Overlay): void {
    const before = this.#perStep;
    this.#overlay = overlay;
    this.#measure = measure;
    this.#levels = levels;
    this.#best = best;
    this.#goal = goal;
    this.#plot.setData(this.#data());
    // Where no end of an axis has moved, its ticks would stay.
    if (this.#perStep !== before) this.#plot.redraw(false, true);
  }

  #data(): uPlot.AlignedData {
    const { training, validation } = this.#curves;
    return uPlot.join([
      [training.steps, training.losses, training.smoothed],
      [validation.steps, validation.losses],
      // Where others went on, a reading is of them alone.
      [this.#overlay?.steps.filter((step) => step > (training.steps.at(-1) ?? 0)) ?? []],
    ]);
  }

  /** The arrow keys go from point to point, Home and End to the first and the last, as the pointer does. */
  #move(event: KeyboardEvent): void {
    const [steps] = this.#plot.data;
    const last = steps.length - 1;
    const at = (this.#plot.cursor.left ?? -1) < 0 ? last + 1 : (this.#plot.cursor.idx ?? last);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = steps[Math.max(0, Math.min(last, to))]!;
    this.#plot.setCursor({ left: this.#plot.valToPos(step, 'x'), top: 0 });
  }

  #size(): { width: number; height: number } {
    return { width: this.#host.clientWidth, height: this.#host.clientHeight };
  }

  #options(onReading: (reading: Reading | null) => void): uPlot.Options {
    const theme = () => this.#theme;
    const axis: uPlot.Axis = {
      stroke: () => theme().muted,
      font: this.#theme.font,
      grid: { show: false },
      ticks: { stroke: () => theme().line, width: 1, size: 4 },
      border: { show: true, stroke: () => theme().line, width: 1 },
    };
    const curve = { spanGaps: true, points: { show: false } };
    return {
      ...this.#size(),
      legend: { show: false },
      padding: [12, () => gutterWidth(this.#plot, this.#levels, this.#measure, this.#theme), 0, 0],
      cursor: { y: false, drag: { setScale: false, x: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [0, this.#lastStep()] },
        y: { distr: 3, range: () => this.#lossRange() },
      },
      axes: [
        {
          ...axis,
          space: 64,
          size: 28,
          incrs: () => wholeIncrements.map((count) => count / this.#perStep),
          // Round numbers of what the axis counts, which steps need not be.
          splits: (_, __, ___, high, every) =>
            Array.from({ length: Math.floor(high / every + 1e-6) + 1 }, (_, i) => i * every),
          values: (_, splits) => splits.map((step) => (this.#overlay?.tick ?? formatCount)(step * this.#perStep)),
        },
        {
          ...axis,
          size: 36,
          splits: (plot, _, low, high) => logarithmicTicks(low, high, plot.bbox.height / uPlot.pxRatio, 28),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map(String),
        },
      ],
      series: [
        {},
        { ...curve, stroke: () => `color-mix(in srgb, ${theme().accent} 35%, transparent)`, width: 1 },
        { ...curve, stroke: () => theme().accent, width: 2 },
        {
          spanGaps: true,
          stroke: () => theme().ink,
          width: 1.25,
          dash: [5, 3],
          points: { show: true, size: 5, width: 1.25, fill: () => theme().paper, stroke: () => theme().ink },
        },
      ],
      hooks: {
        drawAxes: [
          (plot) => drawLines(plot, this.#levels, this.#theme),
          (plot) => this.#overlay?.draw(plot, this.#theme),
        ],
        draw: [(plot) => drawLabels(plot, this.#levels, this.#measure, this.#theme), (plot) => this.#markBest(plot)],
        setLegend: [(plot) => onReading(readingAt(plot))],
      },
    };
  }

  get #perStep(): number {
    return this.#overlay?.perStep ?? 1;
  }

  /** Where the axis of steps ends: at a round number of what it counts. */
  #lastStep(): number {
    const last = Math.max(this.#curves.training.steps.at(-1) ?? 0, this.#overlay?.steps.at(-1) ?? 0);
    return stepRange(last * this.#perStep, this.#goal * this.#perStep) / this.#perStep;
  }

  #lossRange(): [number, number] {
    const { training, validation } = this.#curves;
    const best = this.#best === null ? [] : [figureOf(this.#measure, this.#best.loss)];
    return lossRange(this.#levels, [
      ...training.smoothed,
      ...validation.losses,
      ...best,
      ...(this.#overlay?.figures ?? []),
    ]);
  }

  #markBest({ ctx, valToPos }: uPlot): void {
    if (this.#best === null) return;
    const { warm, paper } = this.#theme;
    const at = [
      valToPos(this.#best.step, 'x', true),
      valToPos(figureOf(this.#measure, this.#best.loss), 'y', true),
    ] as const;
    ctx.save();
    ctx.beginPath();
    ctx.arc(...at, 5 * uPlot.pxRatio, 0, 2 * Math.PI);
    ctx.fillStyle = warm;
    ctx.fill();
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    ctx.strokeStyle = paper;
    ctx.stroke();
    ctx.restore();
  }
}

function readingAt(plot: uPlot): Reading | null {
  const at = plot.cursor.idx;
  if (at === null || at === undefined || (plot.cursor.left ?? -1) < 0) return null;
  const [steps, , smoothed, validation] = plot.data as (ArrayLike<number | null> | undefined)[];
  const step = steps?.[at];
  if (step === null || step === undefined) return null;
  return { step, training: smoothed?.[at] ?? null, validation: validation?.[at] ?? null };
}
