import { describe, expect, it } from 'vitest';
import { type Kind, kinds, randomCase, type Shape, someDropout } from '../../src/check/cases.ts';
import { membersFor, planMemory } from '../../src/engine/cpu/memory.ts';
import type { AdamSettings, Batch, Capacity, Dropout, Engine } from '../../src/engine/engine.ts';
import { leastMemory } from '../../src/engine/least-memory.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { bytesOf } from '../../src/engine/webgpu/buffers.ts';
import { plan, trainingPasses } from '../../src/engine/webgpu/plan.ts';
import { relativeError } from '../fixtures.ts';
import { expectAlike } from './alike.ts';
import { defaultLimits } from './default-limits.ts';
import { describeEachEngine, useCpuEngine, useWebGPUEngine, webgpu } from './each-engine.ts';

const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 0.5 };

/** Rows that neither parts nor threads nor tiles divide evenly. */
const shape: Shape = [9, 11, 23, 6];

const reference = new ReferenceEngine();

/** The gradients of a case, taken in parts. */
async function gradientsOf(engine: Engine, kind: Kind, parts: number, dropout?: Dropout) {
  const { model, batch, state } = randomCase(shape, 4, kind);
  const { rows, timesteps } = batch;
  const session = await engine.open(model, { rows, timesteps, withDropout: dropout !== undefined, parts });
  session.write(state);
  const found = await session.gradients({ ...batch, countFrom: 1, ...(dropout && { dropout }) });
  session.close();
  return { model, ...found };
}

/** Holds the gradients of an engine that takes a case in parts to those of the reference, which never does. */
async function expectGradients(engine: Engine, bound: number, kind: Kind, parts: number, withDropout: boolean) {
  const dropout = withDropout ? someDropout(kinds[kind]!(9, 11), 'timestep', 5) : undefined;
  const { model, ...found } = await gradientsOf(engine, kind, parts, dropout);
  const expected = await gradientsOf(reference, kind, 1, dropout);
  expectAlike(model, found, expected, bound);
}

describeEachEngine('A batch in parts', (engine, accuracy) => {
  it.each([
    ['GRU, 2 layers, symbols, ragged', 2, true],
    ['GRU (reset after), 2 layers, vectors', 3, false],
    ['LSTM, 2 layers, symbols, ragged', 3, true],
    ['RNN, vectors, linear, ragged', 2, false],
    ['GRU, symbols', 100, false],
  ])('has the gradients of the whole: %s, in %i parts, dropout: %s', async (kind, parts, withDropout) => {
    await expectGradients(engine(), accuracy.gradient, kind, parts, withDropout);
  });

  it('follows Adam as the whole does, the states of all rows carried over, whatever is asked in between', async () => {
    const kind = 'LSTM, 2 layers, symbols, ragged';
    const { model, state } = randomCase(shape, 1, kind);
    const train = async (engine: Engine, parts: number) => {
      const capacity = { rows: 23, timesteps: 6, withDropout: true, withAverages: true, parts };
      const session = await engine.open(model, capacity);
      session.write(state);
      const told: number[] = [];
      for (let i = 0; i < 5; i++) {
        // A smaller batch among them, which may be less than a part.
        const [V, H, rows, T] = shape;
        const { batch } = randomCase([V, H, i === 3 ? 5 : rows, T], i, kind);
        const dropout = someDropout(model, 'sequence', i);
        const learned: Batch = { ...batch, initialState: 'carried', dropout };
        const { loss, gradientNorm } = await session.step(learned, { ...adam, averaging: 0.5 });
        const asked = await session.evaluate({ ...batch, initialState: 'carried' });
        told.push(loss, gradientNorm, asked, await session.averaged!.evaluate(batch));
      }
      const { parameters, averaged, carriedState } = await session.read();
      session.close();
      return { told, parameters, averaged: averaged!, carriedState };
    };
    const [found, expected] = [await train(engine(), 3), await train(reference, 1)];
    for (const what of ['told', 'parameters', 'averaged', 'carriedState'] as const) {
      expect(relativeError(found[what], expected[what]), what).toBeLessThan(accuracy.trained);
    }
  });

  it('is evaluated, over more timesteps than there is room for, and traced as the whole is', async () => {
    const { model, batch, state } = randomCase([9, 11, 23, 14], 2, 'GRU, 2 layers, vectors');
    const ask = async (engine: Engine, parts: number) => {
      const session = await engine.open(model, { rows: 23, timesteps: 6, parts });
      session.write(state);
      const evaluated = await session.evaluate({ ...batch, countFrom: 3 });
      const { batch: short } = randomCase(shape, 3, 'GRU, 2 layers, vectors');
      const { layers, outputs } = await session.trace(short);
      session.close();
      const traced = layers.flatMap(({ states, gates }) => [...Object.values(states), ...Object.values(gates)]);
      return [[evaluated], outputs, ...traced];
    };
    const [found, expected] = [await ask(engine(), 2), await ask(reference, 1)];
    expect(found.length).toBe(expected.length);
    for (const [i, numbers] of found.entries()) {
      expect(relativeError(numbers, expected[i]!)).toBeLessThan(accuracy.gradient);
    }
  });

  it('writes as much text as the whole, and refuses a batch of more rows than it was opened for', async () => {
    const { model, batch, state } = randomCase([9, 11, 24, 6], 2);
    const write = async (parts: number) => {
      const session = await engine().open(model, { rows: 23, timesteps: 6, parts });
      session.write({ ...state, carriedState: new Float32Array(23 * 11) });
      const primes = Array.from({ length: 30 }, (_, i) => new Uint32Array([i % 9, 1]));
      const written = await session.generate(primes, 4, { temperature: 0.7, seed: 3 });
      const refused = session.step(batch, adam);
      await expect(refused).rejects.toThrow(/24 rows × 6 timesteps does not fit a session opened for 23 × 6/);
      session.close();
      return written;
    };
    expect(await write(3)).toEqual(await write(1));
  });

  it('gives the very bits of a session that knows no parts, where there is one', async () => {
    const { model, batch, state } = randomCase(shape, 3, 'GRU, 2 layers, symbols, ragged');
    const train = async (parts?: number) => {
      const session = await engine().open(model, { rows: 23, timesteps: 6, ...(parts && { parts }) });
      session.write(state);
      const report = await session.step(batch, adam);
      const read = await session.read();
      session.close();
      return { report, read, cost: session.cost };
    };
    expect(await train(1)).toEqual(await train());
  });
});

