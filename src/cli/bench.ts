/**
 * `npm run bench`: how long the CPU engine takes for a training step, and for which part of it.
 *
 *     npm run bench -- [--threads 2] [--steps 20] [--plain]
 */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { CpuEngine } from '../engine/cpu/engine.ts';
import { phases, type Times } from '../engine/cpu/protocol.ts';
import type { Batch } from '../engine/engine.ts';
import { symbolModel } from '../model/configuration.ts';
import { Random } from '../model/random.ts';

type Size = readonly [V: number, H: number, B: number, T: number];

/** The sizes that Sluice is measured at. */
const sizes: Readonly<Record<string, Size>> = { S: [64, 128, 32, 64], M: [96, 256, 64, 100], L: [96, 512, 64, 100] };

const adam = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 } as const;

const options = {
  threads: { type: 'string' },
  steps: { type: 'string', default: '20' },
  plain: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function readOptions() {
  const { values } = parseArgs({ options });
  for (const name of ['threads', 'steps'] as const) {
    const value = values[name];
    if (value !== undefined && !/^[1-9]\d*$/.test(value)) {
      throw new RangeError(`--${name} is a whole number from 1, not “${value}”.`);
    }
  }
  return values;
}

/** Floating-point operations of the products of a step: forward once, backward twice. */
const operations = ([V, H, B, T]: Size) => 3 * 2 * B * T * (3 * H * H + H * V);

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

async function measure(engine: CpuEngine, [V, H, B, T]: Size, steps: number) {
  const random = new Random(1);
  const ids = () => Uint32Array.from({ length: B * T }, () => random.integer(V));
  const opening = performance.now();
  const session = await engine.open(symbolModel('gru', V, H), { rows: B, timesteps: T });
  let first = 0;
  const whole: number[] = [];
  const parts: Times[] = [];
  for (let i = 0; i <= steps; i++) {
    const batch: Batch = { rows: B, timesteps: T, inputs: ids(), targets: ids(), initialState: 'zero' };
    const start = performance.now();
    await session.step(batch, adam);
    if (i === 0) first = performance.now() - opening;
    else {
      whole.push(performance.now() - start);
      parts.push(session.times!);
    }
  }
  session.close();
  return { first, step: median(whole), parts: phases.map((phase) => median(parts.map((times) => times[phase]))) };
}

async function bench(): Promise<void> {
  const { threads, steps, plain, help } = readOptions();
  if (help) {
    console.log(
      'npm run bench -- [--threads n] [--steps n] [--plain]\nTimes the CPU engine: medians, in milliseconds.',
    );
    return;
  }
  // Node 20 has relaxed SIMD, behind this flag; later versions have it anyway.
  if (!plain) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const engine = await CpuEngine.create({
    ...(threads !== undefined && { threads: Number(threads) }),
    ...(plain && { relaxed: false }),
  });
  if (typeof engine === 'string') throw new Error(engine);
  console.log(engine.device);
  const columns = ['', 'V', 'H', 'B', 'T', 'GFLOP/s', 'first step', 'step', ...phases];
  console.log(columns.map((column) => column.padStart(Math.max(7, column.length))).join(' '));
  for (const [name, size] of Object.entries(sizes)) {
    const { first, step, parts } = await measure(engine, size, Number(steps));
    const speed = operations(size) / step / 1e6;
    const figures = [...size.map(String), ...[speed, first, step, ...parts].map((value) => value.toFixed(1))];
    const cells = [name, ...figures].map((cell, i) => cell.padStart(Math.max(7, columns[i]!.length)));
    console.log(cells.join(' '));
  }
  engine.close();
}

try {
  await bench();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
