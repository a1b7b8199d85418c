import type { GateOrder } from '../fused.ts';

/** The order of the gates in `weight_ih` and `weight_hh`, from the documentation of `nn.GRU`, `nn.LSTM` and `nn.RNN`. */
export const pytorchGates: GateOrder = {
  'gru-after': ['r', 'z', 'c'],
  lstm: ['i', 'f', 'g', 'o'],
  'rnn-tanh': ['s'],
};
