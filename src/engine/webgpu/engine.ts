import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Capacity, Engine, Session } from '../engine.ts';
import { openSession } from './session.ts';

/** Limits of which more is asked for than WebGPU promises everywhere, so that larger networks fit. */
const generousLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
] as const satisfies (keyof GPUSupportedLimits)[];

/** A GPU through WebGPU. */
export class WebGPUEngine implements Engine {
  readonly name = 'webgpu';
  readonly device: string;
  readonly software: boolean;
  readonly lost: Promise<string>;
  readonly #device: GPUDevice;
  readonly #stretches: number;
  #closed = false;

  private constructor(device: GPUDevice, { info }: GPUAdapter, stretches: number) {
    this.#device = device;
    this.#stretches = stretches;
    this.device = describeAdapter(info);
    // Older browsers do not tell: there the name does.
    this.software = info.isFallbackAdapter ?? /swiftshader|llvmpipe|lavapipe/i.test(this.device);
    this.lost = new Promise((resolve) => {
      void device.lost.then(({ message, reason }) => {
        if (!this.#closed) resolve(message || reason);
      });
    });
    device.addEventListener('uncapturederror', ({ error }) => console.error(`WebGPU: ${error.message}`));
  }

  /**
   * Asks for an adapter and a device.
   *
   * @param gpu where WebGPU comes from, or in a sentence why there is none
   * @param limits `generous` takes what the adapter offers, `default` what WebGPU promises on every device.
   * @param stretches into how many dispatches the sequences of a step are cut, each way: more than one where a whole one
   *   would hold the device for too long
   * @returns the engine, or in one sentence why there is none
   */
  static async create(
    gpu: GPU | string | undefined,
    limits: 'generous' | 'default' = 'generous',
    stretches = 1,
  ): Promise<WebGPUEngine | string> {
    if (typeof gpu === 'string') return gpu;
    if (gpu === undefined) return 'This browser has no WebGPU, or not on a page that came over plain HTTP.';
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return 'WebGPU found no graphics adapter: none is there, or its driver is blocked.';
    const names = limits === 'generous' ? generousLimits : [];
    const requiredLimits = Object.fromEntries(names.map((name) => [name, adapter.limits[name]]));
    try {
      return new WebGPUEngine(await adapter.requestDevice({ requiredLimits }), adapter, stretches);
    } catch (error) {
      return `The graphics adapter gave no device: ${(error as Error).message}`;
    }
  }

  open(model: ModelConfiguration, capacity: Capacity): Promise<Session> {
    return openSession(this.#device, model, capacity, this.#stretches);
  }

  close(): void {
    this.#closed = true;
    this.#device.destroy();
  }
}

/** An adapter's name, as much of it as the browser tells. */
function describeAdapter({ vendor, architecture, description, device }: GPUAdapterInfo): string {
  const parts = [vendor, architecture, device].filter((part) => part !== '');
  return description || parts.join(' ') || 'an adapter that does not tell its name';
}
