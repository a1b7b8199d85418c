import { formatCount } from '../../format.ts';
import type { Reading } from '../../training/looks/reading.ts';
import type { Theme } from '../theme.ts';
import { Colours } from './colours.ts';
import { strengthOf } from './surprise.ts';
import { linesOf, type Quantity, rangeOf, valueAt, valuesOf } from './units.ts';
import { formatScale, signOf } from './words.ts';

/** What to draw. */
export interface Picture {
  readonly reading: Reading;
  readonly quantity: Quantity;
  /** From top to bottom. */
  readonly units: readonly number[];
  /** The chosen unit, whose lines stand below the map, and the chosen timestep. */
  readonly unit: number;
  readonly timestep: number;
}

/** A place on the canvas. */
export interface Place {
  readonly timestep: number;
  readonly unit: number;
}

/** In CSS pixels. */
const cell = { width: 12, height: 14 };
const header = 22;
const gap = 22;
const lines = 96;
const footer = 10;

/**
 * Units down, timesteps across: a heat map of one quantity, above it the characters or the numbers of the timesteps, and below it
 * lines of all quantities of the chosen unit. The units' numbers and the lines' axis stand on a canvas of their own, beside the one that
 * scrolls.
 */
export class HeatMap {
  readonly #map: HTMLCanvasElement;
  readonly #margin: HTMLCanvasElement;
  #picture: Picture | undefined;

  constructor(map: HTMLCanvasElement, margin: HTMLCanvasElement) {
    this.#map = map;
    this.#margin = margin;
  }

