import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine } from '../../src/engine/choose.ts';
import { remembering } from './remembered.ts';

/** A device that has passed its test: see proof.test.ts. */
const tunings = remembering('right');

/** A GPU as a browser shows it, as far as choosing goes. */
function fakeGpu(
  adapter: { fallback: boolean; names?: Partial<GPUAdapterInfo>; device?: () => Promise<unknown> } | null,
): GPU {
  const device = { lost: new Promise(() => {}), addEventListener: () => {}, destroy: () => {} };
  const info = {
    vendor: 'maker',
    architecture: 'arch',
    device: '',
    description: '',
    ...adapter?.names,
    isFallbackAdapter: adapter?.fallback,
  };
  const none = { limits: {}, features: new Set() };
  const offered = adapter && { info, ...none, requestDevice: adapter.device ?? (async () => ({ ...device, ...none })) };
  return { requestAdapter: async () => offered } as unknown as GPU;
}

describe('The choice of an engine', () => {
  it('takes a graphics adapter, and names it', async () => {
    const { engine, reason } = await chooseEngine('auto', fakeGpu({ fallback: false }), { tunings });
    expect([engine.name, engine.device, engine.software]).toEqual(['webgpu', 'maker arch', false]);
    expect(reason).toMatch(/graphics adapter/);
  });

  it('prefers the processor to an adapter that emulates a GPU on it', async () => {
    const { engine, reason } = await chooseEngine('auto', fakeGpu({ fallback: true }));
    engine.close();
    expect([engine.name, engine.software]).toEqual(['cpu', false]);
    expect(reason).toMatch(/emulates a GPU, more slowly/);
  });

  it.each([
    { vendor: 'mesa', architecture: 'llvmpipe' },
    { vendor: '', architecture: '', description: 'llvmpipe (LLVM 19.1.7, 256 bits)' },
    { vendor: '65541', description: 'Mesa', device: 'lavapipe' },
    { vendor: 'google', architecture: 'swiftshader', description: 'a driver' },
    { vendor: 'microsoft', architecture: '', description: 'Microsoft Basic Render Driver' },
    { vendor: 'microsoft', architecture: 'warp' },
    { vendor: '', architecture: '', description: 'Apple Software Renderer' },
  ])('knows what emulates a GPU by its name, whatever it says of itself: %o', async (names) => {
    for (const fallback of [false, undefined as unknown as boolean]) {
      const { engine, reason } = await chooseEngine('auto', fakeGpu({ fallback, names }), { tunings });
      engine.close();
      expect(engine.name).toBe('cpu');
      expect(reason).toMatch(/emulates a GPU/);
    }
  });

  it.each([
    { vendor: 'nvidia', architecture: 'lovelace' },
    { vendor: 'apple', architecture: 'metal-3', description: 'Apple M3' },
    { vendor: 'amd', architecture: 'rdna-3', description: 'AMD Radeon RX 7900 (RADV NAVI31)' },
    { vendor: '', architecture: '' },
  ])('takes no GPU for what emulates one: %o', async (names) => {
    const { engine } = await chooseEngine('auto', fakeGpu({ fallback: false, names }), { tunings });
    expect([engine.name, engine.software]).toEqual(['webgpu', false]);
  });

  it('falls back to the reference where WebAssembly has no SIMD, and says so', async () => {
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    const { engine, reason } = await chooseEngine('auto', undefined);
    expect(engine.name).toBe('reference');
    expect(reason).toMatch(/no WebGPU.*WebAssembly has no SIMD here.*slow/);
    await expect(chooseEngine('cpu', undefined)).rejects.toThrow(/no SIMD/);
    validate.mockRestore();
  });

  const nothing = [
    ['no WebGPU', undefined, /Node has no WebGPU of its own/],
    ['no adapter', fakeGpu(null), /found no graphics adapter/],
    [
      'an adapter’s request that fails',
      { requestAdapter: () => Promise.reject(new Error('out of order')) } as unknown as GPU,
      /gave no graphics adapter: out of order/,
    ],
    ['no device', fakeGpu({ fallback: false, device: () => Promise.reject(new Error('out of luck')) }), /out of luck/],
  ] as const;

  it.each(nothing)('with %s takes another engine and says why', async (_, gpu, why) => {
    const { engine, reason } = await chooseEngine('auto', gpu);
    engine.close();
    expect(engine.name).toBe('cpu');
    expect(reason).toMatch(why);
  });

  it.each(nothing)('with %s refuses WebGPU when it is asked for', async (_, gpu, why) => {
    await expect(chooseEngine('webgpu', gpu)).rejects.toThrow(why);
  });

  describe('of a driver that does not answer', () => {
    const never = new Promise<never>(() => {});
    /** What comes of a choice when the seconds that a driver has are over. */
    async function outwait<Result>(choosing: Promise<Result>): Promise<Result> {
      // Whoever refuses does so while the seconds pass.
      choosing.catch(() => {});
      await vi.advanceTimersByTimeAsync(10_000);
      vi.useRealTimers();
      return choosing;
    }
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    it.each([
      ['adapter', { requestAdapter: () => never } as unknown as GPU],
      ['device', fakeGpu({ fallback: false, device: () => never })],
    ])('asks no longer for an %s', async (_, gpu) => {
      const { engine, reason } = await outwait(chooseEngine('auto', gpu));
      engine.close();
      expect(engine.name).toBe('cpu');
      expect(reason).toMatch(
        /graphics driver does not answer: .* within 10 seconds\. So the processor itself computes/,
      );
    });

    it('refuses WebGPU when it is asked for', async () => {
      const choosing = chooseEngine('webgpu', { requestAdapter: () => never } as unknown as GPU);
      await expect(outwait(choosing)).rejects.toThrow(/driver does not answer/);
    });

    it('gives back a device that comes too late', async () => {
      const destroy = vi.fn();
      let answer: (device: unknown) => void = () => {};
      const device = () =>
        new Promise((resolve) => {
          answer = resolve;
        });
      const choosing = chooseEngine('webgpu', fakeGpu({ fallback: false, device }));
      await expect(outwait(choosing)).rejects.toThrow(/driver does not answer/);
      expect(destroy).not.toHaveBeenCalled();
      answer({ lost: never, addEventListener: () => {}, destroy });
      await vi.waitFor(() => expect(destroy).toHaveBeenCalledOnce());
    });

    it('waits for a slow one, and leaves no clock running', async () => {
      const device = () =>
        new Promise((resolve) =>
          setTimeout(resolve, 9000, { lost: never, addEventListener: () => {}, destroy: () => {} }),
        );
      const choosing = chooseEngine('auto', fakeGpu({ fallback: false, device }), { tunings });
      await vi.advanceTimersByTimeAsync(9000);
      expect((await choosing).engine.name).toBe('webgpu');
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  it('takes the engine that is asked for', async () => {
    expect((await chooseEngine('reference', fakeGpu({ fallback: false }))).engine.name).toBe('reference');
    expect((await chooseEngine('webgpu', fakeGpu({ fallback: true }))).engine.name).toBe('webgpu');
  });
});
