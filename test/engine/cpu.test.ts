import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kinds, randomCase } from '../../src/check/cases.ts';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import { compileKernels } from '../../src/engine/cpu/compile.ts';
import { CpuEngine } from '../../src/engine/cpu/engine.ts';
import { detectSimd } from '../../src/engine/cpu/features.ts';
import { instantiateKernels, type Kernels, kernelsOf } from '../../src/engine/cpu/kernels.ts';
import { membersFor, planMemory } from '../../src/engine/cpu/memory.ts';
import { type AdamSettings, CapacityError, type Engine } from '../../src/engine/engine.ts';
import { paddedModel } from '../../src/engine/padding.ts';
import { cells, describeCell, gatesOf, phasesOf } from '../../src/model/cells/cells.ts';
import { symbolModel, targetsOf } from '../../src/model/configuration.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
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
    const [B, T, n, L] = [27, 50, 2, model.layers];
    const padded = paddedModel(model, 8);
    const { inputSize: I, hiddenSize: H, outputSize: O } = padded;
    const { length: P } = parameterLayout(padded);
    const { length: s } = describeCell(model.cell).states;
    const recurrents = phasesOf(model.cell).map(({ gates }) => gates.filter(({ recurrent }) => recurrent).length);
    const [m, d, two] = [recurrents.reduce((x, y) => x + y), Math.max(...recurrents), recurrents.length - 1];
    const gates = gatesOf(model.cell);
    const u = gates.filter(({ input }) => input).length;
    const a = 2 * s + gates.length + two;
    const [vectors, targetVectors] = [model.inputs, targetsOf(model)].map((values) => Number(values === 'vectors'));
    const w = Math.max(vectors! * I, L > 1 ? H : 0);
    const R = 4 * Math.ceil(Math.ceil(B / 4) / n);
    const C = Math.min(T * R, 256);
    const common = 3 * P + L * (s * B * H + 2 * m * H * H) + 2 * H * O + (L - 1) * 2 * u * H * H + vectors! * u * I * H;
    const rows = L * (a * T * R * H + 2 * s * R * H) + two * R * H;
    const batch = 2 * T * R + vectors! * T * R * (I - 1) + targetVectors! * T * R * O;
    const operands = Math.max(d * R * H, C * Math.max(H, O, w)) + C * Math.max(H, O) + C * w;
    const documented = 4 * (common + n * (P + rows + batch + C * O + 2 * C + operands));
    const { bytes } = planMemory(model, { rows: B, timesteps: T }, n);
    // Each array is rounded up to a cache line, as is each parameter.
    expect(bytes - documented).toBeGreaterThanOrEqual(0);
    expect(bytes - documented).toBeLessThan(300 * 64);
    const withDropout = planMemory(model, { rows: B, timesteps: T, withDropout: true }, n).bytes - bytes;
    expect(withDropout - 4 * n * (L * T * R * H + R)).toBeGreaterThanOrEqual(0);
    expect(withDropout - 4 * n * (L * T * R * H + R)).toBeLessThan(2 * n * 64);
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

