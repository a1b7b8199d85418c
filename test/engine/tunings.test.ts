import { expect, it } from 'vitest';
import { tuningKey } from '../../src/engine/webgpu/tunings.ts';
import { symbolModel } from '../../src/model/configuration.ts';

/** What an adapter tells; as in a browser, limits are no properties of the object's own. */
const adapter = (names: Partial<GPUAdapterInfo>, limits: Record<string, number>, features: readonly string[] = []) =>
  ({
    info: { vendor: '', architecture: '', device: '', description: '', ...names },
    limits: Object.create(limits),
    features: new Set(features),
  }) as unknown as GPUAdapter;

const keyOf = (of: GPUAdapter) => tuningKey(of, symbolModel('gru', 9, 7), { rows: 2, timesteps: 3 });

it('A tuning is remembered under the adapter’s name', () => {
  const named = { vendor: 'maker', architecture: 'arch' };
  expect(keyOf(adapter(named, { maxBufferSize: 1 }))).toBe('maker|arch|| gru 1 symbols 9 7 9 2 3 f32');
  expect(keyOf(adapter(named, { maxBufferSize: 2 }))).toBe(keyOf(adapter(named, { maxBufferSize: 1 })));
});

it('Where a browser tells no name, it is remembered under what the adapter can do', () => {
  const one = adapter({}, { maxBufferSize: 1, maxBindGroups: 4 }, ['subgroups', 'shader-f16']);
  const others = [
    adapter({}, { maxBufferSize: 2, maxBindGroups: 4 }, ['subgroups', 'shader-f16']),
    adapter({}, { maxBufferSize: 1, maxBindGroups: 4 }, ['subgroups']),
    adapter({}, { maxBufferSize: 4, maxBindGroups: 1 }, ['subgroups', 'shader-f16']),
  ];
  expect(new Set([one, ...others].map(keyOf)).size).toBe(4);
  const again = adapter({}, { maxBindGroups: 4, maxBufferSize: 1 }, ['shader-f16', 'subgroups']);
  expect(keyOf(again)).toBe(keyOf(one));
});