  draw(picture: Picture, theme: Theme): void {
    this.#picture = picture;
    const { reading, units } = picture;
    const height = header + units.length * cell.height + gap + lines + footer;
    const map = context(this.#map, reading.read.timesteps * cell.width + 1, height);
    const margin = context(this.#margin, 44, height);
    if (reading.read.symbols) drawSymbols(map, reading, reading.read.symbols, picture.timestep, theme);
    else drawNumbers(map, picture, theme);
    drawCells(map, picture, this.#map);
    drawChoice(map, picture, theme);
    drawLines(map, picture, theme);
    drawMargin(margin, picture, theme);
  }

  /** What is at a place of the map's canvas, in CSS pixels. */
  placeAt(x: number, y: number): Place | undefined {
    if (!this.#picture) return undefined;
    const { reading, units, unit: chosen } = this.#picture;
    const timestep = Math.floor(x / cell.width);
    if (timestep < 0 || timestep >= reading.read.timesteps) return undefined;
    const row = Math.floor((y - header) / cell.height);
    return { timestep, unit: units[row] ?? chosen };
  }

  /** From where to where a timestep goes across, in CSS pixels. */
  columnOf(timestep: number): { readonly left: number; readonly right: number } {
    return { left: timestep * cell.width, right: (timestep + 1) * cell.width };
  }
}

/** Sizes a canvas for the screen's pixels and clears it. */
function context(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const drawing = canvas.getContext('2d')!;
  drawing.scale(ratio, ratio);
  return drawing;
}

/** The characters, each coloured by how much it surprised the network, where that is known. */
function drawSymbols(
  drawing: CanvasRenderingContext2D,
  { expectation }: Reading,
  symbols: readonly string[],
  timestep: number,
  theme: Theme,
): void {
  drawing.textAlign = 'center';
  drawing.textBaseline = 'middle';
  // In the system's own colours nothing can be mixed: there a bar below the character is as high as it surprised.
  const isForced = matchMedia('(forced-colors: active)').matches;
  for (const [t, symbol] of symbols.entries()) {
    const isBlank = !expectation && signOf(symbol) !== symbol;
    const strength = strengthOf(expectation?.surprises[t] ?? 0);
    const top = isForced ? header - 3 - 5 * strength : 1;
    drawing.fillStyle = theme.warm;
    drawing.globalAlpha = isForced ? 1 : 0.45 * strength;
    drawing.fillRect(t * cell.width, top, cell.width, header - 3 - top);
    drawing.globalAlpha = 1;
    drawing.font = theme.mono;
    drawing.fillStyle = isBlank ? theme.muted : theme.ink;
    const x = (t + 0.5) * cell.width;
    if (t === timestep) {
      drawing.fillRect(t * cell.width, 1, cell.width, header - 4);
      drawing.fillStyle = theme.paper;
    }
    drawing.fillText(signOf(symbol), x, header / 2 - 1);
  }
}

/** The number of every tenth timestep, above a mark; the chosen timestep has a mark of its own. */
function drawNumbers(drawing: CanvasRenderingContext2D, { reading, timestep }: Picture, theme: Theme): void {
  const { first, timesteps } = reading.read;
  drawing.textBaseline = 'middle';
  drawing.font = theme.font;
  drawing.fillStyle = theme.muted;
  const end = timesteps * cell.width;
  for (let t = (10 - (first % 10)) % 10; t < timesteps; t += 10) {
    const number = formatCount(first + t);
    const half = drawing.measureText(number).width / 2;
    const middle = (t + 0.5) * cell.width;
    // What would leave the picture is moved in.
    const left = Math.max(0, Math.min(middle - half, end - 2 * half));
    drawing.textAlign = 'left';
    drawing.fillText(number, left, header / 2 - 3);
    drawing.fillRect(middle - 0.5, header - 6, 1, 4);
  }
  drawing.fillStyle = theme.ink;
  drawing.fillRect(timestep * cell.width, header - 5, cell.width, 4);
}

/** One pixel for each value, blown up to its cell without smoothing. */
function drawCells(drawing: CanvasRenderingContext2D, { reading, quantity, units }: Picture, host: HTMLElement): void {
  const values = valuesOf(reading, quantity);
  if (units.length === 0) return;
  const { timesteps } = values;
  const colours = new Colours(host, rangeOf(values.flat));
  const pixels = new ImageData(timesteps, units.length);
  for (const [row, unit] of units.entries()) {
    for (let t = 0; t < timesteps; t++) {
      colours.paint(pixels.data, 4 * (row * timesteps + t), valueAt(values, t, unit));
    }
  }
  const small = new OffscreenCanvas(timesteps, units.length);
  small.getContext('2d')!.putImageData(pixels, 0, 0);
  drawing.imageSmoothingEnabled = false;
  drawing.drawImage(small, 0, header, timesteps * cell.width, units.length * cell.height);
}

function drawChoice(
  drawing: CanvasRenderingContext2D,
  { reading, units, unit, timestep }: Picture,
  theme: Theme,
): void {
  const row = units.indexOf(unit);
  if (row < 0) return;
  const y = header + row * cell.height;
  const frame = (x: number, width: number) => {
    drawing.lineWidth = 3;
    drawing.strokeStyle = theme.paper;
    drawing.strokeRect(x + 0.5, y + 0.5, width, cell.height - 1);
    drawing.lineWidth = 1.5;
    drawing.strokeStyle = theme.ink;
    drawing.strokeRect(x + 0.5, y + 0.5, width, cell.height - 1);
  };
  frame(0, reading.read.timesteps * cell.width - 0.5);
  frame(timestep * cell.width, cell.width - 1);
}

/** How the lines are drawn, of the state h first: colour, width and dashes tell them apart. The style sheet has the same. */
const lineStyles = [
  { colour: 'ink', width: 2, dash: [] },
  { colour: 'accent', width: 1.75, dash: [] },
  { colour: 'warm', width: 1.75, dash: [5, 2] },
  { colour: 'muted', width: 1.75, dash: [1.5, 2] },
  { colour: 'accent', width: 1.75, dash: [5, 2] },
  { colour: 'ink', width: 1.75, dash: [5, 2] },
] as const satisfies { colour: keyof Theme; width: number; dash: number[] }[];

function drawLines(drawing: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { reading, unit, timestep } = picture;
  const { ticks, yOf } = axisOf(picture);
  const width = reading.read.timesteps * cell.width;
  drawing.fillStyle = theme.ground;
  drawing.fillRect(timestep * cell.width, yOf(1), cell.width, lines);
  drawing.strokeStyle = theme.line;
  drawing.lineWidth = 1;
  for (const tick of ticks) {
    drawing.beginPath();
    drawing.moveTo(0, Math.round(yOf(tick)) + 0.5);
    drawing.lineTo(width, Math.round(yOf(tick)) + 0.5);
    drawing.stroke();
  }
  for (const [i, { values, most }] of [...linesOf(reading, unit).entries()].reverse()) {
    const style = lineStyles[i % lineStyles.length]!;
    drawing.strokeStyle = theme[style.colour];
    drawing.lineWidth = style.width;
    drawing.setLineDash([...style.dash]);
    drawing.beginPath();
    for (const [t, value] of values.entries()) drawing.lineTo((t + 0.5) * cell.width, yOf(value / most));
    drawing.stroke();
  }
  drawing.setLineDash([]);
}

function axisOf({ reading, units, unit }: Picture) {
  const top = header + units.length * cell.height + gap;
  const isSigned = linesOf(reading, unit).some(({ values }) => rangeOf(values).low < 0);
  const ticks = isSigned ? [1, 0, -1] : [1, 0];
  return { ticks, yOf: (value: number) => top + (lines * (1 - value)) / (1 - ticks.at(-1)!) };
}

function drawMargin(drawing: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { units, unit } = picture;
  drawing.textAlign = 'right';
  drawing.textBaseline = 'middle';
  for (const [row, shown] of units.entries()) {
    drawing.font = shown === unit ? `600 ${theme.font}` : theme.font;
    drawing.fillStyle = shown === unit ? theme.ink : theme.muted;
    drawing.fillText(String(shown + 1), 36, header + (row + 0.5) * cell.height + 0.5);
  }
  drawing.font = theme.font;
  drawing.fillStyle = theme.muted;
  const { ticks, yOf } = axisOf(picture);
  for (const tick of ticks) drawing.fillText(formatScale(tick), 36, yOf(tick));
}
