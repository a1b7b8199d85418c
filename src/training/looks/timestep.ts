import type { Dataset } from '../../data/dataset.ts';

/** What a network reads at each timestep, as people call it. */
export type Timestep = 'character' | 'row' | 'timestep';

export function timestepOf(dataset: Dataset): Timestep {
  if (dataset.kind === 'series') return 'row';
  return dataset.kind === 'text' || dataset.inputs.kind === 'symbols' ? 'character' : 'timestep';
}
