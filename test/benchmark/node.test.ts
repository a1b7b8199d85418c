import { expect, it } from 'vitest';
import { type BenchOptions, bench } from '../../src/benchmark/node.ts';
import { readResults } from '../../src/benchmark/results.ts';

const gpu = 'There is no WebGPU in this test.';
const size = { V: 5, H: 4, B: 2, T: 3 };
const cpu = { threads: 1, relaxed: false };

async function run(options: Partial<BenchOptions> = {}) {
  const [printed, told]: [string[], string[]] = [[], []];
  const all: BenchOptions = {
    assignment: { sizes: [size], parts: ['kernels', 'steps'] },
    gpu,
    equipment: { cpu },
    json: true,
    signal: new AbortController().signal,
    ...options,
  };
  await bench(all, { print: (text) => printed.push(text), tell: (text) => told.push(text) });
  return { printed: printed.join('\n'), told };
}

it('Node measures what it has, says what it lacks, and prints what the page opens', async () => {
  const { printed, told } = await run();
  expect(told[0]).toBe(gpu);
  const { complete, phases, steps, environment } = readResults('bench.json', printed);
  expect(complete).toBe(true);
  expect(environment).toMatchObject({ engines: [{ name: 'cpu' }] });
  expect(phases[0]!.size).toEqual(size);
  expect(steps.map(({ task, milliseconds }) => [task, milliseconds.median > 0])).toEqual([
    ['training', true],
    ['generation', true],
  ]);
});

it.each([
  ['a tuning', { tuning: 'stepwise' }],
  ['the tuner', { parts: ['tuning'] as const }],
])('Node refuses %s where there is no WebGPU', async (_, asked) => {
  const refused = run({ assignment: { sizes: [size], ...asked } });
  await expect(refused).rejects.toThrow(`Only WebGPU is tuned. ${gpu}`);
});

it('Node prints what it has when it is interrupted, and refuses when there is nothing to measure', async () => {
  const { printed } = await run({ signal: AbortSignal.abort() });
  expect(readResults('bench.json', printed)).toMatchObject({ complete: false, phases: [], steps: [] });
  await expect(run({ equipment: { only: 'webgpu' } })).rejects.toThrow(`There is nothing to measure. ${gpu}`);
});
