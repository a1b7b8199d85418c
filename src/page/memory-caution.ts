import { longestOf, samplesIn } from '../data/labelled/longest.ts';
import { leastMemory } from '../engine/least-memory.ts';
import { formatBytes } from '../format.ts';
import { type PageState, pending } from './state.ts';

/** Bytes that a page may count on in hardly any phone. */
const scarce = 1e9;

/**
 * What there is to be said of the memory that the network of the form takes: what it holds where it stands, else what it will
 * need at the least; nothing where that is little.
 */
export function cautionAboutMemory(state: PageState): string {
  const { network, opening, configuration, dataset } = state;
  const { cell, layers, hidden, batch, sequence, parts } = configuration;
  const standing = opening || pending(state).length > 0 ? null : network;
  // A sample is never cut, and a batch has no more of them than there are.
  const [rows, timesteps] =
    dataset?.kind === 'labelled' ? [Math.min(batch, samplesIn(dataset)), longestOf(dataset)] : [batch, sequence];
  const bytes = standing?.engine.cost.bytes ?? leastMemory({ cell, layers, hidden, rows, timesteps, parts });
  if (bytes < scarce) return '';
  const takes = standing ? 'takes' : 'will take at least';
  return `The network ${takes} ${formatBytes(bytes)} of memory, more than most phones have for a page. A smaller batch, ${dataset?.kind === 'labelled' ? 'shorter samples' : 'a shorter sequence'} or more parts take less.`;
}
