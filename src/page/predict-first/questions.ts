import { choiceLabel } from '../../format.ts';
import { comparedWith, isGated } from '../../model/cells/cells.ts';
import { timestepOf } from '../../training/looks/timestep.ts';
import type { Network } from '../state.ts';

/** A panel that can be hidden until somebody has guessed what it will show. */
export interface Guessable {
  readonly name: string;
  /** Its element. */
  readonly root: string;
  /** The question stands before this one within it. */
  readonly place: string;
  /** What says what came out. */
  readonly outcome: string;
  readonly ask: (network: Network) => string;
}

const timestep = ({ plan }: Network) => timestepOf(plan.dataset);
const cell = ({ plan }: Network) => plan.configuration.cell;

export const guessables: readonly Guessable[] = [
  {
    name: 'written',
    root: '.written',
    place: '#passage-of',
    outcome: '#passage-of',
    ask: ({ plan }) =>
      `What will it write after “${plan.configuration.prime}” when it has trained: which word comes first, and is it a real one?`,
  },
  {
    name: 'gates',
    root: '#gates',
    place: '.gates-settings',
    outcome: '#gates-summary',
    ask: (network) =>
      isGated(cell(network))
        ? `Over all units and ${timestep(network)}s: how often is a gate wide open, above 0.9, and how often shut, below 0.1?`
        : `Over all units and ${timestep(network)}s: how often is a state above 0.9, and how often below 0.1?`,
  },
  {
    name: 'matching',
    root: '.matching',
    place: '.matching-plot > :first-child',
    outcome: '#matching-summary',
    ask: () =>
      'For how many characters does a prediction match the text on average, the network’s and those of n-grams of order 2, 4, 6 and 8?',
  },
  {
    name: 'reach',
    root: '#reach',
    place: '.panel-help',
    outcome: '#reach-summary',
    ask: (network) =>
      `After how many ${timestep(network)}s does the gradient fall below a hundredth, in this ${choiceLabel(cell(network))} and in the ${choiceLabel(comparedWith(cell(network)))}?`,
  },
];