describe('Products', () => {
  it.each([false, true])(
    'are the same sums in the same order, in tiles of 6 rows and of 4: relaxed %s',
    async (relaxed) => {
      if (relaxed && detectSimd() !== 'relaxed') return;
      const module = await compileKernels({ relaxed, shared: false });
      const memory = new WebAssembly.Memory({ initial: 64, maximum: 64 });
      const numbers = new Float32Array(memory.buffer);
      const [columns, depth] = [24, 300];
      const [left, right, bias, product] = [0, 1 << 18, 2 << 18, 3 << 18];
      const random = new Random(5);
      for (let i = 0; i < (3 << 18) / 4; i++) numbers[i] = 2 * random.uniform() - 1;
      const [short, tall] = await Promise.all([false, true].map((tall) => instantiateKernels(module, memory, tall)));
      for (const rows of [4, 8, 12, 16, 20, 28, 32]) {
        const multiply = ({ multiply }: Kernels, from: number, stride: number) => {
          multiply(product, 4 * columns, left, right, rows, columns, depth, from, stride);
          return numbers.slice(product / 4, product / 4 + rows * columns);
        };
        const expected = Float64Array.from({ length: rows * columns }, (_, place) => {
          const [row, column] = [Math.floor(place / columns), place % columns];
          let sum = 0;
          for (let k = 0; k < depth; k++) {
            const a = numbers[left / 4 + (row - (row % 2)) * depth + 2 * k + (row % 2)]!;
            sum += a * numbers[right / 4 + (column - (column % 8)) * depth + 8 * k + (column % 8)]!;
          }
          return sum;
        });
        // Without anything to start from, its stride does not matter.
        const alone = multiply(short!, 0, 4 * columns);
        expect(relativeError(alone, expected)).toBeLessThan(1e-6);
        expect(multiply(tall!, 0, 0)).toEqual(alone);
        const biased = expected.map((sum, place) => sum + numbers[bias / 4 + (place % columns)]!);
        expect(relativeError(multiply(short!, bias, 0), biased)).toBeLessThan(1e-6);
        expect(relativeError(multiply(tall!, bias, 0), biased)).toBeLessThan(1e-6);
        const added = biased.map((sum, place) => sum + expected[place]!);
        expect(relativeError(multiply(tall!, product, 4 * columns), added)).toBeLessThan(1e-6);
      }
    },
  );

  it('find each operand where it was packed to', async () => {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 16 });
    const kernels = await instantiateKernels(await compileKernels({ relaxed: false, shared: false }), memory);
    const numbers = new Float32Array(memory.buffer);
    // Neither is a whole number of the blocks in which they are packed.
    const [wide, deep, stride] = [16, 12, 20];
    const [source, packed] = [0, 1 << 16];
    for (let i = 0; i < wide * stride; i++) numbers[i] = i + 1;
    const at = (i: number, j: number) => numbers[i * stride + j]!;
    const packedAt = (width: number, k: number, i: number) =>
      numbers[packed / 4 + (i - (i % width)) * deep + width * k + (i % width)]!;
    const check = (width: number, expected: (k: number, i: number) => number) => {
      for (let k = 0; k < deep; k++) for (let i = 0; i < wide; i++) expect(packedAt(width, k, i)).toBe(expected(k, i));
    };
    kernels.packLeft(packed, source, 4 * stride, wide, deep);
    check(2, (k, i) => at(i, k));
    kernels.packLeftTransposed(packed, source, 4 * stride, wide, deep);
    check(2, (k, i) => at(k, i));
    kernels.packRight(packed, 32 * deep, source, 4 * stride, wide, deep);
    check(8, (k, i) => at(k, i));
    kernels.packRightTransposed(packed, 32 * deep, source, 4 * stride, wide, deep);
    check(8, (k, i) => at(i, k));
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
    kernelsOf('rnn', kernels).forward[0]!(at, 0, state, 0, 0, 1, 8);
    expect(numbers(state, 8)).toEqual(Array(8).fill(0));
    for (const squared of [true, false]) {
      closed();
      kernels.elementwiseCost(at, 1, 8, targets, vectors, true, squared, 1, parts);
      expect(numbers(at, 8).map(Math.abs)).toEqual(Array(8).fill(0));
      expect(Math.abs(numbers(parts, 2)[1]!)).toBe(0);
    }
  });
});

describe('A cell', () => {
  it.each(cells)('is a file of kernels, one forward and one backward for each phase: %s', async (cell) => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const kernels = await instantiateKernels(await compileKernels({ relaxed: false, shared: false }), memory);
    const { forward, backward } = kernelsOf(cell, kernels);
    expect([forward.length, backward.length]).toEqual([phasesOf(cell).length, phasesOf(cell).length]);
  });

  it('asks nothing of the reference, which it is held against', () => {
    const folder = new URL('../../src/engine/cpu/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const shared = ['batch', 'clip', 'dropout', 'output', 'padding', 'sampling'].map((name) => `../${name}.ts`);
    for (const file of [...files, ...shared]) {
      expect(readFileSync(new URL(file, folder), 'utf8'), file).not.toMatch(/from '.*reference\//);
    }
  });
});

describe('Rows that end early', () => {
  it('do not read what stands after their end', async () => {
    const engine = await CpuEngine.create({ threads: 1, relaxed: false });
    if (typeof engine === 'string') throw new Error(engine);
    const { model, batch, state } = randomCase([9, 11, 3, 6], 3, 'LSTM, 2 layers, vectors');
    const session = await engine.open(model, batch);
    session.write(state);
    const lengths = Uint32Array.of(6, 2, 0);
    const inputs = batch.inputs.map((x, i) => (Math.floor(i / 27) < lengths[Math.floor(i / 9) % 3]! ? x : Number.NaN));
    const [clean, unclean] = [
      { ...batch, lengths },
      { ...batch, lengths, inputs },
    ];
    const { flat } = await session.gradients(clean);
    expect((await session.gradients(unclean)).flat).toEqual(flat);
    expect((await session.trace(unclean)).layers).toEqual((await session.trace(clean)).layers);
    engine.close();
  });
});

describe('Training on the CPU engine', () => {
  it('learns the field notes to within 0.1 bits per character of their entropy', async () => {
    const dataset = fieldNotes();
    const run = await Run.open(dataset, {
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
    expect(loss! / Math.LN2).toBeLessThan(dataset.entropy! + 0.1);
  }, 180_000);
});
