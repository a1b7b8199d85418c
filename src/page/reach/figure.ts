import { type Figure, fileName, type Line, type Look, printed } from '../../figures/figure.ts';
import type { Reach } from '../../training/looks/reach.ts';
import { curveOf, nameOf } from './words.ts';

/** A line that falls further than this below the highest point leaves the drawing. */
const range = 1e-9;

/** How the networks are told apart, in the order in which they come; without colours by their dashes. */
const looks: readonly Pick<Look, 'colour' | 'width' | 'dash'>[] = [
  { colour: printed.network, width: 2, dash: [] },
  { colour: printed.ink, width: 1.5, dash: [10, 3, 2, 3] },
  { colour: printed.network, width: 1.5, dash: [4, 4] },
];

/**
 * The reach of the gradient in each layer of some networks: its length by how far back the state is.
 *
 * @param reaches the network that is trained before all others
 */
export function reachFigure(reaches: readonly [Reach, ...Reach[]]): Figure {
  const [current] = reaches;
  const lines = reaches.flatMap((reach, network) =>
    reach.norms.map((norms, layer): Line => {
      const curve = curveOf(reach, layer);
      // Where both have several layers, the name of a network says nothing of which one it is.
      const name = nameOf(curve, { ...curveOf(current, layer), layer: reach.norms.length > 1 ? -1 : 0 });
      // The deeper layers of a network have points, hollow ones the deepest.
      const radius = layer === 0 ? 0 : 1.5 + 0.5 * layer;
      const look = { ...looks[network]!, radius, hollow: layer > 1 };
      // A logarithm has no place for nothing.
      const ys = norms.map((norm) => (norm > 0 ? norm : Number.NaN));
      return { name, xs: [...norms.keys()], ys, look };
    }),
  );
  const known = lines.flatMap(({ ys }) => Array.from(ys)).filter((norm) => Number.isFinite(norm));
  const high = Math.max(...known, Number.MIN_VALUE);
  const low = Math.max(Math.min(...known, high), high * range);
  const farthest = Math.max(1, ...lines.map(({ ys }) => Array.from(ys).findLastIndex((norm) => norm >= low)));
  const { timestep, datasetName, step } = current;
  return {
    name: fileName('reach', datasetName, 'step', step),
    title: `How far back the gradient reaches: ${datasetName}`,
    across: { name: `${timestep}s back from the loss`, low: 0, high: farthest, scale: 'whole' },
    up: { name: 'length of the gradient by the state', low: low / 1.5, high: high * 1.5, scale: 'logarithmic' },
    lines,
  };
}
