import type { Cell, Cost, ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, parametersOf, type Role } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';
import { paddedLayout, paddedModel } from '../padding.ts';
import { aligned, type BufferName, bufferSizes, entryStride } from './buffers.ts';
import type { Compilation, KernelName } from './kernels.ts';
import { assertLimit, type Limits, powerOf2, stepColumns, stepwiseShape, wholeSequenceShape } from './limits.ts';
import { defaultTuning, type Tuning } from './tuning.ts';

/** A buffer, or the bytes of it from `offset` on. */
export interface Binding {
  readonly buffer: BufferName;
  readonly offset?: number;
  readonly size?: number;
}

/** One kernel with its sizes, its bindings in the order of the shader, and how many workgroups a batch takes. */
export interface Dispatch extends Compilation {
  readonly bindings: readonly Binding[];
  readonly workgroups: (batch: Capacity) => readonly [x: number, y?: number, z?: number];
}

/**
 * What a batch can be taken through: `forward` to the states; from there `output` to the losses and ∂logits, `backward` to
 * the gradients and `update` to the next parameters, or `probabilities` to what comes out, which takes ∂logits' place.
 */
export const passNames = ['forward', 'output', 'backward', 'update', 'probabilities'] as const;
export type Pass = (typeof passNames)[number];

/** What a training step is made of, in order. */
export const trainingPasses = ['forward', 'output', 'backward', 'update'] as const satisfies Pass[];

/** All that a session puts on its device, and all that a training step does there. */
export interface Plan {
  readonly padded: ModelConfiguration;
  readonly layout: ParameterLayout;
  /** Bytes. */
  readonly buffers: Readonly<Record<BufferName, number>>;
  readonly passes: Readonly<Record<Pass, readonly Dispatch[]>>;
  /** What is put into some of the buffers once and for all, so that a dispatch can be bound to its own entry. */
  readonly tables: {
    /** Where each parameter lies, as `gradient-norm.wgsl` reads it. */
    readonly tensors: Uint32Array<ArrayBuffer>;
    /** Which stretch of the sequence a dispatch takes, as the cells' kernels read it. */
    readonly stretches: Uint32Array<ArrayBuffer>;
  };
}

const bytes = 4;
const vector = 4;
/** Elements of a parameter that are worth a part of their own in its norm. */
const normPart = 16384;
const mostNormParts = 64;
/** Timesteps of a sequence for each of which dispatches of its own can be prepared. */
const mostSteps = 8192;

/**
 * Lays out a training step.
 *
 * @throws CapacityError naming the limit that is in the way, what it allows and what would be needed.
 */
