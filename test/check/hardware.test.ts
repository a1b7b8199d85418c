import { describe, expect, inject, it } from 'vitest';
import { type CheckRow, check } from '../../src/check/check.ts';
import { describeFailure, formatCheck } from '../../src/check/table.ts';
import { useWebGPUEngine, webgpu } from '../engine/each-engine.ts';

// A software adapter has compiled every shader for these shapes in other tests, and takes minutes to do it again.
describe.runIf(inject('webgpu') !== 'software')(`The check, on ${webgpu}`, () => {
  const engine = useWebGPUEngine();

  it('passes', async () => {
    const rows: CheckRow[] = [];
    for await (const progress of check([engine()])) rows.push(...progress.rows);
    console.log(formatCheck(rows));
    expect(rows.filter(({ passed }) => !passed).map(describeFailure)).toEqual([]);
  });
});
