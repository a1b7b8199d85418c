import type { Capacity } from '../../engine/engine.ts';
import * as windows from '../windows.ts';

/** The batches of texts: at each place goes in a symbol, and the next one should come out. */

/** Sequences of symbols side by side. */
export type SymbolBatch = windows.SequenceBatch<Uint32Array<ArrayBuffer>>;

/** Where the batches of a text's run come from. */
export type Batches = windows.Batches<Uint32Array<ArrayBuffer>>;

/** A piece of the held-out text. */
export type Piece = windows.EndPiece<Uint32Array<ArrayBuffer>>;

/** A text as a sequence of which the next symbol is to be told. */
const sequenceOf = (text: Uint32Array<ArrayBuffer>) => ({ length: text.length, inputs: text, targets: text, ahead: 1 });

/** The largest batch that a text of `length` symbols has room for. */
export const fitCapacity = (capacity: Capacity, length: number): Capacity => windows.fitCapacity(capacity, length - 1);

/** Windows from random places of the text: see `windows.ts`. */
export const randomWindows = (text: Uint32Array<ArrayBuffer>, capacity: Capacity, seed: number, leadIn = 0): Batches =>
  windows.randomWindows(sequenceOf(text), capacity, seed, leadIn);

/** The text cut into streams: see `windows.ts`. */
export const contiguousStreams = (text: Uint32Array<ArrayBuffer>, capacity: Capacity): Batches =>
  windows.contiguousStreams(sequenceOf(text), capacity);

/** The least that a piece of the held-out text counts, in timesteps: so it takes no more work than a training step. */
export const leastOfPiece = (training: Uint32Array, capacity: Capacity): number =>
  windows.leastOfPiece(training.length - 1, capacity);

/**
 * The held-out text, each of whose symbols is counted once, in pieces that each count the next `longest` timesteps: see `endOf` in
 * `windows.ts`.
 *
 * @param training at least one symbol
 * @param validation what follows them in the text, at least one symbol
 */
export function heldOutText(
  training: Uint32Array,
  validation: Uint32Array,
  capacity: Capacity,
  longest: number,
): Iterable<Piece> {
  const before = windows.placesBefore(training.length - 1, capacity);
  const text = new Uint32Array(before + 1 + validation.length);
  text.set(training.subarray(training.length - before - 1));
  text.set(validation, before + 1);
  return windows.endOf(sequenceOf(text), before, capacity, longest);
}
