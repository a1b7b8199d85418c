import { type Figure, type Look, type Palette, printed } from '../figures/figure.ts';
import { svgOf } from '../figures/svg.ts';
import type { Curve } from './curves.ts';

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

/**
 * The plot as a figure: «Matching String Length» across, «Trials» up, a point for each n.
 *
 * @param caption what the curves belong to, in one line
 */
export function figureOfCurves(curves: readonly Curve[], caption: string, palette = printed): Figure {
  const longest = Math.max(1, ...curves.map(({ counts }) => counts.length - 1));
  const most = Math.max(1, ...curves.map(({ counts }) => counts[0] ?? 0));
  const looks = looksOf(curves, palette);
  return {
    name: 'matching',
    title: caption,
    across: { name: 'Matching String Length', low: 0, high: longest, scale: 'whole' },
    up: { name: 'Trials', low: 0, high: most, scale: 'whole' },
    lines: curves.map(({ name, counts }, i) => ({ name, xs: [...counts.keys()], ys: counts, look: looks[i]! })),
  };
}

/**
 * The plot as an SVG file.
 *
 * @param caption what the curves belong to, in one line
 */
export const svgOfCurves = (curves: readonly Curve[], caption: string, palette = printed): string =>
  svgOf(figureOfCurves(curves, caption, palette), undefined, palette);

/** The colour a share of the way from one to another. */
function mix(from: string, to: string, share: number): string {
  const channel = (colour: string, i: number) => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => Math.round(channel(from, i) + share * (channel(to, i) - channel(from, i))));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
