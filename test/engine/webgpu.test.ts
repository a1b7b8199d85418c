import { describe, expect, inject, it } from 'vitest';
import { type Kind, kinds, randomCase } from '../../src/check/cases.ts';
import type { AdamSettings, Engine, TrainingState } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { bytesOf } from '../../src/engine/webgpu/buffers.ts';
import { candidates, defaultTuning, readTuning, refinements } from '../../src/engine/webgpu/candidates.ts';
import { type Plan, plan, trainingPasses } from '../../src/engine/webgpu/plan.ts';
import { ReadBack } from '../../src/engine/webgpu/read-back.ts';
import { writeTuning } from '../../src/engine/webgpu/tuning.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { relativeError } from '../fixtures.ts';
import { defaultLimits } from './default-limits.ts';
import { useWebGPUEngine, webgpu } from './each-engine.ts';

/** A device whose buffers can be bound whole. */
const unbound = { maxStorageBufferBindingSize: 2 ** 34 };

const planFor = (
  V: number,
  H: number,
  B: number,
  T: number,
  kind: Kind = 'GRU, symbols',
  tuning?: string,
  withDropout = false,
) => {
  const [model, capacity] = [kinds[kind]!(V, H), { rows: B, timesteps: T, withDropout }];
  return plan(model, capacity, defaultLimits, tuning ? readTuning(tuning, model, capacity) : undefined);
};

/** How many workgroups each dispatch of a step over a batch of `T` timesteps has. */
const sizesOf = ({ passes }: Plan, rows: number, timesteps: number) =>
  trainingPasses.flatMap((pass) =>
    passes[pass].map(({ workgroups }) => workgroups({ rows, timesteps }).reduce<number>((all, n = 1) => all * n, 1)),
  );

const dispatches = (...shape: Parameters<typeof planFor>) =>
  sizesOf(planFor(...shape), shape[2], shape[3]).filter((size) => size > 0).length;

