import type { Passage } from '../state.ts';

/** How many passages are kept of a run. */
const most = 24;

/**
 * Keeps a passage among those of the run, the newest first. When there are too many, one goes that stands closest between two
 * others in the logarithm of the steps: so the beginning is kept as well as what was written last.
 */
export function keepPassage(passage: Passage, passages: readonly Passage[]): readonly Passage[] {
  const kept = [passage, ...passages];
  if (kept.length <= most) return kept;
  const at = (i: number) => Math.log(1 + kept[i]!.step);
  const between = kept.slice(1, -1).map((_, i) => Math.abs(at(i) - at(i + 2)));
  return kept.toSpliced(1 + between.indexOf(Math.min(...between)), 1);
}
