import type { ModelConfiguration } from '../../model/configuration.ts';
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
  { vendor, architecture, device, description }: GPUAdapterInfo,
  model: ModelConfiguration,
  { rows, timesteps }: Capacity,
  weights: Precision = 'f32',
): string {
  const { cell, layers, inputs, inputSize, hiddenSize, outputSize } = model;
  const adapter = [vendor, architecture, device, description].join('|');
  return [adapter, cell, layers, inputs, inputSize, hiddenSize, outputSize, rows, timesteps, weights].join(' ');
}
