import { type Cell, cells } from '../../model/cells/cells.ts';
import { quote } from '../../quote.ts';
import type { GateOrder } from '../fused.ts';

/**
 * What Keras and TensorFlow.js have alike. A layer's weights are `kernel` `[I, G·H]`, `recurrent_kernel` `[H, G·H]` and `bias`
 * `[G·H]`, or `[2, G·H]` for a GRU whose reset gate acts after the recurrent product: the input's, then the recurrent one.
 */

/** A cell as Keras has it. */
export interface LayerForm {
  readonly className: 'GRU' | 'LSTM' | 'SimpleRNN';
  /** The order in which its gates lie side by side. */
  readonly gates: readonly string[];
  /** What makes the candidate; the gates' own is σ. */
  readonly activation: 'tanh' | 'sigmoid';
  /** Of a GRU, whether its reset gate acts after the recurrent product. */
  readonly resetAfter?: boolean;
}

export const layerForms: Readonly<Record<Cell, LayerForm>> = {
  gru: { className: 'GRU', gates: ['z', 'r', 'c'], activation: 'tanh', resetAfter: false },
  'gru-after': { className: 'GRU', gates: ['z', 'r', 'c'], activation: 'tanh', resetAfter: true },
  lstm: { className: 'LSTM', gates: ['i', 'f', 'g', 'o'], activation: 'tanh' },
  rnn: { className: 'SimpleRNN', gates: ['s'], activation: 'sigmoid' },
  'rnn-tanh': { className: 'SimpleRNN', gates: ['s'], activation: 'tanh' },
};

/** The order of each cell's gates. */
export const gateOrder: GateOrder = Object.fromEntries(cells.map((cell) => [cell, layerForms[cell].gates]));

/** What the format calls a network that it has as layers, not as a graph of operations. */
export const layersFormat = 'layers-model';

/** What Sluice keeps its own words under, in the metadata that the format leaves to whoever writes. */
export const ownMetadata = 'sluice';

/** A value of a file as a message may show it, whatever it is: turning an object into a text could run into anything. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value !== null ? 'something that is no text' : String(value);
}
