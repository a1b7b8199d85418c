import type { Curve } from './curves.ts';

/** The colours of a plot, as `#rrggbb`. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly network: string;
  readonly heldOut: string;
  /** Of the n-gram that looks back least, and of the one that looks back most. */
  readonly nGrams: readonly [string, string];
}

/** How a curve is drawn. */
export interface Look {
  readonly colour: string;
  /** Of the line through the points. */
  readonly width: number;
  /** Lengths of its dashes and of the gaps between, in turn; none for a whole line. */
  readonly dash: readonly number[];
  readonly radius: number;
  /** Whether the points show the paper inside. */
  readonly hollow: boolean;
}

/** Black on white, for a file. */
export const printed: Palette = {
  paper: '#ffffff',
  ink: '#1c2024',
  muted: '#5b626a',
  line: '#dedbd3',
  network: '#0a6680',
  heldOut: '#8c2f5f',
  nGrams: ['#a68c54', '#6b4708'],
};

/** The shorter the context of an n-gram, the more broken is its line: colours alone are told apart by few eyes. */
const dashes = [[1, 3], [4, 3], [10, 3, 2, 3], [14, 3], []] as const;

/** How each of the curves is drawn: the latest run stands out, older ones fade, n-grams darken and join up with their order. */
export function looksOf(curves: readonly Curve[], palette: Palette): Look[] {
  const nGrams = curves.filter(({ kind }) => kind === 'n-gram');
  return curves.map((curve) => {
    if (curve.kind === 'n-gram') {
      const share = nGrams.length < 2 ? 1 : nGrams.indexOf(curve) / (nGrams.length - 1);
      const dash = dashes[Math.round(share * (dashes.length - 1))]!;
      return { colour: mix(...palette.nGrams, share), width: 1.5, dash, radius: 0, hollow: false };
    }
    const own = curve.kind === 'held out' ? palette.heldOut : palette.network;
    const faded = curve.age === 0 ? 0 : Math.min(0.35 + 0.12 * curve.age, 0.7);
    const hollow = curve.kind === 'held out';
    return { colour: mix(own, palette.paper, faded), width: 1.25, dash: [], radius: curve.age === 0 ? 2.5 : 2, hollow };
  });
}

const size = { width: 760, height: 460 } as const;
const frame = { left: 64, top: 44, right: 24, bottom: 56 } as const;
const legendLine = 18;

/**
 * The plot as an SVG file: «Matching String Length» across, «Trials» up, a point for each n.
 *
 * @param caption what the curves belong to, in one line
 */
export function svgOfCurves(curves: readonly Curve[], caption: string, palette = printed): string {
  const longest = Math.max(1, ...curves.map(({ counts }) => counts.length - 1));
  const most = Math.max(1, ...curves.map(({ counts }) => counts[0] ?? 0));
  const width = size.width - frame.left - frame.right;
  const height = size.height - frame.top - frame.bottom;
  const x = (n: number) => round(frame.left + (n / longest) * width);
  const y = (count: number) => round(frame.top + (1 - count / most) * height);
  const looks = looksOf(curves, palette);
  const bottom = y(0);
  const parts = [
    ...ticks(longest, 10).flatMap((n) => [
      `<path d="M${x(n)} ${bottom}v5" stroke="${palette.line}"/>`,
      `<text x="${x(n)}" y="${bottom + 20}" text-anchor="middle">${n}</text>`,
    ]),
    ...ticks(most, 6).flatMap((count) => [
      `<path d="M${frame.left} ${y(count)}h${width}" stroke="${palette.line}"/>`,
      `<text x="${frame.left - 8}" y="${y(count) + 4}" text-anchor="end">${count}</text>`,
    ]),
    `<text x="${frame.left + width / 2}" y="${size.height - 14}" text-anchor="middle">Matching String Length</text>`,
    `<text transform="translate(16 ${frame.top + height / 2}) rotate(-90)" text-anchor="middle">Trials</text>`,
    `<text x="${frame.left}" y="24" fill="${palette.ink}" font-weight="600">${escaped(caption)}</text>`,
    // The latest on top.
    ...curves.map((curve, i) => curveOf(curve, looks[i]!, palette, x, y)).reverse(),
    ...curves.map((curve, i) => legendOf(curve, looks[i]!, palette, i)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="13" fill="${palette.muted}">
<title>${escaped(caption)}</title>
<rect width="100%" height="100%" fill="${palette.paper}"/>
${parts.join('\n')}
</svg>
`;
}

type Scale = (value: number) => number;

function curveOf({ name, counts }: Curve, look: Look, palette: Palette, x: Scale, y: Scale): string {
  const line = counts.map((count, n) => `${x(n)},${y(count)}`).join(' ');
  const points = look.radius > 0 ? counts.map((count, n) => pointAt(x(n), y(count), look)).join('') : '';
  return [
    `<g stroke="${look.colour}" fill="${look.hollow ? palette.paper : look.colour}"><title>${escaped(name)}</title>`,
    `<polyline points="${line}" fill="none" ${strokeOf(look)}/>${points}</g>`,
  ].join('');
}

const pointAt = (x: number, y: number, { radius }: Look): string => `<circle cx="${x}" cy="${y}" r="${radius}"/>`;

/** How a line is stroked, as SVG's attributes. */
export const strokeOf = ({ width, dash }: Look): string =>
  `stroke-width="${width}"${dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : ''}`;

/** Names stand at the upper right, where curves that fall leave room. */
function legendOf({ name }: Curve, look: Look, palette: Palette, line: number): string {
  const right = size.width - frame.right - 8;
  const y = frame.top + 14 + line * legendLine;
  return [
    `<text x="${right - 32}" y="${y + 4}" text-anchor="end" fill="${palette.ink}" stroke="${palette.paper}" stroke-width="4" paint-order="stroke">${escaped(name)}</text>`,
    `<g stroke="${look.colour}" fill="${look.hollow ? palette.paper : look.colour}">`,
    `<path d="M${right - 24} ${y}h24" ${strokeOf(look)}/>${look.radius > 0 ? pointAt(right - 12, y, look) : ''}</g>`,
  ].join('');
}

/** Round values from 0 to `end`, about as many as wanted. */
function ticks(end: number, wanted: number): number[] {
  const rough = end / wanted;
  const decade = 10 ** Math.max(0, Math.floor(Math.log10(rough)));
  const step = Math.max(1, [1, 2, 5, 10].find((digit) => digit * decade >= rough)! * decade);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step);
}

/** The colour a share of the way from one to another. */
function mix(from: string, to: string, share: number): string {
  const channel = (colour: string, i: number) => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => Math.round(channel(from, i) + share * (channel(to, i) - channel(from, i))));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
