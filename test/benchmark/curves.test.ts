import { expect, it } from 'vitest';
import { curvesOver, same, sizesAround } from '../../src/benchmark/curves.ts';
import { modelOf, namedSizes, type Size, sizeName, sizeText, stepOperations } from '../../src/benchmark/sizes.ts';
import { readTuning } from '../../src/engine/webgpu/candidates.ts';
import { plan, trainingPasses } from '../../src/engine/webgpu/plan.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { sampleResults } from './sample-results.ts';

const { S } = namedSizes as { S: Size };

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

it('A size is of a network, a GRU of one layer unless it says otherwise', () => {
  expect(stepOperations(S)).toBe(3 * 2 * 32 * 64 * (3 * 128 ** 2 + 128 * 64));
  const deep: Size = { ...S, cell: 'lstm', layers: 2 };
  expect(stepOperations(deep)).toBe(3 * 2 * 32 * 64 * ((4 + 4 + 4) * 128 ** 2 + 128 * 64));
  expect(modelOf(deep)).toMatchObject({ cell: 'lstm', layers: 2, inputSize: 64, hiddenSize: 128 });
  expect([S, deep, { ...deep, T: 5 }].map(sizeName)).toEqual(['S', 'S, LSTM, 2 layers', '64×128×32×5, LSTM, 2 layers']);
  expect([S, deep].map(sizeText)).toEqual(['V 64, H 128, B 32, T 64', 'V 64, H 128, B 32, T 64, LSTM, 2 layers']);
  expect(same(S, { ...S, cell: 'gru', layers: 1 })).toBe(true);
  expect(same(S, deep)).toBe(false);
  for (const size of sizesAround(deep, 'software')) expect(size).toMatchObject({ cell: 'lstm', layers: 2 });
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
  const others: readonly Pick<Size, 'cell' | 'layers'>[] = [{}, { cell: 'lstm', layers: 2 }, { cell: 'gru-after' }];
  for (const size of others.flatMap((network) => Object.values(namedSizes).map((size) => ({ ...size, ...network })))) {
    const [model, capacity] = [modelOf(size), { rows: size.B, timesteps: size.T }];
    const { passes } = plan(model, capacity, limits, readTuning('whole-sequence stretches=3', model, capacity));
    const works = trainingPasses.flatMap((pass) => passes[pass]).map(({ work }) => work(capacity));
    const operations = works.reduce((sum, work) => sum + work.operations, 0);
    // Sums, norms and Adam are the little that is more.
    expect(operations / stepOperations(size)).toBeGreaterThan(1);
    expect(operations / stepOperations(size)).toBeLessThan(1.05);
    for (const { bytes } of works) expect(bytes).toBeGreaterThan(0);
    // Adam reads four numbers for each parameter and writes three.
    expect(works.at(-1)!.bytes).toBe(28 * parameterLayout(model).length);
  }
});
