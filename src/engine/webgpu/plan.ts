import type { ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, type ParameterName, parameterNames } from '../../model/parameters.ts';
import type { Capacity } from '../engine.ts';
import { paddedLayout, paddedModel } from '../padding.ts';
import { type BufferName, bufferSizes } from './buffers.ts';
import type { KernelName } from './kernels.ts';
import { assertLimit, type Limits, powerOf2, wholeSequenceShape } from './limits.ts';

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
const mostNormParts = 64;
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
  const { outputSize: VOCABULARY, hiddenSize: HIDDEN } = padded;
  const SYMBOLS = model.outputSize;
  const names = parameterNames(model.cell);
  const sizes = { HIDDEN, VOCABULARY };
  const place = (name: ParameterName) => layout.places[names.indexOf(name)]!;

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
  const PARTS = Math.min(mostNormParts, Math.ceil(longest / normPart));
  const buffers = bufferSizes(padded, layout, capacity, { splits: SPLITS, weights, norm: PARTS });

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
        { buffer: 'inputs' },
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
  const tensors = new Uint32Array(names.length * 64);
  const update: Dispatch[] = [
    ...ranges.map(([from, to]): Dispatch => {
      const first = names.indexOf(from);
      const end = to === undefined ? names.length : names.indexOf(to);
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
      constants: { PARAMETERS: names.length, PARTS },
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

  assertFits(buffers, [...forward, ...backward, ...update], capacity, limits);
  return { padded, layout, buffers, forward, backward, update, tensors };
}

/** The bytes of a flat buffer from one parameter to before another, or to its end. */
export function parameterRange({ places, length }: ParameterLayout, from: ParameterName, to?: ParameterName) {
  const start = (name: ParameterName) => places.find((place) => place.name === name)!.offset * bytes;
  return { offset: start(from), size: (to === undefined ? length * bytes : start(to)) - start(from) };
}

/** @throws CapacityError naming the first limit that a plan goes beyond. */
function assertFits(
  buffers: Readonly<Record<BufferName, number>>,
  dispatches: readonly Dispatch[],
  capacity: Capacity,
  limits: Limits,
): void {
  for (const [name, size] of Object.entries(buffers)) {
    assertLimit(
      `the buffer of ${name} for this network at this batch and sequence`,
      'bytes',
      size,
      'maxBufferSize',
      limits,
    );
  }
  for (const { kernel, bindings, workgroups } of dispatches) {
    for (const { buffer, size } of bindings) {
      const bound = size ?? buffers[buffer];
      assertLimit(
        `the buffer of ${buffer} for this network at this batch and sequence`,
        'bytes',
        bound,
        'maxStorageBufferBindingSize',
        limits,
      );
    }
    const most = Math.max(...workgroups(capacity).map((count) => count ?? 1));
    assertLimit(`shaders/${kernel}.wgsl`, 'workgroups', most, 'maxComputeWorkgroupsPerDimension', limits);
  }
}
