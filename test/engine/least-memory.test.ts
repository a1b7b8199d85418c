import { describe, expect, it } from 'vitest';
import { membersFor, planMemory } from '../../src/engine/cpu/memory.ts';
import { leastMemory } from '../../src/engine/least-memory.ts';
import { bytesOf } from '../../src/engine/webgpu/buffers.ts';
import { plan } from '../../src/engine/webgpu/plan.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { defaultLimits } from './default-limits.ts';

describe.each(cells)('The least memory of a %s', (cell) => {
  it.each([
    [1, 512, 256, 256],
    [3, 256, 64, 400],
    [2, 1024, 1, 1],
  ])('in %i layers of %i units, for %i rows × %i timesteps, is most of what each engine lays out', (...sizes) => {
    const [layers, hidden, rows, timesteps] = sizes;
    const least = leastMemory({ cell, layers, hidden, rows, timesteps });
    const model = symbolModel(cell, 32, hidden, { layers });
    const cpu = planMemory(model, { rows, timesteps }, membersFor(rows, 2)).bytes;
    const limits = { ...defaultLimits, maxStorageBufferBindingSize: 2 ** 32, maxBufferSize: 2 ** 32 };
    const webgpu = bytesOf(plan(model, { rows, timesteps }, limits).buffers);
    for (const laidOut of [cpu, webgpu]) {
      expect(laidOut).toBeGreaterThanOrEqual(least);
      expect(laidOut).toBeLessThan(2.5 * least);
    }
  });
});
