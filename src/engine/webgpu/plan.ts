import type { ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, type ParameterName, parameterNames } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';
import type { KernelName } from './kernels.ts';
import { paddedLayout, paddedModel } from './padding.ts';

/** The limits of a device that decide what fits it, by WebGPU's own names. */
export type Limits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
>;

/** A buffer, or the bytes of it from `offset` on. */
export interface Binding {
  readonly buffer: BufferName;
  readonly offset?: number;
  readonly size?: number;
}

/** One kernel with its sizes, its bindings in the order of the shader, and how many workgroups a batch takes. */
export interface Dispatch {
  readonly kernel: KernelName;
  readonly constants: Record<string, number>;
  readonly bindings: readonly Binding[];
  readonly workgroups: (batch: Capacity) => readonly [x: number, y?: number, z?: number];
}

export type BufferName = keyof ReturnType<typeof bufferSizes>;

/** All that a session puts on its device, and all that a training step does there. */
export interface Plan {
  readonly padded: ModelConfiguration;
  readonly layout: ParameterLayout;
  /** Bytes. */
  readonly buffers: Readonly<Record<BufferName, number>>;
  /** Logits, losses and states: all that evaluation needs. */
  readonly forward: readonly Dispatch[];
  /** From the forward pass to the gradients. */
  readonly backward: readonly Dispatch[];
  /** From the gradients to the next parameters. */
  readonly update: readonly Dispatch[];
  /** Where each parameter lies, as `gradient-norm.wgsl` reads it. */
  readonly tensors: Uint32Array<ArrayBuffer>;
}

const bytes = 4;
const vector = 4;
/** Elements of a parameter that are worth a part of their own in its norm. */
const normPart = 16384;
/** Rows of K that are worth a part of their own in a weight gradient. */
const splitRows = 256;
/** Tiles of 4 × 4 weights that fill a device; with more, K is not cut. */
const enoughTiles = 16384;

/**
 * Lays out a training step.
 *
 * @throws CapacityError naming the limit that is in the way, what it allows and what would be needed.
 */
