/** How many answers may be waited for at once, each for a report by itself: enough to keep a device busy while one travels. */
const travellers = 8;
/** How many reports may be on their way at once where answers are slow, and come for many of them together. */
const mostReports = 256;
/** An answer is slow that was waited for this long, in milliseconds, and then came with another. */
const slow = { wait: 20, apart: 1 } as const;

/** Reports that travel together: they are put into a buffer until it is sent for. */
interface Parcel {
  readonly buffer: GPUBuffer;
  readonly content: Promise<Float32Array<ArrayBuffer>>;
  reports: number;
  send(): void;
}

/**
 * Brings the contents of buffers to the host. Reports of a fixed size come through a ring of buffers made once: one by one,
 * and where more are on their way than travel alone, those that wait share a buffer.
 */
export class ReadBack {
  readonly #device: GPUDevice;
  readonly #reportSize: number;
  /** Buffers for which nothing is waited. */
  readonly #free: GPUBuffer[];
  readonly #ring: readonly GPUBuffer[];
  #gathering: Parcel | undefined;
  /** Parcels that were sent for. */
  #travelling = 0;
  #underWay = 0;
  #most = travellers;
  #answered = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @param reportSize bytes of a report */
  constructor(device: GPUDevice, reportSize: number) {
    this.#device = device;
    this.#reportSize = reportSize;
    // One to gather in while all others travel.
    this.#ring = Array.from({ length: travellers + 1 }, () => this.#mappable(mostReports * reportSize));
    this.#free = [...this.#ring];
  }

  /** Bytes of the ring's buffers. */
  static ringBytes(reportSize: number): number {
    return (travellers + 1) * mostReports * reportSize;
  }

  /** How many reports may be on their way at once; more as soon as answers turn out to be slow. */
  get most(): number {
    return this.#most;
  }

  /** Whether as many reports as may be are on their way. */
  get full(): boolean {
    return this.#underWay === this.#most;
  }

  /**
   * Copies a report, for which `send` is called when the copy has been submitted.
   *
   * @returns it, once the device has got there
   */
  copy(encoder: GPUCommandEncoder, report: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    this.#gathering ??= this.#parcel();
    const { buffer, content, reports } = this.#gathering;
    encoder.copyBufferToBuffer(report, 0, buffer, reports * this.#reportSize, this.#reportSize);
    this.#gathering.reports++;
    this.#underWay++;
    const words = this.#reportSize / 4;
    const own = content.then((all) => all.subarray(reports * words, (reports + 1) * words));
    // Where its step cannot be submitted, nobody waits for it.
    own.catch(() => {});
    return own;
  }

  /** Sends for the reports that were copied. */
  send(): void {
    if (this.#gathering === undefined || this.#travelling === travellers) return;
    this.#travelling++;
    this.#gathering.send();
    this.#gathering = undefined;
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
      return await this.#content(staging, staging.size);
    } finally {
      staging.destroy();
    }
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const buffer of this.#ring) buffer.destroy();
  }

  #mappable(size: number): GPUBuffer {
    return this.#device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  #parcel(): Parcel {
    const buffer = this.#free.pop()!;
    let receive: (content: Promise<Float32Array<ArrayBuffer>>) => void = () => {};
    const content = new Promise<Float32Array<ArrayBuffer>>((resolve) => {
      receive = resolve;
    });
    const parcel: Parcel = { buffer, content, reports: 0, send: () => receive(this.#receive(parcel)) };
    return parcel;
  }

  async #receive({ buffer, reports }: Parcel): Promise<Float32Array<ArrayBuffer>> {
    const asked = performance.now();
    try {
      const content = await this.#content(buffer, reports * this.#reportSize);
      buffer.unmap();
      return content;
    } finally {
      const now = performance.now();
      // What came one after another has come at once: meanwhile the device was idle.
      if (now - asked > slow.wait && now - this.#answered < slow.apart) this.#most = mostReports;
      this.#answered = now;
      this.#underWay -= reports;
      this.#travelling--;
      this.#free.push(buffer);
      this.send();
    }
  }

  async #content(buffer: GPUBuffer, bytes: number): Promise<Float32Array<ArrayBuffer>> {
    await buffer.mapAsync(GPUMapMode.READ, 0, bytes);
    return new Float32Array(buffer.getMappedRange(0, bytes).slice(0));
  }
}
