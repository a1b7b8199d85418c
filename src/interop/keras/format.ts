import { quote } from '../../files/json.ts';
import type { Cell } from '../../model/cells/cells.ts';
import type { GateOrder } from '../fused.ts';

/**
 * What Keras and TensorFlow.js have alike. A layer's weights are `kernel` `[I, G·H]`, `recurrent_kernel` `[H, G·H]` and `bias`
 * `[G·H]`, or `[2, G·H]` for a GRU whose reset gate acts after the recurrent product: the input's, then the recurrent one.
 */

/** The order in which Keras has the gates of a layer side by side. */
export const gateOrder: GateOrder = {
  gru: ['z', 'r', 'c'],
  'gru-after': ['z', 'r', 'c'],
  lstm: ['i', 'f', 'g', 'o'],
  rnn: ['s'],
  'rnn-tanh': ['s'],
};

/** What the format calls a network that it has as layers, not as a graph of operations. */
export const layersFormat = 'layers-model';

/** What Sluice keeps its own words under, in the metadata that the format leaves to whoever writes. */
export const ownMetadata = 'sluice';

/** The class of the layer that has a cell. */
export const layerClass: Readonly<Record<Cell, 'GRU' | 'LSTM' | 'SimpleRNN'>> = {
  gru: 'GRU',
  'gru-after': 'GRU',
  lstm: 'LSTM',
  rnn: 'SimpleRNN',
  'rnn-tanh': 'SimpleRNN',
};

/** A value of a file as a message may show it, whatever it is: turning an object into a text could run into anything. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value !== null ? 'something that is no text' : String(value);
}
