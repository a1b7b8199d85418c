import { DeviceLostError } from '../engine.ts';

/** How many reports may be on their way at once: enough to keep a device busy while one travels. */
export const slots = 8;

/** Brings the contents of buffers to the host. Reports of a fixed size come through a ring of buffers made once. */
export class ReadBack {
  readonly #device: GPUDevice;
  readonly #ring: readonly GPUBuffer[];
  readonly #busy = new Set<GPUBuffer>();
  #closed = false;

  /** @param reportSize bytes of a report */
  constructor(device: GPUDevice, reportSize: number) {
    this.#device = device;
    this.#ring = Array.from({ length: slots }, () => this.#mappable(reportSize));
  }

  /** A buffer of the ring, for the next report. `undefined` if all are on their way. */
  claim(): GPUBuffer | undefined {
    const free = this.#ring.find((buffer) => !this.#busy.has(buffer));
    if (free !== undefined) this.#busy.add(free);
    return free;
  }

  /** The report that a claimed buffer was given, once the device has got there. */
  async receive(claimed: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    try {
      const report = await this.#content(claimed);
      claimed.unmap();
      return report;
    } finally {
      this.#busy.delete(claimed);
    }
  }

  /** Copies elements of a buffer to the host. */
  read(buffer: GPUBuffer, offset: number, length: number): Promise<Float32Array<ArrayBuffer>> {
    const staging = this.staging(length);
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset * 4, staging, 0, length * 4);
    this.#device.queue.submit([encoder.finish()]);
    return this.take(staging);
  }

  /** A buffer of `length` elements for a kernel's results to be copied to, and then `take`n. */
  staging(length: number): GPUBuffer {
    return this.#mappable(length * 4);
  }

  /** The content of a staging buffer, which is then gone. */
  async take(staging: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    try {
      return await this.#content(staging);
    } finally {
      staging.destroy();
    }
  }

  close(): void {
    this.#closed = true;
    for (const buffer of this.#ring) buffer.destroy();
  }

  #mappable(size: number): GPUBuffer {
    return this.#device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  async #content(buffer: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    try {
      await buffer.mapAsync(GPUMapMode.READ);
    } catch (error) {
      if (this.#closed) throw new Error('The session was closed.', { cause: error });
      if ((error as DOMException).name !== 'AbortError') throw error;
      const { reason, message } = await this.#device.lost;
      throw new DeviceLostError(message || reason, { cause: error });
    }
    return new Float32Array(buffer.getMappedRange().slice(0));
  }
}
