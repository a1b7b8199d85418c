/** Plots with two logarithmic axes, as SVG: sharp on paper, in the page's colours, and with words in it. */

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Stands beside it. */
  readonly label?: string;
  /** What a pointer that rests on it is told. */
  readonly tip: string;
}

export interface Series {
  /** The class that gives it its looks. */
  readonly look: string;
  readonly points: readonly Point[];
  /** Whether a line joins its points, and whether each has a mark. */
  readonly line: boolean;
  readonly marks: boolean;
}

export interface Plot {
  /** What it shows, for those who cannot see it. */
  readonly summary: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

interface Scale {
  readonly low: number;
  readonly high: number;
  place(value: number): number;
}

const margin = { top: 24, right: 16, bottom: 40, left: 52 };
const namespace = 'http://www.w3.org/2000/svg';

/** A plot that keeps to the width of its host. */
export class PlotView {
  readonly element: HTMLElement;
  #plot: Plot;

  constructor(plot: Plot, className: string) {
    this.element = document.createElement('div');
    this.element.className = `plot ${className}`;
    this.#plot = plot;
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  show(plot: Plot): void {
    this.#plot = plot;
    this.#draw();
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width > 0 && height > 0) this.element.replaceChildren(draw(this.#plot, width, height));
  }
}

function draw({ summary, x, y, series }: Plot, width: number, height: number): SVGElement {
  const points = series.flatMap(({ points }) => points);
  const across = scale(
    points.map(({ x }) => x),
    margin.left,
    width - margin.right,
  );
  const up = scale(
    points.map(({ y }) => y),
    height - margin.bottom,
    margin.top,
  );
  const places = series.map(({ points }) =>
    points.map((point) => ({ ...point, at: [across.place(point.x), up.place(point.y)] as const })),
  );
  const labels = new Labels(
    width,
    height,
    places.flat().map(({ at }) => at),
  );
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': summary },
    ...axisAcross(across, x, width, height),
    ...axisUp(up, y, width),
    ...series.flatMap(({ look, line, marks }, i) => {
      const own = places[i]!;
      const path = own.map(({ at }) => at.map((value) => value.toFixed(1)).join(',')).join(' ');
      return [
        ...(line ? [svg('polyline', { class: `curve ${look}`, points: path })] : []),
        ...(marks ? own : []).map(({ at: [cx, cy], tip, label }) =>
          svg(
            'g',
            { class: `spot ${look}` },
            svg('circle', { cx, cy, r: 4 }),
            svg('title', {}, tip),
            ...(label === undefined ? [] : labels.beside(label, cx, cy)),
          ),
        ),
      ];
    }),
  );
}

/** From the nearest round number below all values to the nearest above them. */
function scale(values: readonly number[], from: number, to: number): Scale {
  const low = roundDown(Math.min(...values));
  const high = Math.max(roundUp(Math.max(...values)), low * 2);
  const length = Math.log(high / low);
  return { low, high, place: (value) => from + ((to - from) * Math.log(value / low)) / length };
}

const digits = [1, 2, 5, 10];

function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * digits.findLast((digit) => digit * power <= value * 1.0001)!;
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * digits.find((digit) => digit * power >= value * 0.9999)!;
}

/** Round numbers within a scale, no closer together than `room`. */
function ticks({ low, high, place }: Scale, room: number): number[] {
  const decades = Math.ceil(Math.log10(high / low)) + 1;
  const first = 10 ** Math.floor(Math.log10(low) + 1e-9);
  for (const set of [[1, 2, 5], [1, 3], [1]]) {
    const all = Array.from({ length: decades }, (_, i) => set.map((digit) => digit * first * 10 ** i)).flat();
    const within = all.filter((value) => value >= low * 0.999 && value <= high * 1.001);
    const gaps = within.slice(1).map((value, i) => Math.abs(place(value) - place(within[i]!)));
    if (within.length > 1 && gaps.every((gap) => gap >= room)) return within;
  }
  // More than fit even so: every so many-th power of ten.
  const all = Array.from({ length: decades }, (_, i) => first * 10 ** i).filter((v) => v >= low * 0.999);
  const every = Math.ceil(room / Math.max(1, Math.abs(place(10 * low) - place(low))));
  return all.filter((_, i) => i % every === 0);
}

function axisAcross(scale: Scale, label: string, width: number, height: number): SVGElement[] {
  const bottom = height - margin.bottom;
  return [
    ...ticks(scale, 44).flatMap((value) => [
      svg('line', { class: 'grid', x1: scale.place(value), x2: scale.place(value), y1: margin.top, y2: bottom }),
      svg('text', { x: scale.place(value), y: bottom + 16, 'text-anchor': 'middle' }, short(value)),
    ]),
    svg('text', { x: (margin.left + width - margin.right) / 2, y: height - 6, 'text-anchor': 'middle' }, label),
  ];
}

function axisUp(scale: Scale, label: string, width: number): SVGElement[] {
  return [
    ...ticks(scale, 24).flatMap((value) => [
      svg('line', {
        class: 'grid',
        x1: margin.left,
        x2: width - margin.right,
        y1: scale.place(value),
        y2: scale.place(value),
      }),
      svg('text', { x: margin.left - 6, y: scale.place(value) + 4, 'text-anchor': 'end' }, short(value)),
    ]),
    svg('text', { x: 0, y: 12 }, label),
  ];
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];

/** 2500 as 2.5k */
function short(value: number): string {
  const power = Math.max(0, Math.floor(Math.log10(value * 1.0001) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))}${prefixes[power] ?? ''}`;
}

/** Finds room for words beside points, where they cover neither points nor each other. */
class Labels {
  readonly #width: number;
  readonly #height: number;
  readonly #taken: (readonly [left: number, top: number, right: number, bottom: number])[];

  constructor(width: number, height: number, points: readonly (readonly [number, number])[]) {
    this.#width = width;
    this.#height = height;
    this.#taken = points.map(([x, y]) => [x - 4, y - 4, x + 4, y + 4]);
  }

  beside(label: string, x: number, y: number): SVGElement[] {
    const width = 7 * label.length;
    const height = 13;
    for (const distance of [0, 12, 24, 36, 48]) {
      for (const [left, middle] of [
        [x + 8, y + distance],
        [x - 8 - width, y + distance],
        [x + 8, y - distance],
        [x - 8 - width, y - distance],
        [x - width / 2, y - 12 - distance],
        [x - width / 2, y + 12 + distance],
      ] as const) {
        const box = [left, middle - height / 2, left + width, middle + height / 2] as const;
        const inside =
          box[0] >= margin.left &&
          box[2] <= this.#width &&
          box[1] >= margin.top &&
          box[3] <= this.#height - margin.bottom;
        const free = this.#taken.every(
          (other) => box[2] <= other[0] || box[0] >= other[2] || box[3] <= other[1] || box[1] >= other[3],
        );
        if (!inside || !free) continue;
        this.#taken.push(box);
        const text = svg('text', { x: left, y: middle + 4 }, label);
        if (distance < 12) return [text];
        const end = left > x ? left - 2 : left + width < x ? left + width + 2 : x;
        return [svg('line', { class: 'leader', x1: x, y1: y, x2: end, y2: middle }), text];
      }
    }
    return [];
  }
}

function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...contents: readonly (Node | string)[]
): SVGElement {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  }
  element.append(...contents);
  return element;
}
