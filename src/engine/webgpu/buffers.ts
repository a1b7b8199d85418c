import type { ModelConfiguration } from '../../model/configuration.ts';
import type { ParameterLayout } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';

/** Into how many parts the sums of a step are cut, so that there is work for a whole device. */
export interface Parts {
  /** Of K in the weight gradients, each with its own copy of `weights` elements. */
  readonly splits: number;
  /** Elements from W_z to the end of the flat buffer. */
  readonly weights: number;
  /** Of each parameter in the gradient's norm. */
  readonly norm: number;
}

export type BufferName = keyof ReturnType<typeof bufferSizes>;

/** The bytes of every buffer that a session keeps on its device. */
export function bufferSizes(padded: ModelConfiguration, layout: ParameterLayout, capacity: Capacity, parts: Parts) {
  const { outputSize: V, hiddenSize: H } = padded;
  const { rows: B, timesteps: T } = capacity;
  const elements = {
    /** What each step tells the kernels of its batch. */
    batch: 4,
    /** What each step tells adam.wgsl. */
    adam: 8,
    parameters: layout.length,
    gradients: layout.length,
    m: layout.length,
    v: layout.length,
    inputs: T * B,
    targets: T * B,
    places: T * B,
    starts: V + 1,
    /** h `[T + 1][B][H]`, and behind it q `[T][B][H]`. */
    states: (2 * T + 1) * B * H,
    gates: 3 * T * B * H,
    dstates: (T + 1) * B * H,
    dlogits: T * B * V,
    losses: T * B,
    transposedRecurrent: 3 * H * H,
    transposedOutput: H * V,
    partials: parts.splits * parts.weights,
    tensors: layout.places.length * 64,
    squares: layout.places.length * parts.norm,
    report: 4 + layout.places.length,
    /** The state in which the last training step ended. */
    carriedState: B * H,
    /** The state in which the last piece of an evaluation ended. */
    evaluatedState: B * H,
  };
  const inBytes = Object.entries(elements).map(([name, count]) => [name, Math.ceil(count / 4) * 16]);
  return Object.fromEntries(inBytes) as typeof elements;
}

/**
 * Makes all buffers.
 *
 * @throws CapacityError if the device has no memory for them; none is kept then.
 */
export async function allocate(device: GPUDevice, sizes: Readonly<Record<BufferName, number>>) {
  device.pushErrorScope('out-of-memory');
  const made = Object.entries(sizes).map(([label, size]) => {
    const kind = label === 'batch' || label === 'adam' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
    const usage = kind | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return [label, device.createBuffer({ label, size, usage })] as const;
  });
  if ((await device.popErrorScope()) !== null) {
    for (const [, buffer] of made) buffer.destroy();
    const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
    throw new CapacityError(
      `The device has no memory left for this network: it needs ${Math.ceil(total / 2 ** 20)} MiB at this batch and sequence.`,
    );
  }
  return Object.fromEntries(made) as Record<BufferName, GPUBuffer>;
}
