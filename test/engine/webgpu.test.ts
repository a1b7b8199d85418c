import { describe, expect, it } from 'vitest';
import type { AdamSettings } from '../../src/engine/engine.ts';
import type { Limits } from '../../src/engine/webgpu/limits.ts';
import { plan, trainingPasses } from '../../src/engine/webgpu/plan.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { useBrowserEngine } from './each-engine.ts';
import { type Kind, kinds, randomCase } from './random-batch.ts';

/** What WebGPU promises on every device. */
const defaultLimits: Limits = {
  maxBufferSize: 268435456,
  maxStorageBufferBindingSize: 134217728,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65535,
};

const planFor = (V: number, H: number, B: number, T: number, kind: Kind = 'GRU, symbols') =>
  plan(kinds[kind](V, H), { rows: B, timesteps: T }, defaultLimits);

const dispatches = (...shape: Parameters<typeof planFor>) => {
  const { passes } = planFor(...shape);
  return trainingPasses.reduce((count, pass) => count + passes[pass].length, 0);
};

describe('The plan of a training step', () => {
  it.each(Object.keys(kinds) as Kind[])(
    'has the same number of dispatches for every length of sequence, and at most 16: %s',
    (kind) => {
      for (const [V, H, B] of [
        [64, 128, 32],
        [96, 256, 64],
        [4096, 1024, 1],
        [2, 1, 1],
      ] as const) {
        expect(dispatches(V, H, B, 512 / B, kind)).toBe(dispatches(V, H, B, 8, kind));
        expect(dispatches(V, H, B, 8, kind)).toBeLessThanOrEqual(16);
      }
      expect(dispatches(64, 128, 32, 512, kind)).toBe(dispatches(64, 128, 32, 8, kind));
    },
  );

  it('binds the largest network that is promised in ranges, with at most 16 dispatches', () => {
    expect(dispatches(8192, 1024, 1, 512)).toBe(dispatches(8192, 1024, 1, 8));
    expect(dispatches(8192, 1024, 1, 8)).toBeLessThanOrEqual(16);
  });

  it.each([
    [
      'hidden units',
      'GRU, symbols',
      [64, 4096, 1, 1],
      /4096 hidden units .*gru-forward.* maxComputeWorkgroupStorageSize is 16384/,
    ],
    ['an RNN', 'RNN, vectors', [64, 4096, 1, 1], /4096 hidden units .*rnn-forward.* maxComputeWorkgroupStorageSize/],
    ['vocabulary', 'GRU, symbols', [65536, 1024, 1, 1], /maxBufferSize is 268435456/],
    ['vectors', 'RNN, vectors', [4096, 16, 128, 80], /buffer of vectors .* maxStorageBufferBindingSize is 134217728/],
    ['batch', 'GRU, symbols', [96, 256, 4096, 1000], /maxBufferSize is 268435456/],
    [
      'logits',
      'GRU, symbols',
      [8192, 16, 64, 100],
      /buffer of dlogits .* would need \d+ bytes, maxStorageBufferBindingSize is 134217728/,
    ],
  ] as const)('refuses too much of %s with the limit’s name and figure', (_, kind, [V, H, B, T], message) => {
    expect(() => planFor(V, H, B, T, kind)).toThrow(message);
  });
});

describe('WebGPU in the browser', () => {
  const engine = useBrowserEngine();
  const cutting = useBrowserEngine('engine=webgpu&stretches=3');
  const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

  it('says how many dispatches and bytes a step takes', async () => {
    const { model, batch } = randomCase([20, 16, 4, 8], 1);
    const planned = planFor(20, 16, 4, 8);
    const session = await engine().open(model, batch);
    session.close();
    expect(session.cost.dispatches).toBe(dispatches(20, 16, 4, 8));
    const buffers = Object.values(planned.buffers).reduce((total, size) => total + size, 0);
    expect(session.cost.bytes).toBe(buffers + session.stepsInFlight * planned.buffers.report);
  });

  it.each([
    ['GRU, symbols', 8],
    ['GRU, symbols', 64],
    ['RNN, vectors', 8],
    ['RNN, vectors', 64],
  ] as const)(
    'takes a step with that many dispatches in one submission, and makes nothing new: %s, T = %i',
    async (kind, timesteps) => {
      const { model, batch } = randomCase([20, 16, 4, timesteps], 1, kind);
      const session = await engine().open(model, batch);
      await session.step(batch, adam);
      await engine().countCalls();
      await session.step({ ...batch, initialState: 'carried' }, adam);
      const calls = await engine().countCalls();
      session.close();
      expect(calls).toMatchObject({ dispatchWorkgroups: session.cost.dispatches, submit: 1, beginComputePass: 1 });
      expect(Object.keys(calls).filter((name) => /^create|^push|onSubmittedWorkDone/.test(name))).toEqual([
        'createCommandEncoder',
      ]);
    },
  );

  it.each(['GRU, symbols', 'GRU, vectors', 'RNN, symbols'] as const)(
    'gives the same bits where a sequence is cut into several dispatches: %s',
    async (kind) => {
      const { model, batch, state } = randomCase([9, 6, 3, 7], 3, kind);
      const short = { ...randomCase([9, 6, 3, 2], 4, kind).batch, initialState: batch.initialState };
      const [whole, cut] = await Promise.all([engine().open(model, batch), cutting().open(model, batch)]);
      expect(cut.cost.dispatches).toBe(whole.cost.dispatches + 2 * 2);
      whole.write(state);
      cut.write(state);
      // The second is shorter than it has parts.
      for (const each of [batch, short]) expect(await cut.gradients(each)).toEqual(await whole.gradients(each));
      expect(await cut.trace(batch)).toEqual(await whole.trace(batch));
      whole.close();
      cut.close();
    },
  );

  it('gives the same bits for the same seed after 50 steps', async () => {
    const train = async () => {
      const session = await engine().open(randomCase([40, 24, 6, 10], 5).model, { rows: 6, timesteps: 10 });
      session.write(randomCase([40, 24, 6, 10], 5).state);
      for (let step = 0; step < 50; step++) await session.step(randomCase([40, 24, 6, 10], step).batch, adam);
      const { parameters } = await session.read();
      session.close();
      return new Uint32Array(parameters.buffer);
    };
    expect(Array.from(await train())).toEqual(Array.from(await train()));
  });

  it('refuses what does not fit before it allocates', async () => {
    await engine().countCalls();
    const refused = engine().open(symbolModel('gru', 64, 5000), { rows: 1, timesteps: 1 });
    await expect(refused).rejects.toThrow(/maxComputeWorkgroupStorageSize/);
    expect(await engine().countCalls()).not.toHaveProperty('createBuffer');
  });
});
