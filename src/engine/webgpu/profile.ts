import type { Work } from './kernels/dispatch.ts';
import { explained } from './lost.ts';

/** A dispatch with all that it takes to run it. */
export interface Runnable {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly workgroups: readonly [x: number, y?: number, z?: number];
}

/** A dispatch of a training step that is ready to be encoded. */
export interface ReadyDispatch extends Runnable {
  readonly kernel: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly work: Work;
}

/** What tells the time: the device's own timestamps, or how long the host waits. */
export type Clock = 'timestamps' | 'repetition';

/** How long a dispatch is repeated for in one sample, in milliseconds: browsers' timestamps are no finer than 0.1 ms. */
const worth: Readonly<Record<Clock, number>> = { timestamps: 5, repetition: 20 };
const mostRepeats = 4096;

/**
 * Times dispatches, each by itself and as often in a row as gives its clock something to see. They run in their order,
 * so that each finds what those before it left; one that is repeated works on its own results, which costs the same.
 *
 * @param samples how many times for each
 * @returns for each dispatch its times, in milliseconds
 * @throws DeviceLostError if the device is lost
 */
export async function profile(
  device: GPUDevice,
  dispatches: readonly Runnable[],
  samples: number,
): Promise<{ readonly clock: Clock; readonly times: readonly (readonly number[])[] }> {
  const stopwatch = device.features.has('timestamp-query')
    ? new Timestamps(device, dispatches)
    : new Repetition(device, dispatches);
  try {
    const repeats = dispatches.map(() => 1);
    // What comes first is slower than what follows, so the second round decides.
    await stopwatch.round(repeats);
    for (;;) {
      const times = await stopwatch.round(repeats);
      const more = times.map((time, i) => {
        const wanted = Math.ceil(worth[stopwatch.clock] / Math.max(time, 1e-3));
        // Unseen by the clock, a time is unknown; a step at a time keeps a dispatch from running for seconds.
        return Math.min(mostRepeats, Math.max(repeats[i]!, Math.min(wanted, repeats[i]! * 16)));
      });
      if (more.every((count, i) => count < 2 * repeats[i]!)) break;
      repeats.splice(0, repeats.length, ...more);
    }
    const times: number[][] = dispatches.map(() => []);
    for (let sample = 0; sample < samples; sample++) {
      for (const [i, time] of (await stopwatch.round(repeats)).entries()) times[i]!.push(time);
    }
    return { clock: stopwatch.clock, times };
  } catch (error) {
    throw await explained(device, error);
  } finally {
    stopwatch.close();
  }
}

function encode(pass: GPUComputePassEncoder, { pipeline, bindings, workgroups }: Runnable, repeats: number): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(...workgroups);
}

/** The device writes down when each pass begins and ends. */
class Timestamps {
  readonly clock = 'timestamps';
  readonly #device: GPUDevice;
  readonly #dispatches: readonly Runnable[];
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(device: GPUDevice, dispatches: readonly Runnable[]) {
    const count = 2 * dispatches.length;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    this.#device = device;
    this.#dispatches = dispatches;
    this.#queries = device.createQuerySet({ type: 'timestamp', count });
    this.#resolved = device.createBuffer({ size: 8 * count, usage: QUERY_RESOLVE | COPY_SRC });
    this.#staging = device.createBuffer({ size: 8 * count, usage: COPY_DST | MAP_READ });
  }

  /** Milliseconds of each dispatch, run `repeats` times. */
  async round(repeats: readonly number[]): Promise<number[]> {
    const encoder = this.#device.createCommandEncoder();
    for (const [i, dispatch] of this.#dispatches.entries()) {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet: this.#queries,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      encode(pass, dispatch, repeats[i]!);
      pass.end();
    }
    encoder.resolveQuerySet(this.#queries, 0, 2 * this.#dispatches.length, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    return repeats.map((count, i) => Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6 / count);
  }

  close(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}

/** The host waits for each dispatch, and takes off what it would have waited for nothing. */
class Repetition {
  readonly clock = 'repetition';
  readonly #device: GPUDevice;
  readonly #dispatches: readonly Runnable[];

  constructor(device: GPUDevice, dispatches: readonly Runnable[]) {
    this.#device = device;
    this.#dispatches = dispatches;
  }

  async round(repeats: readonly number[]): Promise<number[]> {
    const times: number[] = [];
    for (const [i, dispatch] of this.#dispatches.entries()) {
      const idle = await this.#wait();
      times.push(Math.max(0, (await this.#wait(dispatch, repeats[i])) - idle) / repeats[i]!);
    }
    return times;
  }

  async #wait(dispatch?: Runnable, repeats = 1): Promise<number> {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (dispatch) encode(pass, dispatch, repeats);
    pass.end();
    const start = performance.now();
    this.#device.queue.submit([encoder.finish()]);
    await this.#device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  }

  close(): void {}
}
