import { expect, it } from 'vitest';
import { summaryOf } from '../../src/benchmark/summary.ts';
import { sampleResults } from './sample-results.ts';

const sample = sampleResults();
const { kernels, ceilings, steps, phases } = sample;

it('A summary says what the device reaches and what bounds it', () => {
  expect(summaryOf(sample)).toMatch(
    /^WebGPU learns [\d,]+ characters a second here with a GRU of 128 units: \d+ % of what the device’s own ceilings allow, and (arithmetic|memory|the launch of dispatches) bounds \d+ % of the time\.$/,
  );
});

it('What bounds it follows from the ceilings', () => {
  const bound = (change: Partial<NonNullable<typeof ceilings>>) =>
    /and (.*) bounds/.exec(summaryOf({ ...sample, ceilings: { ...ceilings!, ...change } })!)![1];
  const { multiplyAdd, copy, least } = ceilings!;
  const none = { ...least, median: 0 };
  expect(bound({ least: none, operations: 1e-3, multiplyAdd })).toBe('arithmetic');
  expect(bound({ least: none, bytes: 1e-3, copy })).toBe('memory');
  expect(bound({ least: { ...least, median: 1e6 } })).toBe('the launch of dispatches');
});

it('A summary says no more than was measured', () => {
  expect(summaryOf({ ...sample, kernels: [] })).toMatch(/with a GRU of 128 units\.$/);
  expect(summaryOf({ ...sample, steps: [] })).toBeUndefined();
  const onCpu = steps.filter(({ engine }) => engine === 'cpu');
  expect(phases.length).toBeGreaterThan(0);
  expect(kernels.length).toBeGreaterThan(0);
  const said = summaryOf({
    ...sample,
    steps: onCpu.length > 0 ? onCpu : steps.map((step) => ({ ...step, engine: 'cpu' })),
  });
  expect(said).toMatch(/^CPU learns .*: \d+ % of a step goes into .+\.$/);
});
