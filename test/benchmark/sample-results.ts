import type { Results } from '../../src/benchmark/results.ts';
import { namedSizes } from '../../src/benchmark/sizes.ts';
import { summarise } from '../../src/benchmark/statistics.ts';

const { S } = namedSizes as { S: Results['kernels'][number]['size'] };

/** What is the fastest in them. */
const tuning = 'stepwise rows=32 parts=4 splits=2';

/** Results with something in every part; all times `slowness` times as long as those at 1. */
export function sampleResults(slowness = 1): Results {
  const time = (...milliseconds: number[]) => summarise(milliseconds.map((each) => each * slowness));
  const step = { strategy: 'stepwise', tuning, engine: 'webgpu', dispatches: 268, bytes: 9_390_000 } as const;
  return {
    format: 'sluice-benchmark',
    version: 1,
    date: '2026-11-23T12:00:00.000Z',
    complete: true,
    environment: {
      host: 'Chrome 156.0',
      system: 'Linux',
      cores: 8,
      engines: [
        { name: 'webgpu', device: 'a card' },
        { name: 'cpu', device: 'WebAssembly with SIMD, 8 threads' },
      ],
      adapter: {
        name: 'a card',
        software: false,
        vendor: 'v',
        architecture: 'a',
        device: '',
        description: 'a card',
        features: ['shader-f16', 'timestamp-query'],
        limits: { maxBufferSize: 2 ** 28 },
      },
    },
    tunings: [
      {
        size: S,
        winner: tuning,
        tried: [
          { tuning: 'whole-sequence rows=4 workgroup=256 parts=1 stretches=1 splits=2', milliseconds: 2 * slowness },
          { tuning: 'whole-sequence rows=4 workgroup=256 parts=8 stretches=1 splits=2', why: 'refused' },
          { tuning: 'whole-sequence rows=1 workgroup=256 parts=8 stretches=1 splits=2', why: 'wrong' },
          { tuning: 'stepwise rows=32 parts=1 splits=2', why: 'slow' },
          { tuning, milliseconds: slowness },
        ],
        untried: 2,
        milliseconds: 1520 * slowness,
      },
    ],
    ceilings: {
      clock: 'timestamps',
      operations: 1e9,
      bytes: 1e8,
      multiplyAdd: time(1, 1, 2),
      copy: time(1, 1, 1),
      least: time(0.002),
    },
    kernels: [
      {
        size: S,
        strategy: 'stepwise',
        tuning,
        clock: 'timestamps',
        dispatches: [
          { kernel: 'forward', operations: 2e8, bytes: 5e6, milliseconds: time(0.4, 0.5, 0.6) },
          { kernel: 'arrange', operations: 0, bytes: 65536, milliseconds: time(0.01) },
        ],
      },
    ],
    phases: [{ size: S, engine: 'cpu', milliseconds: time(12), phases: [{ name: 'forward', milliseconds: time(3) }] }],
    base: S,
    steps: [
      { ...step, task: 'training', size: S, milliseconds: time(1) },
      { ...step, task: 'generation', size: S, milliseconds: time(2) },
      { ...step, task: 'training', size: { ...S, T: 128 }, milliseconds: time(2) },
    ],
    contenders: [
      { size: S, system: 'Sluice, webgpu', device: 'a card', first: 300, losses: [4.16, 4.15], milliseconds: time(2) },
      { size: S, system: 'jax-js, webgpu', device: 'webgpu', first: 9000, losses: [4.16], milliseconds: time(50) },
      { size: S, system: 'TensorFlow.js, webgpu', device: 'webgpu', losses: [], problem: 'It is | not installed.' },
    ],
    problems: ['Kernels at L: too large.'],
  };
}
