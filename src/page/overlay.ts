import type uPlot from 'uplot';
import type { Theme } from './theme.ts';

/** What a loss chart shows besides the run that stands. Along the axis everything is told in steps of that run. */
export interface Overlay {
  /** How much of what the axis counts a step takes. */
  readonly perStep: number;
  /** The points of the other runs, from the first to the last. */
  readonly steps: readonly number[];
  /** The losses of the other runs, as they are told. */
  readonly figures: readonly number[];
  /** What stands at a tick. */
  tick(count: number): string;
  draw(plot: uPlot, theme: Theme): void;
  /** How the other runs stand, in a sentence. */
  readonly summary: string;
  /** What the other runs have at a step, beginning with a separator. */
  reading(step: number): string;
  /** Shows what the other runs have at a step, or with `null` no more. */
  point(step: number | null): void;
}
