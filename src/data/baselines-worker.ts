import { type Baseline, baselines } from './text/baselines.ts';
import { split } from './text/split.ts';

/** What the worker is asked: a text, and the share of it that is held out. */
export interface BaselinesRequest {
  readonly text: string;
  readonly validation: number;
}

/** What it answers: each baseline as soon as it is known, then that there are no more. */
export type BaselinesAnswer = { readonly kind: 'baseline'; readonly baseline: Baseline } | { readonly kind: 'done' };

const answer = (message: BaselinesAnswer) => postMessage(message);

export function hear(request: BaselinesRequest): void {
  const { vocabulary, training, validation } = split(request.text, request.validation);
  for (const baseline of baselines(training, validation, vocabulary.size)) answer({ kind: 'baseline', baseline });
  answer({ kind: 'done' });
}
