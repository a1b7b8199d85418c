import type { AdamSettings, Batch } from '../engine/engine.ts';
import { type Cell, describeCell } from '../model/cells/cells.ts';
import { type ModelConfiguration, symbolModel } from '../model/configuration.ts';
import { parameterLayout } from '../model/parameters.ts';
import { Random } from '../model/random.ts';
import { defaultConfiguration } from '../training/configuration.ts';

/** The sizes of a network and its batch: V symbols, H hidden units of each layer, B rows, T timesteps. */
export interface Size {
  readonly V: number;
  readonly H: number;
  readonly B: number;
  readonly T: number;
  /** The default one if it is left out. */
  readonly cell?: Cell;
  /** 1 if it is left out. */
  readonly layers?: number;
}

/** Cell and layers of a size. */
export const stackOf = ({ cell = defaultConfiguration.cell, layers = 1 }: Pick<Size, 'cell' | 'layers'>) => ({
  cell,
  layers,
});

/** The sizes that Sluice is measured at, and their names. */
export const namedSizes: Readonly<Record<string, Size>> = {
  S: { V: 64, H: 128, B: 32, T: 64 },
  M: { V: 96, H: 256, B: 64, T: 100 },
  L: { V: 96, H: 512, B: 64, T: 100 },
};

const limits: Readonly<Record<'V' | 'H' | 'B' | 'T', readonly [number, number, string]>> = {
  V: [2, 1_000_000, 'V, the number of symbols,'],
  H: [1, 65536, 'H, the number of hidden units,'],
  B: [1, 65536, 'B, the rows of a batch,'],
  T: [1, 1_000_000, 'T, the timesteps of a sequence,'],
};

/** @throws RangeError saying which of the four numbers is wrong, and what it may be. */
export function assertSize(size: Size): void {
  for (const letter of ['V', 'H', 'B', 'T'] as const) {
    const [least, most, name] = limits[letter];
    const value = size[letter];
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new RangeError(`${name} is a whole number from ${least} to ${most}, not ${value}.`);
  }
}

/**
 * Reads a size as a person writes it: S, M, L, or V×H×B×T as in 64x128x32x64.
 *
 * @throws RangeError saying what is wrong with it
 */
export function parseSize(written: string): Size {
  const named = namedSizes[written.trim().toUpperCase()];
  if (named) return named;
  const numbers = /^\s*(\d+)[x×](\d+)[x×](\d+)[x×](\d+)\s*$/.exec(written)?.slice(1).map(Number);
  if (!numbers) throw new RangeError(`A size is S, M, L or V×H×B×T, as in 64x128x32x64; not “${written}”.`);
  const [V, H, B, T] = numbers as [number, number, number, number];
  assertSize({ V, H, B, T });
  return { V, H, B, T };
}

/** The name that sizes have, whatever their network. */
export const letterOf = ({ V, H, B, T }: Size): string | undefined =>
  Object.entries(namedSizes).find(([, size]) => sizeText(size) === sizeText({ V, H, B, T }))?.[0];

/** A size in short: its name if it has one, else 64×128×32×64; and its network, where that is not the default. */
export function sizeName(size: Size): string {
  const { V, H, B, T } = size;
  return `${letterOf(size) ?? `${V}×${H}×${B}×${T}`}${networkText(size)}`;
}

/** A size in full: V 64, H 128, B 32, T 64 */
export const sizeText = (size: Size): string => {
  const { V, H, B, T } = size;
  return `V ${V}, H ${H}, B ${B}, T ${T}${networkText(size)}`;
};

/** What a network is besides the default: “, LSTM, 2 layers”, or nothing. */
function networkText(size: Size): string {
  const { cell, layers } = stackOf(size);
  const title = cell === defaultConfiguration.cell ? '' : `, ${describeCell(cell).title}`;
  return title + (layers === 1 ? '' : `, ${layers} layers`);
}

/**
 * Floating-point operations of the products of a training step: forward once, backward twice. What symbols are multiplied
 * with is looked up.
 */
export function stepOperations(size: Size): number {
  const matrices = parameterLayout(modelOf(size)).places.filter(
    ({ role, layer }) => role === 'recurrent' || role === 'output' || (role === 'input' && layer > 0),
  );
  return 3 * 2 * size.B * size.T * matrices.reduce((sum, { length }) => sum + length, 0);
}

/** The network of a size. */
export function modelOf(size: Size): ModelConfiguration {
  const { cell, layers } = stackOf(size);
  return symbolModel(cell, size.V, size.H, { layers });
}

/** A batch of symbols. */
interface SymbolBatch extends Batch {
  readonly inputs: Uint32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
}

/** A batch of a size: symbols drawn evenly, the same for the same seed. */
export function batchOf({ V, B, T }: Size, seed = 1): SymbolBatch {
  const random = new Random(seed);
  const draw = () => Uint32Array.from({ length: B * T }, () => random.integer(V));
  return { rows: B, timesteps: T, inputs: draw(), targets: draw(), initialState: 'zero' };
}

/** Adam as it is by default; the gradient is not clipped, which other frameworks do not do by themselves. */
export const adamSettings: AdamSettings = {
  learningRate: 0.001,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: Number.POSITIVE_INFINITY,
};
