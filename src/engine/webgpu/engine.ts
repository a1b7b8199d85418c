import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Capacity, Engine, TuneOptions } from '../engine.ts';
import { onePart } from '../parts.ts';
import type { Measured } from './measure-tunings.ts';
import type { Verdict } from './proof.ts';
import type { WebGPUSession } from './session.ts';
import { type TuningStore, tuningKey } from './tunings.ts';

/** What plans and carries out steps, with the shaders: whoever is told that there is no GPU need not load it. */
const sessions = () => import('./session.ts');

/** Limits of which more is asked for than WebGPU promises everywhere, so that larger networks fit. */
const generousLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
] as const satisfies (keyof GPUSupportedLimits)[];

/**
 * Features that are used where an adapter has them, each with the extension of WGSL that it needs besides: timestamps time
 * dispatches on the device's own clock, subgroups sum up parts of K.
 */
const usefulFeatures = [
  { feature: 'timestamp-query' },
  { feature: 'subgroups', extension: 'subgroup_id' },
] as const satisfies { feature: GPUFeatureName; extension?: string }[];

/**
 * Milliseconds for tuning what emulates a GPU: there each try takes seconds to compile, and none is made unless somebody asks
 * for it and waits.
 */
const patientBudget = 30_000;

/** Seconds within which a device has to come: a cold driver may take a few, and some never answer. */
const patience = 10;

/** What whoever makes the engine may ask of it. */
export interface WebGPUOptions {
  /** `generous`, the default, takes what the adapter offers, `default` what WebGPU promises on every device. */
  readonly limits?: 'generous' | 'default' | undefined;
  /** Whether subgroups are used where there are any, as by default. */
  readonly subgroups?: boolean | undefined;
  /** What every session shall use, as `readTuning` reads it, whatever is known to be faster. */
  readonly tuning?: string | undefined;
  /** Where tunings are remembered. */
  readonly tunings?: TuningStore | undefined;
}

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
  readonly #tuning: string | undefined;
  readonly #tunings: TuningStore | undefined;
  #closed = false;

  private constructor(device: GPUDevice, adapter: GPUAdapter, { tuning, tunings }: WebGPUOptions) {
    const { info } = adapter;
    this.adapter = adapter;
    this.gpuDevice = device;
    this.#tuning = tuning;
    this.#tunings = tunings;
    this.device = describeAdapter(info);
    // Older browsers do not tell, and some say no of what is none: the name tells as well.
    this.software =
      info.isFallbackAdapter ||
      emulators.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`);
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
   * @returns the engine, or in one sentence why there is none
   */
  static async create(gpu: GPU | string | undefined, options: WebGPUOptions = {}): Promise<WebGPUEngine | string> {
    if (typeof gpu === 'string') return gpu;
    if (gpu === undefined) {
      return globalThis.process?.versions?.node === undefined
        ? 'This browser has no WebGPU, or not on a page that came over plain HTTP.'
        : 'Node has no WebGPU of its own: the npm package webgpu brings one.';
    }
    const asked = WebGPUEngine.#request(gpu, options);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(`The graphics driver does not answer: WebGPU gave no device within ${patience} seconds.`);
        // By the time one comes, if it ever does, something else computes.
        void asked.then((late) => typeof late === 'string' || late.close());
      }, patience * 1000);
      void asked.then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  static async #request(gpu: GPU, options: WebGPUOptions): Promise<WebGPUEngine | string> {
    let missing = 'WebGPU gave no graphics adapter';
    try {
      const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
      if (adapter === null) return 'WebGPU found no graphics adapter: none is there, or its driver is blocked.';
      missing = 'The graphics adapter gave no device';
      const names = options.limits === 'default' ? [] : generousLimits;
      const requiredLimits = Object.fromEntries(names.map((name) => [name, adapter.limits[name]]));
      const has = ({ feature, extension }: { feature: GPUFeatureName; extension?: string }) =>
        adapter.features.has(feature) &&
        (feature !== 'subgroups' || options.subgroups !== false) &&
        (!extension || gpu.wgslLanguageFeatures?.has(extension));
      const requiredFeatures = usefulFeatures.filter(has).map(({ feature }) => feature);
      return new WebGPUEngine(await adapter.requestDevice({ requiredLimits, requiredFeatures }), adapter, options);
    } catch (error) {
      return `${missing}: ${(error as Error).message}`;
    }
  }

  /** By default with the tuning that is remembered as the fastest, if there is one. */
  async open(model: ModelConfiguration, capacity: Capacity, tuning = this.#tuning): Promise<WebGPUSession> {
    const { openSession } = await sessions();
    if (tuning !== undefined) return openSession(this.gpuDevice, model, capacity, tuning);
    try {
      const remembered = await this.#tunings?.read(tuningKey(this.adapter, model, onePart(capacity)));
      if (remembered !== undefined) return await openSession(this.gpuDevice, model, capacity, remembered);
    } catch {
      // What was remembered may be of another version. Without it all is as on the first visit.
    }
    return openSession(this.gpuDevice, model, capacity);
  }

  async tune(
    model: ModelConfiguration,
    capacity: Capacity,
    { weights = 'f32', signal }: TuneOptions = {},
  ): Promise<string> {
    if (this.#tuning !== undefined) return this.#tuning;
    const key = tuningKey(this.adapter, model, onePart(capacity), weights);
    const remembered = await this.#tunings?.read(key).catch(() => undefined);
    if (remembered !== undefined) return remembered;
    const { tuning } = await this.measureTunings(model, capacity, { weights, signal });
    await this.#tunings?.write(key, tuning).catch(() => {});
    return tuning;
  }

  /**
   * Takes a few small steps of which is known what they find. A device that has passed once is not tried again.
   *
   * @throws ShaderError if the device's compiler refuses a kernel
   * @throws DeviceLostError if the device is lost
   */
  async prove(): Promise<Verdict> {
    const { provenOnce } = await import('./measure-tunings.ts');
    return provenOnce(this.gpuDevice, this.adapter, this.#tunings);
  }

  /**
   * Tries on the device which way of cutting up the work is the fastest, whatever is known already, and remembers nothing.
   *
   * @param budget milliseconds after which no more is begun; by default as many as training can be kept waiting
   * @param tunings what to try, as `readTuning` reads it; by default what is worth a try. The others are held to the first.
   * @returns the fastest, and what became of each that was tried
   * @throws the signal's reason, once it is aborted
   */
  async measureTunings(
    model: ModelConfiguration,
    capacity: Capacity,
    {
      weights = 'f32',
      signal,
      budget,
      tunings,
    }: TuneOptions & { readonly budget?: number; readonly tunings?: readonly string[] } = {},
  ): Promise<Measured> {
    const { measureTunings } = await import('./measure-tunings.ts');
    const allowed = budget ?? (this.software ? patientBudget : undefined);
    return measureTunings(this.gpuDevice, model, onePart(capacity), { weights, signal, budget: allowed, tunings });
  }

  close(): void {
    this.#closed = true;
    this.gpuDevice.destroy();
  }
}

/** What emulates a GPU on the processor, by the names that it has for itself. */
const emulators = /swiftshader|llvmpipe|lavapipe|softpipe|swrast|software|basic render|\bwarp\b/i;

/** An adapter's name, as much of it as the browser tells. */
function describeAdapter({ vendor, architecture, description, device }: GPUAdapterInfo): string {
  const parts = [vendor, architecture, device].filter((part) => part !== '');
  return description || parts.join(' ') || 'an adapter that does not tell its name';
}