export function plan(model: ModelConfiguration, capacity: Capacity, limits: Limits): Plan {
  const padded = paddedModel(model);
  const layout = paddedLayout(model);
  const { vocabularySize: VOCABULARY, hiddenSize: HIDDEN } = padded;
  const SYMBOLS = model.vocabularySize;
  const sizes = { HIDDEN, VOCABULARY };
  const place = (name: ParameterName) => layout.places[parameterNames.indexOf(name)]!;

  const weights = layout.length - place('W_z').offset;
  const tiles = (3 * HIDDEN * HIDDEN + HIDDEN * VOCABULARY) / 16;
  const SPLITS = Math.max(
    1,
    Math.min(
      Math.ceil((capacity.rows * capacity.timesteps) / splitRows),
      Math.floor(enoughTiles / tiles),
      Math.floor(limits.maxStorageBufferBindingSize / (weights * bytes)),
    ),
  );
  const longest = Math.max(...layout.places.map(({ length }) => length));
  const PARTS = Math.min(64, Math.ceil(longest / normPart));
  const buffers = bufferSizes(padded, layout, capacity, SPLITS * weights, PARTS);

  const batch: Binding = { buffer: 'batch' };
  const range = (buffer: BufferName, from: ParameterName, to?: ParameterName) => ({
    buffer,
    ...parameterRange(layout, from, to),
  });

  const forwardShape = wholeSequenceShape('forward', HIDDEN, limits);
  const backwardShape = wholeSequenceShape('backward', HIDDEN, limits);
  wholeSequenceShape('generate', HIDDEN, limits);
  const LANES = Math.min(32, powerOf2(VOCABULARY / vector));
  const QUADS = 64 / LANES;
  const tileGrid = (width: number, height: number) => [Math.ceil(width / 32), Math.ceil(height / 32)] as const;

  const forward: Dispatch[] = [
    {
      kernel: 'forward',
      constants: { ...sizes, ...forwardShape },
      bindings: [
        batch,
        { buffer: 'tokens' },
        range('parameters', 'U_z', 'W_z'),
        range('parameters', 'W_z', 'V'),
        { buffer: 'states' },
        { buffer: 'gates' },
      ],
      workgroups: ({ rows }) => [Math.ceil(rows / forwardShape.ROWS)],
    },
    {
      kernel: 'output',
      constants: { ...sizes, SYMBOLS, QUADS, LANES },
      bindings: [
        batch,
        { buffer: 'targets' },
        { buffer: 'states' },
        range('parameters', 'V'),
        { buffer: 'dlogits' },
        { buffer: 'losses' },
      ],
      workgroups: ({ rows, timesteps }) => [Math.ceil((rows * timesteps) / (4 * QUADS))],
    },
  ];

  const weightGradient = { HIDDEN, SPLITS, PARTIAL_STRIDE: weights / vector };
  const offsets = (matrix: ParameterName, bias: ParameterName) => ({
    MATRIX_OFFSET: (place(matrix).offset - place('W_z').offset) / vector,
    BIAS_OFFSET: (place(bias).offset - place('W_z').offset) / vector,
  });
  const backward: Dispatch[] = [
    {
      kernel: 'transpose',
      constants: { HEIGHT: HIDDEN, WIDTH: VOCABULARY },
      bindings: [range('parameters', 'V'), { buffer: 'transposedOutput' }],
      workgroups: () => tileGrid(VOCABULARY, HIDDEN),
    },
    {
      kernel: 'transpose',
      constants: {
        MATRICES: 3,
        HEIGHT: HIDDEN,
        WIDTH: HIDDEN,
        STRIDE: (place('W_r').offset - place('W_z').offset) / vector,
      },
      bindings: [range('parameters', 'W_z', 'V'), { buffer: 'transposedRecurrent' }],
      workgroups: () => [...tileGrid(HIDDEN, HIDDEN), 3],
    },
    {
      kernel: 'output-backward',
      constants: sizes,
      bindings: [batch, { buffer: 'dlogits' }, { buffer: 'transposedOutput' }, { buffer: 'dstates' }],
      workgroups: ({ rows, timesteps }) => tileGrid(HIDDEN, rows * timesteps),
    },
    {
      kernel: 'backward',
      constants: { HIDDEN, ...backwardShape },
      bindings: [
        batch,
        { buffer: 'transposedRecurrent' },
        { buffer: 'states' },
        { buffer: 'gates' },
        { buffer: 'dstates' },
      ],
      workgroups: ({ rows }) => [Math.ceil(rows / backwardShape.ROWS)],
    },
    {
      kernel: 'weight-gradient',
      constants: { ...weightGradient, WIDTH: HIDDEN, MATRICES: 3, ...offsets('W_z', 'b_z') },
      bindings: [batch, { buffer: 'states' }, { buffer: 'gates' }, { buffer: 'partials' }],
      workgroups: () => [...tileGrid(HIDDEN, HIDDEN), 3 * SPLITS],
    },
    {
      kernel: 'weight-gradient',
      constants: { ...weightGradient, WIDTH: VOCABULARY, MATRICES: 1, ...offsets('V', 'b_y') },
      bindings: [batch, { buffer: 'states' }, { buffer: 'dlogits' }, { buffer: 'partials' }],
      workgroups: () => [...tileGrid(VOCABULARY, HIDDEN), SPLITS],
    },
    {
      kernel: 'weight-gradient-sum',
      constants: { SPLITS, LENGTH: weights / vector },
      bindings: [{ buffer: 'partials' }, range('gradients', 'W_z')],
      workgroups: () => [Math.min(1024, Math.ceil(weights / vector / 64))],
    },
    {
      kernel: 'input-gradient',
      constants: sizes,
      bindings: [
        batch,
        { buffer: 'places' },
        { buffer: 'starts' },
        { buffer: 'gates' },
        range('gradients', 'U_z', 'W_z'),
      ],
      workgroups: () => [Math.ceil(HIDDEN / 64), VOCABULARY],
    },
  ];

  // The flat buffer is bound in as few ranges as the device allows: one, or where it is too long, two.
  const whole = layout.length * bytes <= limits.maxStorageBufferBindingSize;
  const ranges: readonly (readonly [ParameterName, ParameterName?])[] = whole ? [['U_z']] : [['U_z', 'W_z'], ['W_z']];
  const tensors = new Uint32Array(parameterNames.length * 64);
  const update: Dispatch[] = [
    ...ranges.map(([from, to]): Dispatch => {
      const first = parameterNames.indexOf(from);
      const end = to === undefined ? parameterNames.length : parameterNames.indexOf(to);
      for (const [i, { offset, length }] of layout.places.slice(first, end).entries()) {
        tensors.set([(offset - place(from).offset) / vector, length / vector, first + i], first * 64 + i * 3);
      }
      return {
        kernel: 'gradient-norm',
        constants: { PARTS },
        bindings: [
          { buffer: 'tensors', offset: first * 64 * bytes, size: 64 * bytes },
          range('gradients', from, to),
          { buffer: 'squares' },
        ],
        workgroups: () => [PARTS, end - first],
      };
    }),
    {
      kernel: 'report',
      constants: { PARAMETERS: parameterNames.length, PARTS },
      bindings: [batch, { buffer: 'losses' }, { buffer: 'squares' }, { buffer: 'report' }],
      workgroups: () => [1],
    },
    ...ranges.map(([from, to]): Dispatch => {
      const gradients = range('gradients', from, to);
      return {
        kernel: 'adam',
        constants: { LENGTH: gradients.size / bytes / vector },
        bindings: [
          { buffer: 'adam' },
          { buffer: 'report' },
          gradients,
          range('m', from, to),
          range('v', from, to),
          range('parameters', from, to),
        ],
        workgroups: () => [Math.min(1024, Math.ceil(gradients.size / bytes / vector / 64))],
      };
    }),
  ];

  const planned = { padded, layout, buffers, forward, backward, update, tensors };
  assertFits(planned, capacity, limits);
  return planned;
}

