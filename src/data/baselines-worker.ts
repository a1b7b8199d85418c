import type { Configuration } from '../training/configuration.ts';
import type { Dataset } from './dataset.ts';
import { taskOf } from './kinds.ts';
import { figureOf } from './measure.ts';

/** What the worker is asked: a dataset, and the settings with which it is learned. */
export interface BaselinesRequest {
  readonly dataset: Dataset;
  readonly configuration: Configuration;
}

/** What a simpler model reaches on what is held out, or the floor that none can pass, as the loss is told. */
export interface Level {
  readonly name: string;
  readonly figure: number;
  /** Of the floor alone: what it is, within a sentence. */
  readonly floor?: string;
}

/** What it answers: each level as soon as it is known, then that there are no more. */
export type BaselinesAnswer = { readonly kind: 'level'; readonly level: Level } | { readonly kind: 'done' };

const answer = (message: BaselinesAnswer) => postMessage(message);

export async function hear({ dataset, configuration }: BaselinesRequest): Promise<void> {
  const { floor, measure, baselines } = await taskOf(dataset, configuration);
  const tell = (name: string, loss: number, floor?: string) =>
    answer({ kind: 'level', level: { name, figure: figureOf(measure, loss), ...(floor !== undefined && { floor }) } });
  if (floor !== undefined) tell('floor', floor.loss, floor.name);
  for (const { name, loss } of baselines()) tell(name, loss);
  answer({ kind: 'done' });
}
