import type { Run } from '../run.ts';
import { type Reach, reachOf, untrainedReach } from './reach.ts';
import { type Reading, readText } from './reading.ts';
import { type ReberString, type ReberTest, readReberString, testReber } from './reber.ts';

/** What a page may ask to see of the network as it stands. A later look of the same kind takes an earlier one's place. */
export type Look =
  /** How far back the gradient reaches. */
  | { readonly kind: 'reach' }
  /** The same in an untrained network of another cell and the same sizes, for comparison. */
  | { readonly kind: 'untrainedReach' }
  /** Gates and states of a layer, counted from 0, while the network reads a text. */
  | { readonly kind: 'reading'; readonly text: string; readonly layer: number }
  /** How well it knows the Reber grammar that its text follows, over so many strings. */
  | { readonly kind: 'reberTest'; readonly strings: number }
  /** What it expects within one string. */
  | { readonly kind: 'reberString'; readonly seed: number };

/** What there was to see. */
export type Sight =
  | { readonly kind: 'reach' | 'untrainedReach'; readonly reach: Reach }
  | { readonly kind: 'reading'; readonly reading: Reading }
  | { readonly kind: 'reberTest'; readonly test: ReberTest }
  | { readonly kind: 'reberString'; readonly string: ReberString };

/** @throws RangeError in one sentence if there is nothing to see, CapacityError if the device has no room for it. */
export async function lookInto(run: Run, look: Look): Promise<Sight> {
  switch (look.kind) {
    case 'reach':
      return { kind: look.kind, reach: await reachOf(run) };
    case 'untrainedReach':
      return { kind: look.kind, reach: await untrainedReach(run) };
    case 'reading':
      return { kind: look.kind, reading: await readText(run, look.text, look.layer) };
    case 'reberTest':
      return { kind: look.kind, test: await testReber(run, look.strings) };
    case 'reberString':
      return { kind: look.kind, string: await readReberString(run, look.seed) };
  }
}
