import type { ModelConfiguration } from '../../model/configuration.ts';
import { hash } from '../../model/random.ts';
import type { Capacity, Precision } from '../engine.ts';

/** Where the fastest tunings are remembered, as lines of text under keys. It may fail: then nothing is remembered. */
export interface TuningStore {
  /** What was written under a key, if anything. */
  read(key: string): Promise<string | undefined>;
  /** Remembers a tuning. */
  write(key: string, tuning: string): Promise<void>;
}

/**
 * Under what the tuning for a network and a batch is remembered: on another adapter another one may be the fastest.
 *
 * @param weights the least precise reading of the recurrent weights that was allowed
 */
export function tuningKey(
  adapter: DescribedAdapter,
  model: ModelConfiguration,
  { rows, timesteps }: Capacity,
  weights: Precision = 'f32',
): string {
  const { cell, layers, inputs, inputSize, hiddenSize, outputSize } = model;
  return [adapterKey(adapter), cell, layers, inputs, inputSize, hiddenSize, outputSize, rows, timesteps, weights].join(
    ' ',
  );
}

/** What an adapter tells of itself. */
export type DescribedAdapter = Pick<GPUAdapter, 'info' | 'limits' | 'features'>;

/** What tells an adapter from others: its name; where the browser does not tell one, what it can do. */
export function adapterKey({ info, limits, features }: DescribedAdapter): string {
  const { vendor, architecture, device, description } = info;
  const name = [vendor, architecture, device, description].join('|');
  if (name !== '|||') return name;
  const figures: string[] = [];
  for (const limit in limits) figures.push(`${limit}=${limits[limit as keyof GPUSupportedLimits]}`);
  return `${name}${hashOf([...figures, ...features].toSorted().join())}`;
}

/** A text in one number. */
export const hashOf = (text: string): number =>
  Array.from(text).reduce((hashed, character) => hash(hashed ^ character.codePointAt(0)!), 0);
