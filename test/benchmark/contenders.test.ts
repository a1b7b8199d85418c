import { describe, expect, it } from 'vitest';
import { contend, exerciseOf, type System, sluice } from '../../src/benchmark/contenders.ts';
import type { Size } from '../../src/benchmark/sizes.ts';
import { type Progress, runSuite } from '../../src/benchmark/suite.ts';
import { useCpuEngine } from '../engine/each-engine.ts';

const size = { V: 5, H: 6, B: 3, T: 4 };
const engine = useCpuEngine({ threads: 1, relaxed: false });

/** A framework that tells these losses, one a step, the last again and again. */
const telling = (losses: readonly (number | Error)[], system = 'Other, wasm'): System => ({
  system,
  device: 'wasm',
  prepare: async () => {
    let count = 0;
    return {
      step: async () => {
        const told = losses[Math.min(count++, losses.length - 1)]!;
        if (told instanceof Error) throw told;
        return told;
      },
      close: () => {},
    };
  },
});

describe('A contender', () => {
  it('is timed when its first losses are those of Sluice', async () => {
    const ours = await contend(sluice(engine()), exerciseOf(size));
    expect(ours.losses[0]).toBeCloseTo(Math.log(size.V), 0);
    expect(ours.milliseconds!.count).toBeGreaterThanOrEqual(3);
    const again = await contend(telling(ours.losses), exerciseOf(size), ours.losses);
    expect(again.milliseconds).toBeDefined();
    expect(again.first).toBeDefined();
  });

  it.each([
    ['an untrained one', [1.7, 1.7, 1.7], 'Its loss at step 2 is 1.70000, not 1.60000'],
    ['another network', [1.5, 1.4, 1.3], 'Its loss at step 1 is 1.50000, not 1.70000'],
    ['no numbers', [Number.NaN], 'Its loss at step 1 is NaN, not 1.70000'],
  ])('has no time when its losses are those of %s', async (_, losses, message) => {
    const entry = await contend(telling(losses), exerciseOf(size), [1.7, 1.6, 1.5]);
    expect(entry.problem).toContain(message);
    expect(entry.milliseconds).toBeUndefined();
  });
});

it('The suite says of which framework there is nothing to compare a network with, and leaves it out', async () => {
  const takes = ({ layers = 1 }: Size) => layers === 1;
  const bench = {
    environment: { host: 'test', system: 'test', cores: 1, engines: [] },
    peers: [
      { ...telling([1.6], 'Shallow, wasm'), takes },
      { ...telling([1.6], 'Mixed, wasm'), takes },
      telling([1.6], 'Mixed, webgpu'),
    ],
  };
  let last: Progress | undefined;
  const sizes = [size, { ...size, cell: 'lstm', layers: 2 } as const];
  for await (const progress of runSuite(bench, { sizes, parts: ['contenders'] })) last = progress;
  const { problems, contenders } = last!.results;
  expect(problems).toEqual([
    'Side by side at 5×6×3×4, LSTM, 2 layers: of Shallow there is no such network to compare with.',
  ]);
  expect(contenders.map(({ system, size }) => [system, size.layers ?? 1])).toEqual([
    ['Shallow, wasm', 1],
    ['Mixed, wasm', 1],
    ['Mixed, webgpu', 1],
    ['Mixed, webgpu', 2],
  ]);
});

it('The suite goes on when a contender fails to load, or fails in the midst of it', async () => {
  const absent: System = {
    system: 'Absent, webgpu',
    device: 'webgpu',
    prepare: () => Promise.reject(new Error('It is not installed.')),
  };
  const bench = {
    environment: { host: 'test', system: 'test', cores: 1, engines: [] },
    cpu: engine(),
    peers: [absent, telling([1.6, new Error('Out of memory')], 'Failing, wasm'), telling([9], 'Wrong, wasm')],
  };
  const told: string[] = [];
  let last: Progress | undefined;
  for await (const progress of runSuite(bench, { sizes: [size], parts: ['kernels', 'contenders'] })) {
    told.push(progress.doing);
    last = progress;
  }
  const { results } = last!;
  expect(told).toHaveLength(6);
  expect(results.complete).toBe(true);
  expect(results.phases).toHaveLength(1);
  expect(results.contenders.map(({ system, problem }) => [system, problem?.slice(0, 19)])).toEqual([
    ['Sluice, cpu', undefined],
    ['Absent, webgpu', 'It is not installed'],
    ['Failing, wasm', 'Out of memory'],
    ['Wrong, wasm', 'Its loss at step 1 '],
  ]);
});
