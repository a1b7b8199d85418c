import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CapacityError, DeviceLostError } from '../../src/engine/engine.ts';
import { allocate, type BufferName } from '../../src/engine/webgpu/buffers.ts';

beforeEach(() => vi.stubGlobal('GPUBufferUsage', { UNIFORM: 64, STORAGE: 128, COPY_SRC: 4, COPY_DST: 8 }));
afterEach(() => vi.unstubAllGlobals());

/** A device that has no memory as soon as what was made is used, and is lost of it. */
function fakeDevice() {
  let lose: (info: object) => void = () => {};
  const destroyed: string[] = [];
  let used = 0;
  const device = {
    lost: new Promise((resolve) => {
      lose = resolve;
    }),
    pushErrorScope: () => {},
    popErrorScope: async () => null,
    createBuffer: ({ label }: { label: string }) => ({ label, destroy: () => destroyed.push(label) }),
    createCommandEncoder: () => ({ clearBuffer: () => used++, finish: () => ({}) }),
    queue: {
      submit: () => lose({ reason: 'unknown', message: 'Out of memory.' }),
      onSubmittedWorkDone: async () => {},
    },
  };
  const make = (bytes: number) =>
    allocate(device as unknown as GPUDevice, { m: bytes, v: bytes } as Readonly<Record<BufferName, number>>);
  return { make, destroyed, used: () => used };
}

it('Much memory is used before it is counted on: a device that is lost of it had too little', async () => {
  const { make, destroyed, used } = fakeDevice();
  const refused = make(800 * 2 ** 20);
  await expect(refused).rejects.toThrow(CapacityError);
  await expect(refused).rejects.toThrow('The device has no memory left for this network: it needs 1600 MiB');
  expect(used()).toBe(2);
  expect(destroyed).toEqual(['m', 'v']);
  // What fails from there on fails because the device is gone.
  await expect(make(16)).rejects.toThrow(DeviceLostError);
});

it('Little memory is not tried out', async () => {
  const { make, destroyed, used } = fakeDevice();
  expect(Object.keys(await make(16))).toEqual(['m', 'v']);
  expect([used(), destroyed.length]).toEqual([0, 0]);
});