export function plan(
  model: ModelConfiguration,
  capacity: Capacity,
  limits: Limits,
  tuning = defaultTuning(model, capacity, limits),
): Plan {
  const { cell } = model;
  const padded = paddedModel(model);
  const layout = paddedLayout(model);
  const { inputSize: INPUTS, hiddenSize: HIDDEN, outputSize: OUTPUTS } = padded;
  const vectors = model.inputs === 'vectors';
  const GATES = parametersOf(cell, 'input').length;
  const PARAMETERS = layout.places.length;

  // Where the flat buffer is longer than the device can bind, kernels are bound to a range of it, and nothing is cut.
  const whole = layout.length * bytes <= limits.maxStorageBufferBindingSize;
  const most = Math.floor(limits.maxStorageBufferBindingSize / (layout.length * bytes));
  const SPLITS = Math.max(1, Math.min(tuning.splits, most));
  const longest = Math.max(...layout.places.map(({ length }) => length));
  const PARTS = Math.min(mostNormParts, Math.ceil(longest / normPart));
  const sequence = sequenceDispatches(model, capacity, HIDDEN, limits, tuning);
  const { stretches } = sequence;
  const half = tuning.weights === 'f16';
  const splits = whole ? SPLITS : 0;
  const buffers = bufferSizes(padded, layout, capacity, { splits, norm: PARTS, stretches, half });

  const batch: Binding = { buffer: 'batch' };
  const range = (buffer: BufferName, from: Role, to?: Role) => ({ buffer, ...roleRange(layout, from, to) });

  const LANES = Math.min(32, powerOf2(OUTPUTS / vector));
  const QUADS = 64 / LANES;
  const tileGrid = (width: number, height: number) => [Math.ceil(width / 32), Math.ceil(height / 32)] as const;

  const inputProducts: Dispatch = {
    kernel: 'product',
    constants: { DEPTH: INPUTS, WIDTH: HIDDEN, PRODUCT_STRIDE: buffers.inputProducts / bytes / vector / GATES },
    bindings: [batch, { buffer: 'vectors' }, range('parameters', 'input', 'recurrent'), { buffer: 'inputProducts' }],
    workgroups: ({ rows, timesteps }) => [...tileGrid(HIDDEN, rows * timesteps), GATES],
  };
  /** W of each gate, as the cell's kernels read it each way. */
  const arrangeRecurrent = (to: BufferName, constants: Dispatch['constants']): Dispatch => ({
    kernel: 'arrange',
    constants: {
      MATRICES: GATES,
      HEIGHT: HIDDEN,
      WIDTH: HIDDEN,
      STRIDE: aligned(HIDDEN * HIDDEN) / vector,
      HALF: Number(half),
      ...constants,
    },
    bindings: [range('parameters', 'recurrent', 'output'), { buffer: to }],
    workgroups: () => [...tileGrid(HIDDEN, HIDDEN), GATES],
  });
  const forward: Dispatch[] = [
    ...(vectors ? [inputProducts] : []),
    ...(half ? [arrangeRecurrent('halves', { TRANSPOSED: 0 })] : []),
    ...sequence.forward(
      {
        HIDDEN,
        HALF: Number(half),
        ...(cell === 'gru'
          ? { INPUTS: vectors ? capacity.rows * capacity.timesteps : INPUTS }
          : { UNITS: model.hiddenSize }),
      },
      [
        { buffer: 'tokens' },
        vectors ? { buffer: 'inputProducts' } : range('parameters', 'input', 'recurrent'),
        range('parameters', 'recurrent', 'output'),
        // Without them something has to be bound all the same.
        half ? { buffer: 'halves' } : range('parameters', 'recurrent', 'output'),
        { buffer: 'states' },
        ...(cell === 'gru' ? [{ buffer: 'gates' } as const] : []),
      ],
    ),
  ];

  const outputOf = (cost: Cost): Dispatch => ({
    ...(model.output === 'log-softmax'
      ? {
          kernel: 'output-softmax',
          constants: { HIDDEN, VOCABULARY: OUTPUTS, SYMBOLS: model.outputSize, QUADS, LANES },
        }
      : {
          kernel: 'output-sigmoid',
          constants: {
            HIDDEN,
            OUTPUTS: model.outputSize,
            VECTORS: Number(vectors),
            SQUARED: Number(cost === 'squared-error'),
            QUADS,
            LANES,
          },
        }),
    bindings: [
      batch,
      { buffer: 'targets' },
      { buffer: 'states' },
      range('parameters', 'output'),
      { buffer: 'dlogits' },
      { buffer: 'losses' },
    ],
    workgroups: ({ rows, timesteps }) => [Math.ceil((rows * timesteps) / (4 * QUADS))],
  });

  /** Where the gradients from one role's to before another's go: into parts of which a sum is taken, or to where they stay. */
  const gradientsOf = (from: Role, to?: Role) => ({
    binding: whole ? ({ buffer: 'partials' } as const) : range('gradients', from, to),
    PARTIAL_STRIDE: layout.length / vector,
    offset: (role: Role) => (firstPlace(layout, role).offset - (whole ? 0 : firstPlace(layout, from).offset)) / vector,
  });
  /** The gradients by the matrices of one role, and by the biases of another. */
  const weightGradient = (
    matrix: Role,
    bias: Role | undefined,
    incoming: { readonly buffer: BufferName; readonly HEIGHT: number; readonly SKIPPED?: number },
    outgoing: { readonly buffer: BufferName; readonly WIDTH: number },
  ): Dispatch => {
    const { buffer, ...left } = incoming;
    const { WIDTH } = outgoing;
    const matrices = parametersOf(cell, matrix).length;
    const { binding, PARTIAL_STRIDE, offset } = gradientsOf(matrix, matrix === 'input' ? 'recurrent' : undefined);
    return {
      kernel: 'weight-gradient',
      constants: {
        ...left,
        WIDTH,
        SPLITS,
        PARTIAL_STRIDE,
        MATRIX_OFFSET: offset(matrix),
        ...(bias ? { BIAS_OFFSET: offset(bias) } : { BIASED: 0 }),
        // Only a GRU's candidate meets the state through the reset gate.
        ...(cell === 'gru' && matrix === 'recurrent' ? { CANDIDATE: 2 } : {}),
      },
      bindings: [batch, { buffer }, { buffer: outgoing.buffer }, binding],
      workgroups: () => [...tileGrid(WIDTH, left.HEIGHT), matrices * SPLITS],
    };
  };
  /** The gradients by U where symbols go in: sums over places, and no product. */
  const inputGradient = (): Dispatch => {
    const { binding, PARTIAL_STRIDE } = gradientsOf('input', 'recurrent');
    return {
      kernel: 'input-gradient',
      constants: { HIDDEN, VOCABULARY: INPUTS, GATES, SPLITS, PARTIAL_STRIDE },
      bindings: [batch, { buffer: 'places' }, { buffer: 'starts' }, { buffer: 'gates' }, binding],
      workgroups: () => [Math.ceil((GATES * HIDDEN) / vector / 32), INPUTS, SPLITS],
    };
  };
  const gates = { buffer: 'gates', WIDTH: HIDDEN } as const;
  const backward: Dispatch[] = [
    {
      kernel: 'arrange',
      constants: { HEIGHT: HIDDEN, WIDTH: OUTPUTS },
      bindings: [range('parameters', 'output'), { buffer: 'transposedOutput' }],
      workgroups: () => tileGrid(OUTPUTS, HIDDEN),
    },
    arrangeRecurrent('transposedRecurrent', {}),
    {
      kernel: 'product',
      constants: { DEPTH: OUTPUTS, WIDTH: HIDDEN, SKIPPED: 1 },
      bindings: [batch, { buffer: 'dlogits' }, { buffer: 'transposedOutput' }, { buffer: 'dstates' }],
      workgroups: ({ rows, timesteps }) => tileGrid(HIDDEN, rows * timesteps),
    },
    ...sequence.backward({ HIDDEN, HALF: Number(half) }, [
      { buffer: 'transposedRecurrent' },
      { buffer: 'transposedRecurrent' },
      { buffer: 'states' },
      { buffer: 'gates' },
      { buffer: 'dstates' },
    ]),
    weightGradient('recurrent', 'bias', { buffer: 'states', HEIGHT: HIDDEN }, gates),
    weightGradient(
      'output',
      'outputBias',
      { buffer: 'states', HEIGHT: HIDDEN, SKIPPED: 1 },
      { buffer: 'dlogits', WIDTH: OUTPUTS },
    ),
    vectors ? weightGradient('input', undefined, { buffer: 'vectors', HEIGHT: INPUTS }, gates) : inputGradient(),
  ];
  if (whole) {
    backward.push({
      kernel: 'gradient-sum',
      constants: { SPLITS, LENGTH: layout.length / vector },
      bindings: [{ buffer: 'partials' }, { buffer: 'gradients' }],
      workgroups: () => [Math.min(1024, Math.ceil(layout.length / vector / 64))],
    });
  }

  const ranges: readonly (readonly [Role, Role?])[] = whole ? [['input']] : [['input', 'recurrent'], ['recurrent']];
  const tensors = new Uint32Array(PARAMETERS * entryStride);
  const update: Dispatch[] = [
    ...ranges.map(([from, to]): Dispatch => {
      const start = firstPlace(layout, from);
      const first = layout.places.indexOf(start);
      const end = to === undefined ? PARAMETERS : layout.places.indexOf(firstPlace(layout, to));
      for (const [i, { offset, length }] of layout.places.slice(first, end).entries()) {
        tensors.set([(offset - start.offset) / vector, length / vector, first + i], first * entryStride + i * 3);
      }
      return {
        kernel: 'gradient-norm',
        constants: { PARTS },
        bindings: [
          { buffer: 'tensors', offset: first * entryStride * bytes, size: entryStride * bytes },
          range('gradients', from, to),
          { buffer: 'squares' },
        ],
        workgroups: () => [PARTS, end - first],
      };
    }),
    {
      kernel: 'report',
      constants: { PARAMETERS, PARTS },
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

  const output = [outputOf(model.cost)];
  assertFits(buffers, [...forward, ...output, ...backward, ...update], capacity, limits);
  const passes = { forward, output, backward, update, probabilities: [outputOf('cross-entropy')] };
  const tables: Plan['tables'] = { tensors, stretches: sequence.table };
  return { padded, layout, buffers, passes, tables };
}

/** How a sequence is gone through: the dispatches each way, given what they are bound to besides, and their table. */
interface SequenceDispatches {
  readonly stretches: number;
  readonly table: Uint32Array<ArrayBuffer>;
  readonly forward: SequenceDispatch;
  readonly backward: SequenceDispatch;
}
type SequenceDispatch = (constants: Dispatch['constants'], bindings: readonly Binding[]) => Dispatch[];

function sequenceDispatches(
  { cell }: ModelConfiguration,
  { timesteps }: Capacity,
  hidden: number,
  limits: Limits,
  tuning: Tuning,
): SequenceDispatches {
  /** A kernel's dispatch for one entry of the table. */
  const taking = (
    index: number,
    kernel: KernelName,
    constants: Dispatch['constants'],
    bindings: readonly Binding[],
    subgroups: boolean,
    workgroups: Dispatch['workgroups'],
  ): Dispatch => {
    const stretch: Binding = { buffer: 'stretches', offset: index * entryStride * bytes, size: 2 * bytes };
    return { kernel, constants, bindings: [{ buffer: 'batch' }, stretch, ...bindings], subgroups, workgroups };
  };
  if (tuning.strategy === 'whole-sequence') {
    const { stretches } = tuning;
    const way =
      (kernel: `${Cell}-${'forward' | 'backward'}`): SequenceDispatch =>
      (constants, bindings) => {
        const { constants: shape, subgroups } = wholeSequenceShape(kernel, hidden, tuning, limits);
        return Array.from({ length: stretches }, (_, i) =>
          taking(i, kernel, { ...constants, ...shape }, bindings, subgroups, ({ rows }) => [
            Math.ceil(rows / shape.ROWS),
          ]),
        );
      };
    return {
      stretches,
      table: stretchTable(stretches, stretches),
      forward: way(`${cell}-forward`),
      backward: (...what) => way(`${cell}-backward`)(...what).reverse(),
    };
  }

  if (timesteps > mostSteps) {
    throw new CapacityError(
      `Sequences of ${timesteps} timesteps are too long to go through step by step, which takes at most ${mostSteps}.`,
    );
  }
  const { constants: shape, subgroups } = stepwiseShape(tuning, limits);
  /** The dispatch of timestep `t`, for batches that have at least `least` of them. */
  const step = (
    t: number,
    least: number,
    kernel: KernelName,
    constants: Dispatch['constants'],
    bindings: readonly Binding[],
    matrices = 1,
  ): Dispatch =>
    taking(t, kernel, { ...constants, ...shape }, bindings, subgroups, (batch) => [
      least <= batch.timesteps ? Math.ceil(hidden / vector / stepColumns) : 0,
      Math.ceil(batch.rows / vector / shape.QUADS),
      matrices,
    ]);
  const steps = Array.from({ length: timesteps }, (_, t) => t);
  const gated = cell === 'gru';
  return {
    stretches: timesteps + 1,
    table: stretchTable(timesteps + 1, timesteps),
    forward: (constants, bindings) =>
      steps.flatMap((t) =>
        gated
          ? [
              step(t, t + 1, 'gru-step-forward', constants, bindings, 2),
              step(t, t + 1, 'gru-step-forward', { ...constants, CANDIDATE: 1 }, bindings),
            ]
          : [step(t, t + 1, 'rnn-step-forward', constants, bindings)],
      ),
    // The state after the last timestep comes first, with no product of its own.
    backward: (constants, bindings) =>
      [...steps, timesteps]
        .toReversed()
        .flatMap((t) => [
          ...(gated && t < timesteps
            ? [step(t, t + 1, 'gru-step-backward', { ...constants, RESET: 1 }, bindings)]
            : []),
          step(t, t, `${cell}-step-backward`, constants, bindings),
        ]),
  };
}

/** Which of how many, for each. */
function stretchTable(entries: number, count: number): Uint32Array<ArrayBuffer> {
  const table = new Uint32Array(entries * entryStride);
  for (let index = 0; index < entries; index++) table.set([index, count], index * entryStride);
  return table;
}

const firstPlace = ({ places }: ParameterLayout, wanted: Role) => places.find(({ role }) => role === wanted)!;

/** The bytes of a flat buffer from the parameters of one role to before those of another, or to its end. */
export function roleRange(layout: ParameterLayout, from: Role, to?: Role) {
  const offset = firstPlace(layout, from).offset * bytes;
  const end = to === undefined ? layout.length : firstPlace(layout, to).offset;
  return { offset, size: end * bytes - offset };
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
