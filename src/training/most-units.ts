import type { Dataset } from '../data/dataset.ts';
import { CapacityError } from '../engine/engine.ts';
import type { Configuration } from './configuration.ts';
import { type Choose, Run } from './run.ts';

/**
 * How many hidden units fit the engine, for a network that is too large for it as its settings are: the most of a half of them, a
 * quarter and so on. Found by having the engine open such a network, which takes long where it fits and therefore happens once.
 *
 * @param signal ends it after the try under way
 * @returns `undefined` once the signal is aborted, where it is not the units that are too many, or nothing more can be asked of the device
 */
export async function mostUnits(
  dataset: Dataset,
  configuration: Configuration,
  choose: Choose,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let hidden = configuration.hidden >> 1; hidden > 0 && !signal.aborted; hidden >>= 1) {
    try {
      const run = await Run.open(dataset, { ...configuration, hidden }, choose);
      run.close();
      return hidden;
    } catch (error) {
      // A device that was asked for too much may be gone.
      if (!(error instanceof CapacityError)) return undefined;
    }
  }
  return undefined;
}
