import { expect, test } from 'vitest';
import { fingerprint } from '../../../src/data/fingerprint.ts';
import { memoryOf, packed } from '../../../src/data/labelled/pack.ts';
import type { Samples } from '../../../src/data/labelled/samples.ts';

const samples: Samples = {
  kind: 'labelled',
  name: 'a.jsonl',
  inputs: { kind: 'vectors', names: ['x'], values: [Float32Array.of(1, 2), Float32Array.of(3)] },
  targets: { kind: 'classes', at: 'end', classes: ['a', 'b'], ids: [Uint32Array.of(1), Uint32Array.of(0)] },
};

test('Packed samples are the same, in one piece of memory on each side', () => {
  const same = packed(samples);
  expect(same).toEqual(samples);
  expect(fingerprint(same)).toBe(fingerprint(samples));
  expect(memoryOf(same).map(({ byteLength }) => byteLength)).toEqual([12, 8]);
  const sides = [same.inputs, same.targets].map((side) => ('ids' in side ? side.ids : side.values));
  for (const side of sides) expect(new Set(side.map(({ buffer }) => buffer)).size).toBe(1);
});