describe('The plan of a training step', () => {
  it.each(Object.keys(kinds) as Kind[])(
    'has the same number of dispatches for every length of sequence: 13, one more for vectors, 8 for each further layer: %s',
    (kind) => {
      const { layers, inputs } = kinds[kind]!(9, 9);
      const most = 13 + Number(inputs === 'vectors') + 8 * (layers - 1);
      for (const [V, H, B] of [
        [64, 128, 32],
        [96, 256, 64],
        [4096, 1000, 1],
        [2, 1, 1],
      ] as const) {
        expect(dispatches(V, H, B, 512 / B, kind)).toBe(dispatches(V, H, B, 8, kind));
        // Where the flat buffer is too long to be bound at once, its ranges come one by one.
        const ranges = planFor(V, H, B, 8, kind).passes.update.filter(({ kernel }) => kernel === 'adam').length;
        expect(dispatches(V, H, B, 8, kind)).toBeLessThanOrEqual(most + 2 * (ranges - 1));
      }
      expect(dispatches(64, 128, 32, 8, kind)).toBe(most);
      expect(dispatches(64, 128, 32, 8, kind, undefined, true)).toBe(most);
      expect(dispatches(64, 128, 32, 512, kind)).toBe(dispatches(64, 128, 32, 8, kind));
    },
  );

  it.each(['GRU, symbols', 'LSTM, 2 layers, symbols, ragged'] as const)(
    'keeps, with dropout, no more than what each layer puts out and how masks are drawn: %s',
    (kind) => {
      const [without, { buffers }] = [false, true].map((dropout) =>
        planFor(64, 128, 32, 9, kind, undefined, dropout),
      ) as [Plan, Plan];
      const { layers } = kinds[kind]!(64, 128);
      const more = bytesOf(buffers) - bytesOf(without.buffers);
      const nothing = 16;
      expect(more).toBe(layers * (10 * 32 * 128 * 4 + 256 - nothing) - nothing);
    },
  );

  it('has one dispatch more where weights are read as f16, and those take half the room', () => {
    for (const strategy of ['whole-sequence', 'stepwise']) {
      const plans = ['f32', 'f16'].map((bits) =>
        planFor(64, 128, 32, 9, 'GRU, symbols', `${strategy} weights=${bits}`),
      );
      const [full, half] = plans.map((plan) => sizesOf(plan, 32, 9).filter((size) => size > 0).length);
      expect(half).toBe(full! + 1);
      expect(plans[1]!.buffers.halves).toBe(3 * 128 * 128 * 2);
      if (strategy === 'whole-sequence') expect(half).toBeLessThanOrEqual(16);
    }
  });

  it.each(['GRU, symbols', 'GRU, symbols, sigmoid', 'GRU, 2 layers, vectors'] as const)(
    'has no more workgroups in a dimension than every device takes, however large the batch: %s',
    (kind) => {
      const capacity = { rows: 4096, timesteps: 1024 };
      const model = kinds[kind]!(76, 8);
      const { passes } = plan(model, capacity, { ...defaultLimits, maxBufferSize: 2 ** 34, ...unbound });
      const sizes = [...trainingPasses, 'probabilities' as const].flatMap((pass) =>
        passes[pass].map(({ kernel, workgroups }) => ({ kernel, counts: workgroups(capacity) })),
      );
      expect(Math.max(...sizes.flatMap(({ counts }) => counts.map((n = 1) => n)))).toBeLessThanOrEqual(65535);
      const folded = sizes.filter(({ kernel }) => /^output|^product/.test(kernel));
      expect(folded.length).toBeGreaterThan(1);
      for (const { counts } of folded) {
        expect(counts.reduce<number>((all, n = 1) => all * n, 1)).toBeGreaterThan(65535);
      }
    },
  );

  it('refuses more with the figure', () => {
    expect(() => planFor(76, 8, 400_000, 1)).toThrow(
      /sequence-forward\.wgsl would need 100000 workgroups, maxComputeWorkgroupsPerDimension is 65535/,
    );
  });

  it('cuts a sequence so long that a slow device would be taken away, before anything is measured', () => {
    const stretches = (T: number) => planFor(32, 1024, 1, T).passes.forward.length;
    expect([100, 7_000, 10_000].map(stretches)).toEqual([1, 1, 2]);
  });

  it('binds the largest network that is promised in ranges, with at most 16 dispatches', () => {
    expect(dispatches(8192, 1024, 1, 512)).toBe(dispatches(8192, 1024, 1, 8));
    expect(dispatches(8192, 1024, 1, 8)).toBeLessThanOrEqual(16);
  });

  it.each([
    ['GRU, symbols', 4],
    ['GRU, vectors', 4],
    ['RNN, symbols', 2],
  ] as const)(
    'takes few dispatches a timestep where it goes step by step, and none for what a batch has not: %s',
    (kind, each) => {
      const count = (T: number) => dispatches(64, 128, 32, T, kind, 'stepwise');
      expect(count(20) - count(10)).toBe(each * 10);
      expect(count(10)).toBeLessThanOrEqual(dispatches(64, 128, 32, 10, kind) + each * 10);
      const long = planFor(64, 128, 32, 20, kind, 'stepwise');
      expect(sizesOf(long, 32, 10).filter((size) => size > 0)).toHaveLength(count(10));
    },
  );

  it('goes step by step where a workgroup has no room for a whole sequence’s state, and only there', () => {
    const kernels = (H: number) => planFor(64, H, 4, 4).passes.forward.map(({ kernel }) => kernel);
    expect(kernels(1192)).toEqual(['sequence-forward']);
    expect(new Set(kernels(1368))).toEqual(new Set(['step-forward']));
  });

  it('fills no more of a workgroup than a device allows, whatever a tuning asks for', () => {
    const limits = { ...defaultLimits, maxComputeInvocationsPerWorkgroup: 128, maxComputeWorkgroupStorageSize: 4096 };
    for (const written of [
      'stepwise rows=512 parts=512',
      'stepwise rows=4 parts=512 sums=subgroup',
      'whole-sequence rows=64 workgroup=4096 parts=4096',
      'whole-sequence rows=1 workgroup=32 parts=4096 sums=subgroup',
      'whole-sequence workgroup=32 parts=9',
      'stepwise rows=1',
    ]) {
      const [model, capacity] = [kinds['GRU, symbols']!(64, 64), { rows: 64, timesteps: 3 }];
      const { passes } = plan(model, capacity, { ...limits, subgroupSize: 4 }, readTuning(written, model, capacity));
      for (const { constants, files } of [...passes.forward, ...passes.backward]) {
        const { QUADS = 1, PARTS = 1, LANES = 8, WORKGROUP = 1, ROWS = 4 } = constants;
        if (files.includes('parts/subgroup-sums')) expect(PARTS).toBeLessThanOrEqual(4);
        expect(QUADS * PARTS * LANES).toBeLessThanOrEqual(64);
        expect(WORKGROUP).toBeLessThanOrEqual(128);
        expect([1, 2, 4]).toContain(ROWS);
        for (const count of [QUADS, PARTS, WORKGROUP]) expect(Math.log2(count)).toBe(Math.floor(Math.log2(count)));
      }
    }
  });

  it('takes sums in a workgroup’s memory where a device has no subgroups for them', () => {
    for (const strategy of ['whole-sequence', 'stepwise rows=8']) {
      const [within, behind] = ['subgroup', 'workgroup'].map(
        (sums) => planFor(9, 32, 8, 2, 'GRU, symbols', `${strategy} parts=4 sums=${sums}`).passes.forward[0]!,
      );
      expect(behind!.constants['PARTS']).toBe(4);
      expect(within!.constants).toEqual(behind!.constants);
      expect(within!.files).toEqual(behind!.files);
      expect(within!.files).toContain('parts/workgroup-sums');
    }
  });

  it.each([
    ['without subgroups', 1, 'f32'],
    ['with subgroups', 32, 'f32'],
    ['with small subgroups, and f16 allowed', 4, 'f16'],
  ] as const)(
    'offers tunings to try that all fit, the default first, and no two alike: %s',
    (_, subgroupSize, weights) => {
      const limits = { ...defaultLimits, subgroupSize };
      for (const [V, H, B, T] of [
        [64, 128, 32, 64],
        [96, 1024, 64, 100],
        [5, 2000, 1, 1],
        [2, 1, 1, 1],
      ] as const) {
        for (const kind of ['GRU, symbols', 'RNN, vectors'] as const) {
          const [model, capacity] = [kinds[kind]!(V, H), { rows: B, timesteps: T }];
          const offered = candidates(model, capacity, limits);
          expect(offered[0]).toEqual(defaultTuning(model, capacity, limits));
          expect(new Set(offered.map(writeTuning)).size).toBe(offered.length);
          expect(offered.length).toBeGreaterThan(1);
          expect(offered.length).toBeLessThanOrEqual(9);
          expect(offered.some(({ sums }) => sums === 'subgroup')).toBe(subgroupSize > 1);
          const best = offered.at(-1)!;
          const refined = refinements(model, capacity, limits, weights).flatMap((refine) => refine(best));
          // What rounds weights is offered only where that is allowed.
          expect(offered.some((tuning) => tuning.weights === 'f16')).toBe(false);
          expect(refined.some((tuning) => tuning.weights === 'f16')).toBe(weights === 'f16');
          for (const tuning of [...offered, ...refined]) {
            expect(() => plan(model, capacity, limits, tuning)).not.toThrow();
            expect(readTuning(writeTuning(tuning), model, capacity)).toEqual(tuning);
          }
        }
      }
    },
  );

  it.each([
    ['fast', /begins with whole-sequence or stepwise, not “fast”/],
    ['stepwise stretches=2', /stepwise takes rows, parts, sums, weights, splits, as in “rows=4”, not “stretches=2”/],
    ['whole-sequence rows=0', /not “rows=0”/],
    ['stepwise parts=-1', /not “parts=-1”/],
    ['stepwise sums=quick', /as in “sums=workgroup\|subgroup”, not “sums=quick”/],
    ['whole-sequence weights=16', /as in “weights=f32\|f16”, not “weights=16”/],
    ['whole-sequence toString=1', /not “toString=1”/],
  ])('refuses a tuning that says %s', (written, message) => {
    expect(() => planFor(8, 8, 1, 1, 'GRU, symbols', written)).toThrow(message);
  });

  it.each([
    [
      'hidden units in whole sequences',
      'GRU, symbols',
      [64, 3000, 1, 1],
      /3000 hidden units .*sequence-forward.* maxComputeWorkgroupStorageSize is 16384/,
      'whole-sequence',
    ],
    ['hidden units', 'GRU, symbols', [64, 4096, 1, 1], /buffer of parameters .* maxStorageBufferBindingSize/],
    [
      'an RNN in whole sequences',
      'RNN, vectors',
      [64, 4096, 1, 1],
      /4096 hidden units .*sequence-forward.* maxComputeWorkgroupStorageSize/,
      'whole-sequence',
    ],
    ['a sequence step by step', 'GRU, symbols', [4, 4, 1, 10_000], /10000 timesteps .* at most 8192/, 'stepwise'],
    ['vocabulary', 'GRU, symbols', [65536, 1024, 1, 1], /maxBufferSize is 268435456/],
    ['vectors', 'RNN, vectors', [4096, 16, 128, 80], /buffer of vectors .* maxStorageBufferBindingSize is 134217728/],
    ['batch', 'GRU, symbols', [96, 256, 4096, 1000], /maxBufferSize is 268435456/],
    [
      'logits',
      'GRU, symbols',
      [8192, 16, 64, 100],
      /buffer of dlogits .* would need \d+ bytes, maxStorageBufferBindingSize is 134217728/,
    ],
  ] as const)(
    'refuses too much of %s with the limit’s name and figure',
    (_, kind, [V, H, B, T], message, tuning?: string) => {
      expect(() => planFor(V, H, B, T, kind, tuning)).toThrow(message);
    },
  );
});

