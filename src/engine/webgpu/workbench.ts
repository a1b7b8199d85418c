import { type ModelConfiguration, targetsOf, type Values } from '../../model/configuration.ts';
import { parameterLayout } from '../../model/parameters.ts';
import { Random } from '../../model/random.ts';
import { timestepsOf } from '../batch.ts';
import type { AdamSettings, Batch, Capacity } from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { openSession } from './session.ts';
import type { Workbench } from './tuner.ts';

/** Steps that leave the parameters where they are. */
const still: AdamSettings = { learningRate: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

/** Tries tunings on a device, with the real network at its real size, and with random weights and a random batch. */
export function workbench(device: GPUDevice, model: ModelConfiguration, capacity: Capacity): Workbench {
  const batch = randomBatch(model, capacity);
  const initial = initialState(model, capacity, 1);
  const state = { ...initial, parameters: toHalves(initial.parameters) };
  const now = () => performance.now();
  return {
    layout: parameterLayout(model),
    timesteps: capacity.timesteps,
    now,
    open: async (tuning) => {
      const session = await openSession(device, model, capacity, tuning);
      session.write(state);
      return {
        time: async (timesteps, repeats) => {
          const part = { ...timestepsOf(batch, model, 0, timesteps), initialState: 'zero' } as const;
          const start = now();
          await Promise.all(Array.from({ length: repeats }, () => session.step(part, still)));
          return (now() - start) / repeats;
        },
        gradients: () => session.gradients(batch),
        close: () => session.close(),
      };
    },
  };
}

/**
 * Parameters that are the same in float32 and in f16, near those that are given: multiples of 2⁻¹⁰, for |θ| < 2. What reads
 * weights as f16 then has to find the very gradients that others find.
 */
export const toHalves = (parameters: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> =>
  parameters.map((value) => Math.round(value * 1024) / 1024);

/** What a network reads and should predict, drawn from a seed. */
export function randomBatch(model: ModelConfiguration, { rows, timesteps }: Capacity): Batch {
  const random = new Random(1);
  const draw = (values: Values, size: number) =>
    values === 'symbols'
      ? Uint32Array.from({ length: rows * timesteps }, () => random.integer(size))
      : Float32Array.from({ length: rows * timesteps * size }, () => random.uniform());
  const [inputs, targets] = [draw(model.inputs, model.inputSize), draw(targetsOf(model), model.outputSize)];
  return { rows, timesteps, inputs, targets, initialState: 'zero' };
}
