import { type Figure, printed } from '../../figures/figure.ts';
import { svgOf } from '../../figures/svg.ts';
import { formatCount } from '../../format.ts';
import { imageOf } from '../figures/save.ts';
import type { Passage } from '../state.ts';
import { layOut } from './lay-out.ts';

/** In CSS pixels; what is drawn has twice as many each way. */
const size = { width: 1200, height: 630 } as const;
const margin = 48;
const sans = 'system-ui, sans-serif';
/** The colours behind letters at their strongest, which leave a contrast of 4.5: as on the page in its light theme. */
const [warm, cool] = ['rgb(179 88 6 / 45%)', 'rgb(10 102 128 / 45%)'];

/** What stands behind a letter: a colour, and how strong it is, from 0 to 1. */
export interface Ground {
  readonly colour: string;
  readonly strength: number;
}

/** How the letters of a passage are coloured on the page, from its first on; none where they are not. */
export const coloursOf = (passage: HTMLElement): readonly Ground[] =>
  Array.from(passage.querySelectorAll<HTMLElement>('.coloured'), ({ style, classList }) => ({
    colour: classList.contains('above') ? cool : warm,
    strength: Number(style.getPropertyValue('--p')),
  }));

/** What a picture shows. */
export interface Scene {
  /** What learns what, and how far it is. */
  readonly title: string;
  readonly subtitle: string;
  /** The loss. */
  readonly figure: Figure;
  readonly passage?: Passage;
  /** Of the passage without its prime. */
  readonly colours: readonly Ground[];
}

/** Draws a curve and a passage with a title, for a message. */
export async function drawPicture({ title, subtitle, figure, passage, colours }: Scene): Promise<HTMLCanvasElement> {
  const canvas = document.createElement('canvas');
  canvas.width = 2 * size.width;
  canvas.height = 2 * size.height;
  const context = canvas.getContext('2d')!;
  context.scale(2, 2);
  context.fillStyle = printed.paper;
  context.fillRect(0, 0, size.width, size.height);
  const say = (words: string, y: number, font: string, colour: string, width = size.width - 2 * margin) => {
    context.font = font;
    context.fillStyle = colour;
    context.fillText(words, margin, y, width);
  };
  say(title, 72, `600 34px ${sans}`, printed.ink);
  say(subtitle, 108, `20px ${sans}`, printed.muted);
  say('Sluice: recurrent networks that learn in a browser', size.height - 28, `16px ${sans}`, printed.muted);
  const top = 136;
  const room = { width: passage ? 600 : size.width - 2 * margin, height: size.height - top - 64 };
  // The title stands above both.
  const plot = await imageOf(svgOf({ ...figure, title: '' }, { width: room.width, height: room.height }));
  context.drawImage(plot, margin - 16, top - 24, room.width, room.height);
  if (!passage) return canvas;
  const left = margin + room.width + 8;
  context.font = `16px ${sans}`;
  context.fillText(`What it wrote at step ${formatCount(passage.step)}`, left, top + 12, size.width - margin - left);
  drawPassage(context, passage, colours, left, top + 28);
  return canvas;
}

const line = 34;

function drawPassage(
  context: CanvasRenderingContext2D,
  { prime, text }: Passage,
  colours: readonly Ground[],
  left: number,
  top: number,
): void {
  context.font = '22px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
  context.textBaseline = 'alphabetic';
  const measure = (symbol: string) => context.measureText(symbol).width;
  const primes = Array.from(prime).length;
  const rows = Math.floor((size.height - 72 - top) / line);
  const laidOut = layOut(prime + text, measure, size.width - margin - left, rows);
  for (const [row, symbols] of laidOut.entries()) {
    const y = top + 16 + row * line;
    for (const { symbol, place, x, width } of symbols) {
      const ground = colours[place - primes];
      if (ground) {
        context.globalAlpha = ground.strength;
        context.fillStyle = ground.colour;
        context.fillRect(left + x, y - 24, width, line);
        context.globalAlpha = 1;
      }
      context.fillStyle = place < primes ? printed.network : printed.ink;
      context.fillText(symbol, left + x, y);
    }
  }
}
