import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Capacity } from '../engine.ts';
import { onePart } from '../parts.ts';
import { type BufferName, bufferSizes } from './buffers.ts';
import { defaultTuning } from './candidates.ts';
import { packRecurrent, transposeInput, transposeOutput, transposeRecurrent } from './kernels/arrange.ts';
import type { Dispatch } from './kernels/dispatch.ts';
import {
  type Destination,
  gradientSum,
  inputGradient,
  outputGradient,
  recurrentGradient,
} from './kernels/gradients.ts';
import { output, probabilities } from './kernels/output.ts';
import { fromOutput, inputProducts, toLayerBelow } from './kernels/product.ts';
import { recurrence } from './kernels/recurrence.ts';
import { normParts, update } from './kernels/update.ts';
import { assertLimit, type Limits } from './limits.ts';
import { bytes, isProjected, type Network, networkOf } from './network.ts';

/**
 * What a batch can be taken through: `forward` to the states; from there `output` to the losses and ∂logits, `backward` to
 * parts of the gradients, `sum` to the gradients and `update` to the next parameters, or `probabilities` to what comes out,
 * which takes ∂logits' place.
 */
export const passNames = ['forward', 'output', 'backward', 'sum', 'update', 'probabilities'] as const;
export type Pass = (typeof passNames)[number];

/** What each part of a batch's rows is taken through in a training step, and what follows for all of them. */
export const passesOfPart = ['forward', 'output', 'backward'] as const satisfies Pass[];
export const passesOfAll = ['sum', 'update'] as const satisfies Pass[];

/** What a training step is made of, in order. */
export const trainingPasses = [...passesOfPart, ...passesOfAll] as const;

/** All that a session puts on its device, and all that a training step does there. */
export interface Plan {
  readonly network: Network;
  /** Bytes. */
  readonly buffers: Readonly<Record<BufferName, number>>;
  readonly passes: Readonly<Record<Pass, readonly Dispatch[]>>;
  /** What is put into some of the buffers once and for all. */
  readonly tables: {
    /** Where each parameter lies, as `gradient-norm.wgsl` reads it. */
    readonly tensors: Uint32Array<ArrayBuffer>;
    /** Which of them are matrices, as `adam.wgsl` reads it. */
    readonly matrices: Uint32Array<ArrayBuffer>;
    /** Which stretch of the sequence a dispatch takes, as `parts/recurrence.wgsl` reads it. */
    readonly stretches: Uint32Array<ArrayBuffer>;
  };
}

/**
 * Lays out a training step.
 *
 * @param capacity whose rows may be taken in parts: what a batch needs on its way is laid out for those of one
 * @throws CapacityError naming the limit that is in the way, what it allows and what would be needed.
 */
export function plan(
  model: ModelConfiguration,
  capacity: Capacity,
  limits: Limits,
  tuning = defaultTuning(model, onePart(capacity), limits),
): Plan {
  const part = onePart(capacity);
  const network = networkOf(model, capacity.withDropout);
  const half = tuning.weights === 'f16';
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);

  // Where the flat buffer is longer than the device can bind, kernels are bound to a range of it, and nothing is cut.
  const mostBytes = limits.maxStorageBufferBindingSize;
  const mostSplits = Math.floor(mostBytes / (network.layout.length * bytes));
  const to: Destination = {
    splits: Math.max(1, Math.min(tuning.splits, mostSplits)),
    partials: mostSplits > 0,
    adds: part.rows < capacity.rows,
  };

  const through = recurrence(network, part, limits, tuning);
  const updating = update(network, mostBytes, capacity.withAverages === true);
  const passes = {
    forward: layers.flatMap((layer) => [
      ...(isProjected(network, layer) ? [inputProducts(network, layer, part)] : []),
      ...(half ? [packRecurrent(network, layer)] : []),
      ...through.forward(layer),
    ]),
    output: [output(network)],
    backward: [
      transposeOutput(network),
      fromOutput(network),
      outputGradient(network, to),
      ...layers
        .toReversed()
        .flatMap((layer) => [
          transposeRecurrent(network, layer, half),
          ...through.backward(layer),
          recurrentGradient(network, to, layer),
          inputGradient(network, to, layer),
          ...(layer > 0 ? [transposeInput(network, layer), toLayerBelow(network, layer)] : []),
        ]),
    ],
    sum: to.partials ? [gradientSum(network, to.splits)] : [],
    update: updating.dispatches,
    probabilities: [probabilities(network)],
  };
  const buffers = bufferSizes(network, capacity, {
    splits: to.partials ? to.splits : 0,
    norm: normParts(network),
    half,
    stretches: through.stretches.length,
    tensors: updating.tensors.length,
    matrices: updating.matrices.length,
  });
  assertFits(
    buffers,
    trainingPasses.flatMap((pass) => passes[pass]),
    part,
    limits,
  );
  const { tensors, matrices } = updating;
  return { network, buffers, passes, tables: { tensors, matrices, stretches: through.stretches } };
}

/** @throws CapacityError naming the first limit that a plan goes beyond. */
function assertFits(
  buffers: Readonly<Record<BufferName, number>>,
  dispatches: readonly Dispatch[],
  capacity: Capacity,
  limits: Limits,
): void {
  const what = (buffer: string) => `the buffer of ${buffer} for this network at this batch and sequence`;
  for (const [name, size] of Object.entries(buffers)) assertLimit(what(name), 'bytes', size, 'maxBufferSize', limits);
  for (const { kernel, bindings, workgroups } of dispatches) {
    for (const { buffer, size = buffers[buffer]! } of Object.values(bindings)) {
      assertLimit(what(buffer), 'bytes', size, 'maxStorageBufferBindingSize', limits);
    }
    const most = Math.max(...workgroups(capacity).map((count) => count ?? 1));
    assertLimit(`shaders/${kernel}.wgsl`, 'workgroups', most, 'maxComputeWorkgroupsPerDimension', limits);
  }
}
