import { linearTicks, logarithmicTicks, placeLabels } from './axes.ts';
import { type Axis, type Figure, type Level, type Line, type Look, labelOf, type Palette, printed } from './figure.ts';

/** In pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

const frame = { left: 64, top: 44, right: 24, bottom: 56 } as const;
/** How wide a letter of a level's name is, at most, in the mean. */
const letter = 7;
const legendLine = 18;
const labelGap = 15;

type Scale = (value: number) => number;

/** A figure as an SVG file, without a script: axes with their units, a key, and a title that says what it is of. */
export function svgOf(
  figure: Figure,
  { width, height }: Size = { width: 760, height: 460 },
  palette = printed,
): string {
  const { title, across, up, lines, levels = [] } = figure;
  const gutter = Math.max(...levels.map(({ name }) => 48 + letter * name.length), frame.right);
  const right = width - gutter;
  // A key of many lines makes the whole taller.
  const bottom = Math.max(height - frame.bottom, frame.top + (lines.length + 2) * legendLine);
  const x = scaleOf(across, frame.left, right);
  const y = scaleOf(up, bottom, frame.top);
  const total = bottom + frame.bottom;
  const parts = [
    ...ticksOf(across, (right - frame.left) / 64).flatMap((tick) => [
      `<path d="M${x(tick)} ${bottom}v5" stroke="${palette.line}"/>`,
      `<text x="${x(tick)}" y="${bottom + 20}" text-anchor="middle">${written(tick)}</text>`,
    ]),
    ...ticksOf(up, (bottom - frame.top) / 40).flatMap((tick) => [
      `<path d="M${frame.left} ${y(tick)}H${right}" stroke="${palette.line}"/>`,
      `<text x="${frame.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${written(tick)}</text>`,
    ]),
    `<path d="M${frame.left} ${bottom}H${right}" stroke="${palette.muted}"/>`,
    `<text x="${(frame.left + right) / 2}" y="${total - 14}" text-anchor="middle">${escaped(labelOf(across))}</text>`,
    `<text transform="translate(16 ${(frame.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(labelOf(up))}</text>`,
    `<text x="${frame.left}" y="24" fill="${palette.ink}" font-weight="600">${escaped(title)}</text>`,
    `<clipPath id="frame"><path d="M${frame.left} ${frame.top - 4}H${right + 4}V${bottom + 4}H${frame.left - 4}V${frame.top - 4}z"/></clipPath>`,
    ...levelsOf(levels, up, y, right, bottom, palette),
    '<g clip-path="url(#frame)">',
    ...lines.map((line) => lineOf(line, palette, x, y)).reverse(),
    '</g>',
    ...lines.map((line, i) => keyOf(line, palette, right - 8, frame.top + 14 + i * legendLine)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" font-family="system-ui, sans-serif" font-size="13" fill="${palette.muted}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="${palette.paper}"/>
${parts.join('\n')}
</svg>
`;
}

/** Where the values of an axis lie between two ends, in pixels. */
function scaleOf({ low, high, scale }: Axis, from: number, to: number): Scale {
  const along = scale === 'logarithmic' ? Math.log : (value: number) => value;
  return (value) => round(from + ((along(value) - along(low)) / (along(high) - along(low))) * (to - from));
}

function ticksOf({ low, high, scale }: Axis, wanted: number): number[] {
  if (scale === 'logarithmic') return logarithmicTicks(low, high, wanted);
  return linearTicks(low, high, wanted, scale === 'whole' ? 1 : 0);
}

function lineOf({ name, xs, ys, look }: Line, { paper }: Palette, x: Scale, y: Scale): string {
  const pieces: (readonly [number, number])[][] = [[]];
  for (let i = 0; i < xs.length; i++) {
    const place = y(ys[i]!);
    if (Number.isFinite(place)) pieces.at(-1)!.push([x(xs[i]!), place]);
    else pieces.push([]);
  }
  const drawn = pieces.filter(({ length }) => length > 0);
  const points = look.radius > 0 ? drawn.flat().map(([cx, cy]) => pointAt(cx, cy, look)) : [];
  return [
    `<g stroke="${look.colour}" fill="${look.hollow ? paper : look.colour}"><title>${escaped(name)}</title>`,
    ...drawn.map((piece) => `<polyline points="${piece.join(' ')}" fill="none" ${strokeOf(look)}/>`),
    ...points,
    '</g>',
  ].join('');
}

const pointAt = (x: number, y: number, { radius }: Look): string => `<circle cx="${x}" cy="${y}" r="${radius}"/>`;

/** How a line is stroked, as SVG's attributes. */
const strokeOf = ({ width, dash }: Look): string =>
  `stroke-width="${width}"${dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : ''}`;

/** Names stand at the upper right, where lines that fall leave room. */
function keyOf({ name, look }: Line, { ink, paper }: Palette, right: number, y: number): string {
  return [
    `<text x="${right - 32}" y="${y + 4}" text-anchor="end" fill="${ink}" stroke="${paper}" stroke-width="4" paint-order="stroke">${escaped(name)}</text>`,
    `<g stroke="${look.colour}" fill="${look.hollow ? paper : look.colour}">`,
    `<path d="M${right - 24} ${y}h24" ${strokeOf(look)}/>${look.radius > 0 ? pointAt(right - 12, y, look) : ''}</g>`,
  ].join('');
}

/** Dotted lines, each with its name to the right of it, or as near as its neighbours let it. */
function levelsOf(
  levels: readonly Level[],
  { low, high }: Axis,
  y: Scale,
  right: number,
  bottom: number,
  { muted }: Palette,
): string[] {
  const seen = levels.filter(({ figure }) => figure >= low && figure <= high).toSorted((a, b) => b.figure - a.figure);
  const at = seen.map(({ figure }) => y(figure));
  const places = placeLabels(at, labelGap, frame.top, bottom);
  return seen.flatMap(({ name, figure }, i) => [
    `<path d="M${frame.left} ${at[i]}H${right}" stroke="${muted}" stroke-dasharray="1 3"/>`,
    `<path d="M${right + 2} ${at[i]}L${right + 12} ${round(places[i]!)}" stroke="${muted}" stroke-width="0.5"/>`,
    `<text x="${right + 16}" y="${round(places[i]! + 4)}" font-size="12">${written(figure, 3)} ${escaped(name)}</text>`,
  ]);
}

/** A tick's number: 2,000; 0.5; 10⁻⁷ */
function written(value: number, digits = 6): string {
  const exponent = Math.log10(value);
  if (Number.isInteger(exponent) && (exponent < -3 || exponent > 6)) {
    return `10${Array.from(String(exponent), (digit) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(digit)]).join('')}`;
  }
  return value.toLocaleString('en', { maximumSignificantDigits: digits });
}

const round = (value: number): number => Math.round(value * 100) / 100;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