describe.each(['whole-sequence rows=2 stretches=3 splits=3', 'stepwise rows=8'])(
  `A batch in parts, on ${webgpu}, %s`,
  (tuning) => {
    const engine = useWebGPUEngine({ tuning });

    it('has the gradients of the whole', () =>
      expectGradients(engine(), 1e-5, 'GRU, 2 layers, symbols, ragged', 3, true));
  },
);

describe('A session in parts', () => {
  const [webgpuEngine, cpuEngine] = [useWebGPUEngine(), useCpuEngine({ threads: 2 })];
  const model = kinds['GRU, 2 layers, symbols, ragged']!(20, 32);
  const whole = { rows: 64, timesteps: 40 };

  it('holds less, as much as its parts need and what is kept of all rows, and says what a step costs', async () => {
    for (const engine of [webgpuEngine(), cpuEngine()]) {
      const costOf = async (parts: number) => {
        const session = await engine.open(model, { ...whole, parts });
        session.close();
        return session.cost;
      };
      const [once, parted] = [await costOf(1), await costOf(4)];
      expect(parted.bytes).toBeLessThan(once.bytes / 2);
      // The sum and the three dispatches of the update come once.
      const { dispatches } = once;
      expect(parted.dispatches).toBe(dispatches && 4 * (dispatches - 4) + 4);
    }
    // How the work is cut up suits what goes at once.
    const tuningOf = async (capacity: Capacity) => {
      const session = await webgpuEngine().open(model, capacity);
      session.close();
      return session.tuning;
    };
    expect(await tuningOf({ ...whole, parts: 4 })).toBe(await tuningOf({ ...whole, rows: 16 }));
    // Losses and the states of all rows are kept, of 2 layers and of an evaluation too.
    const bytes = (capacity: Capacity) => bytesOf(plan(model, capacity, defaultLimits).buffers);
    expect(bytes({ ...whole, parts: 4 }) - bytes({ ...whole, rows: 16 })).toBe(4 * 48 * (40 + 2 * 2 * 32));
    const rowsOf = (parts: number, threads: number) =>
      planMemory(model, { ...whole, parts }, membersFor(64, threads)).rows;
    expect([rowsOf(1, 2), rowsOf(4, 2), rowsOf(3, 1), rowsOf(100, 1)]).toEqual([32, 8, 24, 4]);
    const least = (parts: number) => leastMemory({ cell: 'gru', layers: 2, hidden: 32, ...whole, parts });
    expect(least(4)).toBe(leastMemory({ cell: 'gru', layers: 2, hidden: 32, timesteps: 40, rows: 16 }));
    expect(least(4)).toBeLessThan(least(1) / 2);
  });

  it('adds to gradients in their own place, where these are too long to be bound in parts; a whole one adds nowhere', () => {
    // Less than all parameters, and more than any one of them.
    const limits = { ...defaultLimits, maxStorageBufferBindingSize: 2 ** 15 };
    const small = { rows: 8, timesteps: 4 };
    const adding = (parts: number, within = limits) =>
      trainingPasses
        .flatMap((pass) => plan(model, { ...small, parts }, within).passes[pass])
        .filter(({ constants: { ADDS } }) => ADDS === 1)
        .map(({ bindings: { partials } }) => partials!.buffer);
    // ∂V, ∂W of both layers, ∂U of both.
    expect(adding(2)).toEqual(Array.from({ length: 5 }, () => 'gradients'));
    expect(adding(2, defaultLimits)).toEqual(Array.from({ length: 5 }, () => 'partials'));
    expect(adding(1)).toEqual([]);
  });
});
