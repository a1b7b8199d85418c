import type { Run } from '../run.ts';
import type { Answers } from './answers.ts';
import type { Prediction } from './prediction.ts';
import type { Reach } from './reach.ts';
import type { Reading } from './reading.ts';
import type { ReberString, ReberTest } from './reber.ts';

/** What a page may ask to see of the network as it stands. A later look of the same kind takes an earlier one's place. */
export type Look =
  /** How far back the gradient reaches. */
  | { readonly kind: 'reach' }
  /** The same before the first step, in this network and in one of another cell and the same sizes, for comparison. */
  | { readonly kind: 'untrainedReach' }
  /**
   * Gates and states of a layer, counted from 0, while the network reads: a text, or what of its data is in a place, see
   * `readPlace`.
   */
  | { readonly kind: 'reading'; readonly what: string | number; readonly layer: number }
  /** What it predicts of its series: see `predictionOf`. */
  | { readonly kind: 'prediction'; readonly variable: number; readonly from: number }
  /** What it makes of samples: see `answersOf`. */
  | { readonly kind: 'answers'; readonly page: number }
  /** How well it knows the Reber grammar that its text follows, over so many strings. */
  | { readonly kind: 'reberTest'; readonly strings: number }
  /** What it expects within one string. */
  | { readonly kind: 'reberString'; readonly seed: number };

/** What there was to see. */
export type Sight =
  | { readonly kind: 'reach'; readonly reach: Reach }
  | { readonly kind: 'untrainedReach'; readonly reaches: readonly [own: Reach, other: Reach] }
  | { readonly kind: 'reading'; readonly reading: Reading }
  | { readonly kind: 'prediction'; readonly prediction: Prediction }
  | { readonly kind: 'answers'; readonly answers: Answers }
  | { readonly kind: 'reberTest'; readonly test: ReberTest }
  | { readonly kind: 'reberString'; readonly string: ReberString };

/**
 * Looks into a run. What a look takes is fetched with the first of its kind.
 *
 * @throws RangeError in one sentence if there is nothing to see, CapacityError if the device has no room for it
 */
export async function lookInto(run: Run, look: Look): Promise<Sight> {
  const { kind } = run.dataset;
  switch (look.kind) {
    case 'reach': {
      const { reachOf } = await import('./reach.ts');
      return { kind: look.kind, reach: await reachOf(run) };
    }
    case 'untrainedReach': {
      const { untrainedReaches } = await import('./reach.ts');
      return { kind: look.kind, reaches: await untrainedReaches(run) };
    }
    case 'reading': {
      const { what, layer } = look;
      const { readPlace, readText } = await import('./reading.ts');
      const reading = typeof what === 'string' ? readText(run, what, layer) : readPlace(run, what, layer);
      return { kind: look.kind, reading: await reading };
    }
    case 'prediction': {
      if (kind !== 'series') throw new RangeError('Only a network that has learned from a series predicts one.');
      const { predictionOf } = await import('./prediction.ts');
      return { kind: look.kind, prediction: await predictionOf(run, look.variable, look.from) };
    }
    case 'answers': {
      if (kind !== 'labelled') throw new RangeError('Only a network that has learned from samples answers to some.');
      const { answersOf } = await import('./answers.ts');
      return { kind: look.kind, answers: await answersOf(run, look.page) };
    }
    case 'reberTest': {
      const { testReber } = await import('./reber.ts');
      return { kind: look.kind, test: await testReber(run, look.strings) };
    }
    case 'reberString': {
      const { readReberString } = await import('./reber.ts');
      return { kind: look.kind, string: await readReberString(run, look.seed) };
    }
  }
}