describe(webgpu, () => {
  const engine = useWebGPUEngine();
  const cutting = useWebGPUEngine({ tuning: 'whole-sequence stretches=3' });
  const remembering = useWebGPUEngine({ remembered: 'stepwise rows=4 parts=2 splits=1' });
  const forgetting = useWebGPUEngine({ remembered: 'nonsense' });
  const failing = useWebGPUEngine({ remembered: 'fails' });
  const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

  it('says how many dispatches and bytes a step takes', async () => {
    const { model, batch } = randomCase([20, 16, 4, 8], 1);
    const planned = planFor(20, 16, 4, 8);
    const session = await engine().open(model, batch);
    session.close();
    expect(session.cost.dispatches).toBe(dispatches(20, 16, 4, 8));
    const buffers = Object.values(planned.buffers).reduce((total, size) => total + size, 0);
    expect(session.cost.bytes).toBe(buffers + ReadBack.ringBytes(planned.buffers.report));
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

  it('trains, evaluates and writes with more hidden units than a workgroup has room for', async () => {
    const { model, batch, state } = randomCase([6, 1401, 2, 2], 3);
    const primes = [
      Uint32Array.of(1, 2, 3),
      Uint32Array.of(4),
      Uint32Array.of(0, 5),
      Uint32Array.of(5),
      Uint32Array.of(2),
    ];
    const use = async (engine: Engine) => {
      const session = await engine.open(model, batch);
      session.write(state);
      const written = await session.generate(primes, 6, { temperature: 1, seed: 3 });
      const { loss } = await session.step(batch, adam);
      const after = await session.evaluate(batch);
      session.close();
      return { written, losses: [loss, after] };
    };
    const [found, expected] = [await use(engine()), await use(new ReferenceEngine())];
    expect(found.written).toEqual(expected.written);
    expect(relativeError(found.losses, expected.losses)).toBeLessThan(1e-5);
  });

  it('tells with what tuning a session works, which gives the same bits in another', async () => {
    const { model, batch, state } = randomCase([9, 20, 6, 7], 3);
    const other = 'stepwise rows=4 parts=2 sums=workgroup weights=f32 splits=1';
    const find = async (tuning?: string) => {
      const session = await engine().open(model, batch, tuning);
      session.write(state);
      const gradients = await session.gradients(batch);
      session.close();
      return { tuning: session.tuning, gradients };
    };
    const [usual, told, again] = [await find(), await find(other), await find(other)];
    expect(usual.tuning).toMatch(/^whole-sequence rows=4/);
    expect(told).toEqual(again);
    expect(told.tuning).toBe(other);
    expect(told.gradients).not.toEqual(usual.gradients);
    expect(await find(usual.tuning)).toEqual(usual);
  });

  // A device without subgroups sums up as it can; that of the software adapter has them.
  it.runIf(inject('webgpu') === 'software')('has subgroups sum up parts of K, in an order of their own', async () => {
    const { model, batch, state } = randomCase([9, 48, 6, 7], 3);
    const find = async (tuning: string) => {
      const session = await engine().open(model, batch, tuning);
      session.write(state);
      const { flat } = await session.gradients(batch);
      session.close();
      return flat;
    };
    for (const strategy of ['whole-sequence', 'stepwise']) {
      const [behind, within] = [await find(`${strategy} parts=4`), await find(`${strategy} parts=4 sums=subgroup`)];
      expect(within).not.toEqual(behind);
      expect(relativeError(within, behind)).toBeLessThan(1e-6);
    }
  });

  it('reads weights as f16 where it is told to: gradients of weights that are rounded, for parameters that are not', async () => {
    const { model, batch, state } = randomCase([9, 20, 6, 7], 3);
    const find = async (weights: string, state: TrainingState) => {
      const session = await engine().open(model, batch, `whole-sequence weights=${weights}`);
      session.write(state);
      const { flat } = await session.gradients(batch);
      const { parameters } = await session.read();
      session.close();
      return { flat, parameters };
    };
    const [full, half] = [await find('f32', state), await find('f16', state)];
    expect(half.parameters).toEqual(state.parameters);
    const error = relativeError(half.flat, full.flat);
    expect(error).toBeGreaterThan(1e-5);
    expect(error).toBeLessThan(1e-3);
  });

  it.each([
    [
      'uses what is remembered as the fastest',
      remembering,
      /^stepwise rows=4 parts=2 sums=workgroup weights=f32 splits=1$/,
    ],
    ['does without what cannot be read any more', forgetting, /^whole-sequence /],
    ['does without a store that fails', failing, /^whole-sequence /],
  ] as const)('%s', async (_, use, tuning) => {
    const { model, batch } = randomCase([9, 20, 6, 7], 3);
    const session = await use().open(model, batch);
    session.close();
    expect(session.tuning).toMatch(tuning);
  });

  it('does not measure again what it remembers', async () => {
    const { model, batch } = randomCase([9, 20, 6, 7], 3);
    await remembering().countCalls();
    expect(await remembering().tune(model, batch)).toBe('stepwise rows=4 parts=2 splits=1');
    expect(await remembering().countCalls()).toEqual({});
  });

  it('tunes itself when it is asked to, and leaves alone what is open, and a store that fails', async () => {
    const { model, batch, state } = randomCase([9, 20, 6, 7], 3);
    const session = await failing().open(model, batch);
    session.write(state);
    const before = await session.gradients(batch);
    expect(await failing().tune(model, batch)).toMatch(/^(whole-sequence|stepwise) /);
    expect(await session.gradients(batch)).toEqual(before);
    session.close();
  });

  it('refuses what does not fit before it allocates', async () => {
    await engine().countCalls();
    const refused = engine().open(symbolModel('gru', 64, 5000), { rows: 1, timesteps: 1 });
    await expect(refused).rejects.toThrow(/maxBufferSize/);
    expect(await engine().countCalls()).not.toHaveProperty('createBuffer');
  });
});
