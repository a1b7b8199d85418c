import { describe, expect, it } from 'vitest';
import { kinds, randomCase } from '../../src/check/cases.ts';
import { fieldNotes } from '../../src/corpus/field-notes.ts';
import { compileKernels } from '../../src/engine/cpu/compile.ts';
import { instantiateKernels, type Kernels } from '../../src/engine/cpu/kernels.ts';
import { membersFor, planMemory } from '../../src/engine/cpu/memory.ts';
import { type AdamSettings, CapacityError, type Engine } from '../../src/engine/engine.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { Run } from '../../src/training/run.ts';
import { relativeError } from '../fixtures.ts';
import { useBrowserEngine, useCpuEngine } from './each-engine.ts';

const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

/** Trains for some steps, and gives all parameters. */
async function train(engine: Engine, steps: number): Promise<Float32Array<ArrayBuffer>> {
  const { model, state } = randomCase([40, 24, 14, 10], 5);
  const session = await engine.open(model, { rows: 14, timesteps: 10 });
  session.write(state);
  for (let step = 0; step < steps; step++) await session.step(randomCase([40, 24, 14, 10], step).batch, adam);
  const { parameters } = await session.read();
  session.close();
  return parameters;
}

const bits = (numbers: Float32Array<ArrayBuffer>) => Array.from(new Uint32Array(numbers.buffer));

describe('The CPU engine', () => {
  const engines = [1, 2, 3].map((threads) => useCpuEngine({ threads, relaxed: false }));
  const relaxed = useBrowserEngine('engine=cpu&threads=2&simd=relaxed');

  it('gives the same bits for the same number of threads', async () => {
    for (const engine of [...engines, relaxed]) {
      expect(bits(await train(engine(), 30))).toEqual(bits(await train(engine(), 30)));
    }
  });

  it('gives the same numbers, but for rounding, for any number of threads', async () => {
    const [one, ...others] = await Promise.all([...engines, relaxed].map((engine) => train(engine(), 10)));
    for (const other of others) expect(relativeError(other, one!)).toBeLessThan(1e-4);
  });

  it('says how many bytes it holds, and leaves a thread idle that would find no rows', async () => {
    const { model, batch } = randomCase([20, 16, 4, 8], 1);
    const session = await engines[1]!().open(model, batch);
    session.close();
    expect(session.cost).toEqual({ dispatches: 0, bytes: planMemory(model, batch, 1).bytes });
    expect([1, 4, 5, 64].map((rows) => membersFor(rows, 2))).toEqual([1, 1, 2, 2]);
  });

  it('refuses what WebAssembly’s memory cannot hold before it allocates, with the figure', async () => {
    const model = symbolModel('gru', 96, 512);
    const refused = engines[0]!().open(model, { rows: 1024, timesteps: 1000 });
    await expect(refused).rejects.toThrow(CapacityError);
    await expect(refused).rejects.toThrow(/need 11\.8 GiB for 1024 rows × 1000 timesteps; .* ends at 4 GiB/);
  });

  it.each(Object.entries(kinds))('takes the memory that its documentation says: %s', (_, modelOf) => {
    const model = modelOf(61, 90);
    const [B, T, n] = [27, 50, 2];
    const [I, H, O] = [model.inputSize, model.hiddenSize, model.outputSize].map((size) => 8 * Math.ceil(size / 8)) as [
      number,
      number,
      number,
    ];
    const [g, a, b, d] = model.cell === 'gru' ? ([3, 6, 3, 2] as const) : ([1, 3, 2, 1] as const);
    const vectors = model.inputs === 'vectors' ? 1 : 0;
    const R = 4 * Math.ceil(Math.ceil(B / 4) / n);
    const C = Math.min(T * R, 256);
    const P = g * I * H + g * H * H + g * H + H * O + O;
    const common = 3 * P + B * H + 2 * g * H * H + 2 * H * O + vectors * g * I * H;
    const rows = a * T * R * H + b * R * H + 2 * T * R + vectors * (T * R * (I - 1 + O) + C * I);
    const operands = Math.max(d * R * H, C * Math.max(H, O, vectors * I)) + C * Math.max(H, O);
    const documented = 4 * (common + n * (P + rows + C * O + 2 * C + operands));
    const { bytes } = planMemory(model, { rows: B, timesteps: T }, n);
    // Each array is rounded up to a cache line, as is each parameter.
    expect(bytes - documented).toBeGreaterThanOrEqual(0);
    expect(bytes - documented).toBeLessThan(120 * 64);
  });

  it('takes two steps at once, and no third', async () => {
    const { model, batch } = randomCase([20, 16, 4, 8], 1);
    const session = await engines[1]!().open(model, batch);
    const steps = [session.step(batch, adam), session.step(batch, adam)];
    await expect(session.step(batch, adam)).rejects.toThrow(/2 steps are under way/);
    expect((await Promise.all(steps)).map(({ step }) => step)).toEqual([1, 2]);
    session.close();
  });

  it('needs at most 0.3 s from opening a session to its first step’s end: H = 128, B = 32, T = 64', async () => {
    const { model, batch } = randomCase([64, 128, 32, 64], 1);
    const start = performance.now();
    const session = await engines[1]!().open(model, batch);
    await session.step(batch, adam);
    expect(performance.now() - start).toBeLessThan(300);
    session.close();
  });
});

