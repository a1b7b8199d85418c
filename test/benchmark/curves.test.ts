import { expect, it } from 'vitest';
import { curvesOver, sizesAround } from '../../src/benchmark/curves.ts';
import { namedSizes, stepOperations } from '../../src/benchmark/sizes.ts';
import { plan, trainingPasses } from '../../src/engine/webgpu/plan.ts';
import { readTuning } from '../../src/engine/webgpu/tuning.ts';
import { workOf } from '../../src/engine/webgpu/work.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { sampleResults } from './sample-results.ts';

const { S } = namedSizes as { S: Parameters<typeof stepOperations>[0] };

it('Curves go through their base along one axis at a time', () => {
  const sizes = sizesAround(S, 'hardware');
  expect(new Set(sizes.map(({ V }) => V))).toEqual(new Set([S.V]));
  for (const size of sizes) {
    expect(Object.entries(size).filter(([letter, value]) => value !== S[letter as 'T'])).toHaveLength(1);
  }
  expect(sizesAround({ V: 8, H: 1, B: 1, T: 1 }, 'software')).toEqual([
    { V: 8, H: 1, B: 1, T: 2 },
    { V: 8, H: 1, B: 2, T: 1 },
    { V: 8, H: 2, B: 1, T: 1 },
  ]);
});

it('A curve has the points of one engine, in order; one point is none', () => {
  const results = sampleResults();
  const [curve, ...none] = curvesOver('T', 'training', results);
  expect(none).toEqual([]);
  expect(curve!.points.map(({ size }) => size.T)).toEqual([64, 128]);
  expect(curvesOver('H', 'training', results)).toEqual([]);
  expect(curvesOver('T', 'generation', results)).toEqual([]);
});

it('The dispatches of a step together do the operations of a step, and each has bytes to move', () => {
  const limits = {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
    subgroupSize: 1,
  };
  for (const size of Object.values(namedSizes)) {
    const [model, capacity] = [symbolModel('gru', size.V, size.H), { rows: size.B, timesteps: size.T }];
    const { passes } = plan(model, capacity, limits, readTuning('whole-sequence stretches=3', model, capacity));
    const works = workOf(
      trainingPasses.flatMap((pass) => passes[pass]),
      model,
      capacity,
    );
    const operations = works.reduce((sum, work) => sum + work.operations, 0);
    // Sums, norms and Adam are the little that is more.
    expect(operations / stepOperations(size)).toBeGreaterThan(1);
    expect(operations / stepOperations(size)).toBeLessThan(1.05);
    for (const { bytes } of works) expect(bytes).toBeGreaterThan(0);
    // Adam reads four numbers for each parameter and writes three.
    const parameters = 3 * size.V * size.H + 3 * size.H ** 2 + 3 * size.H + size.H * size.V + size.V;
    expect(works.at(-1)!.bytes).toBe(28 * parameters);
  }
});
