import type { CellDescription } from './description.ts';

/** Long short-term memory: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000, as `nn.LSTM`. */
export const lstm: CellDescription = {
  title: 'LSTM',
  summary: 'Gated, with a memory beside its state: as PyTorch’s nn.LSTM.',
  states: ['h', 'c'],
  phases: [
    {
      operand: 'h',
      gates: [
        {
          letter: 'i',
          input: 'U_i',
          recurrent: 'W_i',
          bias: 'b_i',
          title: 'input gate',
          does: 'lets what is new into a unit’s memory',
        },
        {
          letter: 'f',
          input: 'U_f',
          recurrent: 'W_f',
          bias: 'b_f',
          title: 'forget gate',
          does: 'is how much of the memory stays',
        },
        { letter: 'g', input: 'U_g', recurrent: 'W_g', bias: 'b_g', title: 'candidate', does: 'is what is new' },
        {
          letter: 'o',
          input: 'U_o',
          recurrent: 'W_o',
          bias: 'b_o',
          title: 'output gate',
          does: 'is how much of the memory shows',
        },
      ],
    },
  ],
  candidate: 'g',
  outputBias: 'b_y',
};
