import type { Run } from '../run.ts';
import { type Reach, reachOf, untrainedReach } from './reach.ts';
import { type Reading, readText } from './reading.ts';

/** What a page may ask to see of the network as it stands. A later look of the same kind takes an earlier one's place. */
export type Look =
  /** How far back the gradient reaches. */
  | { readonly kind: 'reach' }
  /** The same in an untrained network of the other cell and the same sizes, for comparison. */
  | { readonly kind: 'untrainedReach' }
  /** Gates and state while the network reads a text. */
  | { readonly kind: 'reading'; readonly text: string };

/** What there was to see. */
export type Sight =
  | { readonly kind: 'reach'; readonly reach: Reach }
  | { readonly kind: 'untrainedReach'; readonly reach: Reach }
  | { readonly kind: 'reading'; readonly reading: Reading };

/** @throws RangeError in one sentence if there is nothing to see, CapacityError if the device has no room for it. */
export async function lookInto(run: Run, look: Look): Promise<Sight> {
  switch (look.kind) {
    case 'reach':
      return { kind: look.kind, reach: await reachOf(run) };
    case 'untrainedReach':
      return { kind: look.kind, reach: await untrainedReach(run) };
    case 'reading':
      return { kind: look.kind, reading: await readText(run, look.text) };
  }
}