describe('The vectorised functions', () => {
  const use = async (f: (kernels: Kernels) => Kernels['expAll'], inputs: readonly number[]) => {
    const memory = new WebAssembly.Memory({ initial: 256, maximum: 256 });
    const module = await compileKernels({ relaxed: false, shared: false });
    const numbers = new Float32Array(memory.buffer, 0, inputs.length);
    numbers.set(inputs);
    f(await instantiateKernels(module, memory))(0, inputs.length);
    return numbers;
  };

  /** Floats of both signs and every exponent, some hundreds of each; and those around the places where formulas change. */
  const everywhere: number[] = [];
  for (let pattern = 0; pattern < 2 ** 31; pattern += 9973) {
    const [x] = new Float32Array(Uint32Array.of(pattern).buffer);
    if (Number.isFinite(x)) everywhere.push(x!, -x!);
  }
  for (let x = -110; x < 110; x += 0.001) everywhere.push(Math.fround(x));
  everywhere.length -= everywhere.length % 4;

  const least = 2 ** -126;
  it.each([
    // What would be more than e^88.37 is that.
    ['exp', (kernels: Kernels) => kernels.expAll, (x: number) => Math.exp(Math.min(x, Math.fround(88.37)))],
    ['sigmoid', (kernels: Kernels) => kernels.sigmoidAll, (x: number) => 1 / (1 + Math.exp(-x))],
    ['tanh', (kernels: Kernels) => kernels.tanhAll, Math.tanh],
    [
      'softplus',
      (kernels: Kernels) => kernels.softplusAll,
      (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    ],
  ] as const)('%s is within 3 · 2⁻²⁴ of the true value over all floats', async (_, kernel, exact) => {
    const found = await use(kernel, everywhere);
    let worst = 0;
    let at = 0;
    for (const [i, x] of everywhere.entries()) {
      // What is less than a normal number is as good as 0.
      const expected = exact(x);
      const error = expected < 2 * least && expected > -2 * least ? 0 : Math.abs(found[i]! / expected - 1);
      if (Math.abs(found[i]! - expected) > 3 * least && !(error <= worst)) {
        worst = error;
        at = x;
      }
    }
    expect(worst, `at ${at}`).toBeLessThan(3 * 2 ** -24);
  });

  it('pass on what is not a number', async () => {
    for (const name of ['expAll', 'sigmoidAll', 'tanhAll'] as const) {
      const inputs = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
      const [nan, ...others] = await use((kernels) => kernels[name], inputs);
      expect(nan).toBeNaN();
      expect(others.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('Padding', () => {
  it('comes to an exact 0, not to a number that is merely small and slows every product down', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const kernels = await instantiateKernels(await compileKernels({ relaxed: false, shared: false }), memory);
    const [at, state, vectors, targets, parts] = [0, 64, 128, 192, 256];
    const numbers = (address: number, length: number) => Array.from(new Float32Array(memory.buffer, address, length));
    const closed = () => new Float32Array(memory.buffer, at, 8).fill(-3e38);
    closed();
    kernels.squash(at, state, 8);
    expect(numbers(state, 8)).toEqual(Array(8).fill(0));
    for (const squared of [true, false]) {
      closed();
      kernels.sigmoidCost(at, 1, 8, targets, vectors, squared, 1, parts);
      expect(numbers(at, 8).map(Math.abs)).toEqual(Array(8).fill(0));
      expect(Math.abs(numbers(parts, 2)[1]!)).toBe(0);
    }
  });
});

describe('Training on the CPU engine', () => {
  it('learns the field notes to within 0.1 bits per character of their entropy', async () => {
    const corpus = fieldNotes();
    const run = await Run.open(corpus, {
      ...defaultConfiguration,
      engine: 'cpu',
      hidden: 128,
      batch: 32,
      sequence: 64,
      steps: 600,
      learningRate: 0.015,
    });
    run.startAfresh();
    while (!run.finished) await run.takeStep();
    const loss = await run.validate();
    run.close();
    expect(loss! / Math.LN2).toBeLessThan(corpus.entropy! + 0.1);
  }, 180_000);
});
