import { targetsOf } from '../../model/configuration.ts';
import { layerSuffix } from '../../model/parameters.ts';
import { type Capacity, CapacityError, DeviceLostError } from '../engine.ts';
import { onePart, rowsAtOnce } from '../parts.ts';
import { lossOf } from './lost.ts';
import { bytes, entryWords, isProjected, type Network, strideOf, vector } from './network.ts';

/** Into how many parts the work of a step is cut, and what else decides how much room it takes. */
export interface Parts {
  /** Of K in the gradients by parameters, so that there is work for a whole device; each has its own flat buffer. */
  readonly splits: number;
  /** Of each parameter in the gradient's norm. */
  readonly norm: number;
  /** Whether the recurrent weights are read as f16. */
  readonly half: boolean;
  /** Words in the tables of the plan. */
  readonly stretches: number;
  readonly tensors: number;
  readonly matrices: number;
}

type LayerBuffer = keyof ReturnType<typeof layerElements>;
/** A buffer that a session keeps on its device. Each layer has some of its own. */
export type BufferName = keyof ReturnType<typeof commonElements> | LayerBuffer | `${LayerBuffer}_l${number}`;

/** The buffer of a layer, by the name of the first layer's. */
export const ofLayer = (name: LayerBuffer, layer: number): BufferName => `${name}${layerSuffix(layer)}` as BufferName;

/** The elements of what each layer has. S of a layer's states come first. */
function layerElements(
  { padded, gates, states, twoPhases, withDropout }: Network,
  { rows: B, timesteps: T }: Capacity,
) {
  const H = padded.hiddenSize;
  return {
    /** Each state `[T + 1][B][H]`, and behind them the q of a second phase `[T][B][H]`. */
    states: states * (T + 1) * B * H + (twoPhases ? T * B * H : 0),
    /** m ⊙ h', which the layer puts out where there is dropout, `[T + 1][B][H]`. */
    out: withDropout ? (T + 1) * B * H : 0,
    /** What became of each gate, then da: `[gates][T][B][H]`. */
    gates: gates * T * B * H,
    /** ∂loss by each state, `[T + 1][B][H]`. */
    dstates: states * (T + 1) * B * H,
  };
}

/** The elements of what there is once; what every layer uses for itself is as large as the one that needs most. */
function commonElements(network: Network, capacity: Capacity, parts: Parts) {
  const { timesteps: T, withAverages } = capacity;
  const B = rowsAtOnce(capacity);
  const { model, padded, layout, matrices, inputMatrices, states, withDropout } = network;
  const { inputSize: I, outputSize: O, hiddenSize: H } = padded;
  const vectors = model.inputs === 'vectors';
  const projected = isProjected(network, model.layers - 1);
  const carried = model.layers * states * capacity.rows * H;
  return {
    /** What each step tells the kernels of its batch. */
    batch: 5,
    /** What each step tells adam.wgsl. */
    adam: 9,
    parameters: layout.length,
    gradients: layout.length,
    m: layout.length,
    v: layout.length,
    averaged: withAverages ? layout.length : 0,
    /** Which stretch of the sequence a dispatch takes. */
    stretches: parts.stretches,
    /** How each layer's masks are drawn. */
    dropout: withDropout ? model.layers * entryWords : 0,
    /** How many timesteps each row has. */
    lengths: B,
    /** The rows of U that go in `[T][B]`. */
    tokens: vectors ? 0 : T * B,
    /** x `[T][B][I]`, and x U `[gates][T][B][H]`, each gate's laid out like a parameter. */
    vectors: vectors ? T * B * I : 0,
    inputProducts: projected ? inputMatrices * strideOf(T * B * H) * vector : 0,
    targets: T * B,
    targetVectors: targetsOf(model) === 'vectors' ? T * B * model.outputSize : 0,
    /** Where each symbol went in. */
    places: vectors ? 0 : T * B,
    starts: vectors ? 0 : I + 1,
    dlogits: T * B * O,
    /** Of all rows, also where they are taken in parts, `[T][B]` of each. */
    losses: T * capacity.rows,
    /** W of each gate as f16, two in an element, where it is read so. */
    halves: parts.half ? (matrices * H * H) / 2 : 0,
    transposedRecurrent: matrices * H * H,
    /** Uᵀ of each gate, where there is a layer below. */
    transposedInput: model.layers > 1 ? inputMatrices * H * H : 0,
    transposedOutput: H * O,
    partials: parts.splits * layout.length,
    tensors: parts.tensors,
    matrices: parts.matrices,
    squares: layout.places.length * parts.norm,
    report: 4 + layout.places.length,
    /** The states in which the last training step ended, `[S][B][H]` for all rows. */
    carriedState: carried,
    /** The states in which the last piece of an evaluation ended. */
    evaluatedState: carried,
  };
}

/** The bytes of every buffer that a session keeps on its device. */
export function bufferSizes(network: Network, capacity: Capacity, parts: Parts): Readonly<Record<BufferName, number>> {
  const ofLayers = Array.from({ length: network.model.layers }, (_, layer) =>
    Object.entries(layerElements(network, onePart(capacity))).map(
      ([name, count]) => [name + layerSuffix(layer), count] as const,
    ),
  );
  const elements = [...Object.entries(commonElements(network, capacity, parts)), ...ofLayers.flat()];
  // Of nothing, too, something has to be there to be bound.
  const inBytes = elements.map(([name, count]) => [name, Math.max(1, Math.ceil(count / vector)) * vector * bytes]);
  return Object.fromEntries(inBytes);
}

const uniforms: ReadonlySet<string> = new Set<BufferName>(['batch', 'adam', 'stretches', 'dropout']);

/** Bytes of some buffers together. */
export const bytesOf = (sizes: Readonly<Record<string, number>>): number =>
  Object.values(sizes).reduce((sum, size) => sum + size, 0);

/** Bytes from which on memory is worth being tried out: some drivers give it when it is first used, or fail then. */
const much = 2 ** 28;

/**
 * Makes all buffers.
 *
 * @throws CapacityError if the device has no memory for them; none is kept then.
 * @throws DeviceLostError if the device was lost before
 */
export async function allocate(device: GPUDevice, sizes: Readonly<Record<BufferName, number>>) {
  const total = bytesOf(sizes);
  const before = await lossOf(device);
  if (before !== undefined) throw new DeviceLostError(before.message || before.reason);
  const made: (readonly [string, GPUBuffer])[] = [];
  let cause: unknown;
  try {
    device.pushErrorScope('out-of-memory');
    for (const [label, size] of Object.entries(sizes)) {
      const kind = uniforms.has(label) ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
      const usage = kind | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      made.push([label, device.createBuffer({ label, size, usage })]);
    }
    if (total >= much) {
      const encoder = device.createCommandEncoder();
      for (const [, buffer] of made) encoder.clearBuffer(buffer);
      device.queue.submit([encoder.finish()]);
    }
    cause = await device.popErrorScope();
    if (total >= much) await device.queue.onSubmittedWorkDone();
  } catch (error) {
    cause = error;
  }
  // Some implementations give up the whole device where there is no memory.
  cause ??= await lossOf(device);
  if (cause == null) return Object.fromEntries(made) as Record<BufferName, GPUBuffer>;
  for (const [, buffer] of made) buffer.destroy();
  const needed = Math.ceil(total / 2 ** 20);
  throw new CapacityError(
    `The device has no memory left for this network: it needs ${needed} MiB at this batch and sequence. Choose smaller ones, or more parts.`,
    { cause },
  );
}
