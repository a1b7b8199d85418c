import type { CellDescription } from './description.ts';

/** The plain recurrent cell of Elman 1990: h' = tanh(x U + h W + b), as PyTorch's `nn.RNN`. */
export const rnnTanh: CellDescription = {
  title: 'RNN (tanh)',
  summary: 'The plain one with tanh: as PyTorch’s nn.RNN.',
  states: ['h'],
  phases: [{ operand: 'h', gates: [{ letter: 's', input: 'U', recurrent: 'W', bias: 'b' }] }],
  outputBias: 'c',
};
