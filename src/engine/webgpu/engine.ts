import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Capacity, Engine } from '../engine.ts';
import { openSession, type WebGPUSession } from './session.ts';

/** Limits of which more is asked for than WebGPU promises everywhere, so that larger networks fit. */
const generousLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
] as const satisfies (keyof GPUSupportedLimits)[];

/** Features that are used where an adapter has them: to time dispatches on the device's own clock. */
const usefulFeatures = ['timestamp-query'] as const satisfies GPUFeatureName[];

/** A GPU through WebGPU. */
export class WebGPUEngine implements Engine {
  readonly name = 'webgpu';
  readonly device: string;
  readonly software: boolean;
  readonly lost: Promise<string>;
  /** What a benchmark reports of it. */
  readonly adapter: GPUAdapter;
  /** For a benchmark's kernels of its own. */
  readonly gpuDevice: GPUDevice;
  readonly #stretches: number;
  #closed = false;

  private constructor(device: GPUDevice, adapter: GPUAdapter, stretches: number) {
    const { info } = adapter;
    this.adapter = adapter;
    this.gpuDevice = device;
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
    const requiredFeatures = usefulFeatures.filter((feature) => adapter.features.has(feature));
    try {
      return new WebGPUEngine(await adapter.requestDevice({ requiredLimits, requiredFeatures }), adapter, stretches);
    } catch (error) {
      return `The graphics adapter gave no device: ${(error as Error).message}`;
    }
  }

  open(model: ModelConfiguration, capacity: Capacity): Promise<WebGPUSession> {
    return openSession(this.gpuDevice, model, capacity, this.#stretches);
  }

  close(): void {
    this.#closed = true;
    this.gpuDevice.destroy();
  }
}

/** An adapter's name, as much of it as the browser tells. */
function describeAdapter({ vendor, architecture, description, device }: GPUAdapterInfo): string {
  const parts = [vendor, architecture, device].filter((part) => part !== '');
  return description || parts.join(' ') || 'an adapter that does not tell its name';
}
