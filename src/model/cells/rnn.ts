import type { CellDescription } from './description.ts';

/** The textbook's recurrent cell: h' = σ(x U + h W + b). */
export const rnn: CellDescription = {
  title: 'RNN',
  summary: 'The textbook’s plain one with σ, to compare with.',
  states: ['h'],
  phases: [{ operand: 'h', gates: [{ letter: 's', input: 'U', recurrent: 'W', bias: 'b' }] }],
  outputBias: 'c',
  restless: true,
};
