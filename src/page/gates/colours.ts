import type { Range } from './units.ts';

/**
 * The colours of a heat map as the style sheet has them for the present theme: sequential from nothing to all, or, where
 * there are values below 0, diverging from there. Lightness alone orders the first, orange and blue tell the ends of the second apart, so both can be
 * read without seeing red or green.
 */
export class Colours {
  /** Red, green, blue, opacity of each of 256 steps. */
  readonly #table: Uint8ClampedArray;
  readonly #range: Range;

  constructor(host: HTMLElement, range: Range) {
    const style = getComputedStyle(host);
    const stops = (range.low < 0 ? ['below', 'zero', 'above'] : ['least', 'half', 'most']).map((name) =>
      style.getPropertyValue(`--heat-${name}`).trim(),
    );
    const canvas = document.createElement('canvas');
    canvas.width = 256;
    canvas.height = 1;
    const context = canvas.getContext('2d')!;
    const gradient = context.createLinearGradient(0, 0, 256, 0);
    for (const [i, stop] of stops.entries()) gradient.addColorStop(i / 2, stop);
    context.fillStyle = gradient;
    context.fillRect(0, 0, 256, 1);
    this.#table = context.getImageData(0, 0, 256, 1).data;
    this.#range = range;
  }

  /** Writes the colour of a value into a picture, at the pixel that begins at `place`. */
  paint(pixels: Uint8ClampedArray, place: number, value: number): void {
    const { low, high } = this.#range;
    const share = (value - low) / (high - low);
    const step = Math.min(255, Math.max(0, Math.round(255 * share)));
    for (let i = 0; i < 4; i++) pixels[place + i] = this.#table[4 * step + i]!;
  }
}
