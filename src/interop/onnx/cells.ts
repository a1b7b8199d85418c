import type { Cell } from '../../model/cells/cells.ts';
import type { GateOrder } from '../fused.ts';

/** The order in which ONNX has the gates of each cell. */
export const gateOrders: Required<GateOrder> = {
  gru: ['z', 'r', 'c'],
  'gru-after': ['z', 'r', 'c'],
  lstm: ['i', 'o', 'f', 'g'],
  rnn: ['s'],
  'rnn-tanh': ['s'],
};

/** The operator that computes a cell, with what makes it this cell and no other. */
export interface CellOperator {
  readonly operator: 'GRU' | 'LSTM' | 'RNN';
  /** How each of its gates is squashed, as ONNX names it. */
  readonly activations: readonly string[];
  /** GRU alone: whether the reset gate comes after the recurrent product. */
  readonly resetAfter?: boolean;
}

export const cellOperators: Readonly<Record<Cell, CellOperator>> = {
  gru: { operator: 'GRU', activations: ['Sigmoid', 'Tanh'], resetAfter: false },
  'gru-after': { operator: 'GRU', activations: ['Sigmoid', 'Tanh'], resetAfter: true },
  lstm: { operator: 'LSTM', activations: ['Sigmoid', 'Tanh', 'Tanh'] },
  rnn: { operator: 'RNN', activations: ['Sigmoid'] },
  'rnn-tanh': { operator: 'RNN', activations: ['Tanh'] },
};

/** The activations that an operator has if nothing is said. */
export const usualActivations: Readonly<Record<CellOperator['operator'], readonly string[]>> = {
  GRU: cellOperators.gru.activations,
  LSTM: cellOperators.lstm.activations,
  RNN: cellOperators['rnn-tanh'].activations,
};
