import type { Precision } from '../engine/engine.ts';
import { parseTuning } from '../engine/webgpu/tuning.ts';

/** How WebGPU shall cut up its work. */
export type TuningSetting =
  /** As is remembered to be the fastest on the device; on hardware that is found out where nobody has to wait for it. */
  | { readonly kind: 'auto' }
  /** As turns out to be the fastest before the first step, also on what emulates a GPU. */
  | { readonly kind: 'measure'; readonly weights: Precision }
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
      if (rest.length === 0) return { kind };
      throw new RangeError(`Tuning takes nothing after auto, not “${rest.join(' ')}”.`);
    case 'measure':
      if (rest.length === 0) return { kind, weights: 'f32' };
      if (rest.join(' ') === 'weights=f16') return { kind, weights: 'f16' };
      throw new RangeError(`Tuning takes only weights=f16 after measure, not “${rest.join(' ')}”.`);
    case 'whole-sequence':
    case 'stepwise':
      parseTuning(written);
      return { kind: 'told', line: written };
    default:
      throw new RangeError(`Tuning is auto, measure, or begins with whole-sequence or stepwise, not “${kind}”.`);
  }
}
