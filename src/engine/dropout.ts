import { describeCell } from '../model/cells/cells.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { hash } from '../model/random.ts';
import { type Capacity, CapacityError, type Dropout } from './engine.ts';

/** What may be left out, in the order in which masks are numbered. */
export const droppable = ['outputs', 'candidates'] as const;
/** What may be left out. */
export type Droppable = (typeof droppable)[number];

/** Shares are taken in so many steps: a byte of a random word decides for each unit. */
const shares = 256;

/** A unit is left out if its byte is below this. */
export const dropBelow = (rate: number): number => Math.round(rate * shares);

/** What stays is multiplied with this. */
export const keptScale = (rate: number): number => shares / (shares - dropBelow(rate));

/** What a layer's masks are drawn from. */
export const maskKey = (seed: number, what: Droppable, layer: number): number =>
  hash((seed ^ hash(droppable.length * layer + droppable.indexOf(what))) >>> 0);

/**
 * The random word that decides for four units, of which `4 · quad` is the first: its lowest byte for that one. Every engine draws
 * the same.
 *
 * @param key `maskKey`
 * @param row counted over the whole batch
 * @param t 0 where a row leaves out the same at each timestep
 */
export const maskWord = (key: number, row: number, t: number, quad: number): number =>
  hash(hash(hash(key ^ row) ^ t) ^ quad);

/** Whether a unit of a layer is left out at a timestep of a row. */
export function droppedAt(
  { masks, seed, ...rates }: Dropout,
  what: Droppable,
  layer: number,
  row: number,
  t: number,
  unit: number,
): boolean {
  const word = maskWord(maskKey(seed, what, layer), row, masks === 'timestep' ? t : 0, unit >>> 2);
  return ((word >>> (8 * (unit & 3))) & 255) < dropBelow(rates[what]);
}

/** @throws RangeError or CapacityError saying what is wrong with what a batch leaves out. */
export function assertDropout(dropout: Dropout, model: ModelConfiguration, capacity: Capacity): void {
  if (!capacity.withDropout)
    throw new CapacityError('The session was opened without room for dropout: say so in its capacity.');
  for (const what of droppable) {
    const rate = dropout[what];
    if (!(rate >= 0 && dropBelow(rate) < shares)) {
      throw new RangeError(`The dropout of ${what} is a share from 0 to below 1, not ${rate}.`);
    }
  }
  const { candidate, title } = describeCell(model.cell);
  if (dropout.candidates > 0 && candidate === undefined) {
    throw new RangeError(`The ${title} has no candidates to leave out: set the dropout of candidates to 0.`);
  }
}
