import type { CellDescription } from './description.ts';

/**
 * The gated recurrent unit with its reset gate after the recurrent product, c = tanh(x U_h + b_h + r ⊙ (h W_h + b_hh)): what
 * cuDNN, PyTorch's `nn.GRU` and Keras compute. Here z is how much of the state is replaced, there how much stays.
 */
export const gruAfter: CellDescription = {
  title: 'GRU (reset after)',
  summary: 'The GRU as PyTorch, cuDNN and Keras compute it, with its reset gate after the recurrent product.',
  states: ['h'],
  phases: [
    {
      operand: 'h',
      gates: [
        {
          letter: 'z',
          input: 'U_z',
          recurrent: 'W_z',
          bias: 'b_z',
          title: 'update gate',
          does: 'lets what is new into a unit',
        },
        {
          letter: 'r',
          input: 'U_r',
          recurrent: 'W_r',
          bias: 'b_r',
          title: 'reset gate',
          does: 'lets the unit’s past have a say in what is new',
        },
        { letter: 'p', recurrent: 'W_h', bias: 'b_hh' },
        { letter: 'c', input: 'U_h', bias: 'b_h', title: 'candidate', does: 'is what is new' },
      ],
    },
  ],
  candidate: 'c',
  outputBias: 'b_y',
};
