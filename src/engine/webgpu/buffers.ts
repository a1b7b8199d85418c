import type { ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, parametersOf } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';
import { alignment } from '../padding.ts';

/** Into how many parts the work of a step is cut. */
export interface Parts {
  /** Of K in the gradients by parameters, so that there is work for a whole device; each has its own flat buffer. */
  readonly splits: number;
  /** Of each parameter in the gradient's norm. */
  readonly norm: number;
  /** Of a sequence: the most that a kernel is told which of them it takes. */
  readonly stretches: number;
  /** Whether the recurrent weights are read as f16. */
  readonly half: boolean;
}

/** Elements between two entries of a table of which each entry is bound for itself: WebGPU binds at multiples of 256 bytes. */
export const entryStride = 64;

export type BufferName = keyof ReturnType<typeof bufferSizes>;

/** Elements up to where a parameter that follows these would start. */
export const aligned = (elements: number): number => Math.ceil(elements / alignment) * alignment;

/** The bytes of every buffer that a session keeps on its device. */
export function bufferSizes(padded: ModelConfiguration, layout: ParameterLayout, capacity: Capacity, parts: Parts) {
  const { inputSize: I, outputSize: O, hiddenSize: H } = padded;
  const { rows: B, timesteps: T } = capacity;
  const vectors = padded.inputs === 'vectors';
  const gates = parametersOf(padded.cell, 'input').length;
  const elements = {
    /** What each step tells the kernels of its batch. */
    batch: 8,
    /** What each step tells adam.wgsl. */
    adam: 8,
    parameters: layout.length,
    gradients: layout.length,
    m: layout.length,
    v: layout.length,
    /** Which stretch of the sequence a dispatch takes. */
    stretches: parts.stretches * entryStride,
    /** The rows of U, or of `inputProducts`, that go in `[T][B]`. */
    tokens: T * B,
    /** x `[T][B][I]`, and x U `[gates][T][B][H]`, each gate's laid out like a parameter. */
    vectors: vectors ? T * B * I : 0,
    inputProducts: vectors ? gates * aligned(T * B * H) : 0,
    targets: T * B * (vectors ? O : 1),
    /** Where each symbol went in. */
    places: vectors ? 0 : T * B,
    starts: vectors ? 0 : I + 1,
    /** h `[T + 1][B][H]`, and behind it a GRU's q `[T][B][H]`. */
    states: (T + 1) * B * H + (padded.cell === 'gru' ? T * B * H : 0),
    gates: gates * T * B * H,
    dstates: (T + 1) * B * H,
    dlogits: T * B * O,
    losses: T * B,
    /** W of each gate as f16, two in an element, where it is read so. */
    halves: parts.half ? (gates * H * H) / 2 : 0,
    transposedRecurrent: gates * H * H,
    transposedOutput: H * O,
    partials: parts.splits * layout.length,
    tensors: layout.places.length * entryStride,
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

const uniforms: ReadonlySet<string> = new Set<BufferName>(['batch', 'adam', 'stretches']);

/**
 * Makes all buffers.
 *
 * @throws CapacityError if the device has no memory for them; none is kept then.
 */
export async function allocate(device: GPUDevice, sizes: Readonly<Record<BufferName, number>>) {
  device.pushErrorScope('out-of-memory');
  const made = Object.entries(sizes).map(([label, size]) => {
    const kind = uniforms.has(label) ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
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
