import { parseTuning } from '../engine/webgpu/tuning.ts';

/** How WebGPU shall cut up its work. */
export type TuningSetting =
  /** As is remembered to be the fastest on the device; on hardware that is found out where nobody has to wait for it. */
  | { readonly kind: 'auto' }
  /** As turns out to be the fastest before the first step, also on what emulates a GPU. */
  | { readonly kind: 'measure' }
  /** As a line says, whatever is known to be faster. */
  | { readonly kind: 'told'; readonly line: string };

/**
 * Reads the setting `tuning`.
 *
 * @throws RangeError saying what it takes, if `written` is not that
 */
export function readTuningSetting(written: string): TuningSetting {
  const [kind = '', ...rest] = written.trim().split(/\s+/);
  switch (kind) {
    case 'auto':
    case 'measure':
      if (rest.length === 0) return { kind };
      throw new RangeError(`Tuning takes nothing after ${kind}, not “${rest.join(' ')}”.`);
    case 'whole-sequence':
    case 'stepwise':
      parseTuning(written);
      return { kind: 'told', line: written };
    default:
      throw new RangeError(`Tuning is auto, measure, or begins with whole-sequence or stepwise, not “${kind}”.`);
  }
}
