import type { CellDescription } from './description.ts';

/** The gated recurrent unit with its reset gate before the recurrent product: Cho et al. 2014. */
export const gru: CellDescription = {
  title: 'GRU',
  summary: 'Gated, remembers long: the exercise’s, with its reset gate before the recurrent product.',
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
      ],
    },
    {
      operand: 'q',
      gates: [{ letter: 'c', input: 'U_h', recurrent: 'W_h', bias: 'b_h', title: 'candidate', does: 'is what is new' }],
    },
  ],
  candidate: 'c',
  outputBias: 'b_y',
};
