import { type Baseline, baselines } from './baselines.ts';

/** What the worker is asked: the arguments of `baselines`. */
export interface BaselinesRequest {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly vocabularySize: number;
}

/** What it answers: each baseline as soon as it is known, then that there are no more. */
export type BaselinesAnswer = { readonly kind: 'baseline'; readonly baseline: Baseline } | { readonly kind: 'done' };

const answer = (message: BaselinesAnswer) => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<BaselinesRequest>) => {
  for (const baseline of baselines(data.training, data.validation, data.vocabularySize)) {
    answer({ kind: 'baseline', baseline });
  }
  answer({ kind: 'done' });
};