/** The bytes of every buffer of a session. */
function bufferSizes(
  padded: ModelConfiguration,
  layout: ParameterLayout,
  capacity: Capacity,
  partials: number,
  PARTS: number,
) {
  const { vocabularySize: V, hiddenSize: H } = padded;
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
    tokens: T * B,
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
    partials,
    tensors: parameterNames.length * 64,
    squares: parameterNames.length * PARTS,
    report: 4 + parameterNames.length,
    /** The state in which the last training step ended. */
    carriedState: B * H,
    /** The state in which the last piece of an evaluation ended. */
    evaluatedState: B * H,
  };
  const inBytes = Object.entries(elements).map(([name, count]) => [name, Math.ceil(count / 4) * 4 * bytes]);
  return Object.fromEntries(inBytes) as typeof elements;
}

/** What a whole-sequence kernel keeps in its workgroup's memory, in bytes for each hidden unit of a row and besides. */
const workgroupMemory = {
  /** h, q */
  forward: { perUnit: 2 * bytes, besides: 0, mostInvocations: 256 },
  /** da_z, da_r, da_c */
  backward: { perUnit: 3 * bytes, besides: 0, mostInvocations: 256 },
  /** h, q, z; each invocation's best score and symbol for 4 rows; the 4 symbols that go in */
  generate: { perUnit: 3 * bytes, besides: 64 * 32 + 16, mostInvocations: 64 },
} as const;

/**
 * How many rows a workgroup takes through the whole sequence, as many of 4 as its memory holds, and how many invocations
 * share them.
 *
 * @throws CapacityError if not even one row fits.
 */
export function wholeSequenceShape(kernel: keyof typeof workgroupMemory, HIDDEN: number, limits: Limits) {
  const { perUnit, besides, mostInvocations } = workgroupMemory[kernel];
  const available = limits.maxComputeWorkgroupStorageSize;
  const ROWS = [4, 2, 1].find((rows) => rows * HIDDEN * perUnit + besides <= available);
  if (ROWS === undefined) {
    throw new CapacityError(
      `${HIDDEN} hidden units do not fit this device: shaders/${kernel}.wgsl needs ${HIDDEN * perUnit + besides} bytes of workgroup memory, maxComputeWorkgroupStorageSize is ${available}.`,
    );
  }
  const most = Math.min(limits.maxComputeInvocationsPerWorkgroup, mostInvocations);
  return { ROWS, WORKGROUP: Math.min(most, Math.max(32, powerOf2(HIDDEN / vector))) };
}

/** The bytes of a flat buffer from one parameter to before another, or to its end. */
export function parameterRange({ places, length }: ParameterLayout, from: ParameterName, to?: ParameterName) {
  const start = (name: ParameterName) => places[parameterNames.indexOf(name)]!.offset * bytes;
  return { offset: start(from), size: (to === undefined ? length * bytes : start(to)) - start(from) };
}

/** The smallest power of 2 that is not below `value`. */
const powerOf2 = (value: number): number => 2 ** Math.ceil(Math.log2(value));

function assertFits({ buffers, forward, backward, update }: Plan, capacity: Capacity, limits: Limits): void {
  for (const [name, size] of Object.entries(buffers)) {
    assertLimit(`its buffer of ${name}`, 'bytes', size, 'maxBufferSize', limits);
  }
  for (const { kernel, bindings, workgroups } of [...forward, ...backward, ...update]) {
    for (const { buffer, size } of bindings) {
      const bound = size ?? buffers[buffer];
      assertLimit(`its buffer of ${buffer}`, 'bytes', bound, 'maxStorageBufferBindingSize', limits);
    }
    const most = Math.max(...workgroups(capacity).map((count) => count ?? 1));
    assertLimit(`shaders/${kernel}.wgsl`, 'workgroups', most, 'maxComputeWorkgroupsPerDimension', limits);
  }
}

function assertLimit(what: string, unit: string, needed: number, limit: keyof Limits, limits: Limits): void {
  if (needed <= limits[limit]) return;
  throw new CapacityError(
    `This network at this batch and sequence does not fit this device: ${what} needs ${needed} ${unit}, ${limit} is ${limits[limit]}.`,
  );
}
