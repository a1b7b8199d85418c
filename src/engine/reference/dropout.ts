import type { ModelConfiguration } from '../../model/configuration.ts';
import { type Droppable, droppedAt, keptScale } from '../dropout.ts';
import type { Dropout } from '../engine.ts';
import { ones, type Vector } from './vectors.ts';

/** What a layer's candidates, and its h′ on the way out, are multiplied with at a timestep, `[H]` each. */
export type Masks = Readonly<Record<Droppable, Vector>>;

/** The masks of a row at each timestep and in each layer: 1 without dropout. */
export type MasksAt = (t: number, layer: number) => Masks;

/** The masks of row b of a batch. */
export function masksOf({ hiddenSize }: ModelConfiguration, dropout: Dropout | undefined, b: number): MasksAt {
  if (dropout === undefined) return () => ({ outputs: ones(hiddenSize), candidates: ones(hiddenSize) });
  const mask = (what: Droppable, layer: number, t: number) =>
    ones(hiddenSize).map((_, unit) => (droppedAt(dropout, what, layer, b, t, unit) ? 0 : keptScale(dropout[what])));
  return (t, layer) => ({ outputs: mask('outputs', layer, t), candidates: mask('candidates', layer, t) });
}
