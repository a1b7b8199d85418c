import type { ParameterPlace } from '../../../model/parameters.ts';
import { bytes, isProjected, type Network, placesOf, spanOf, strideOf, vector } from '../network.ts';
import { type Binding, batch, type Dispatch, gatesOf, outOf, statesOf, tileGrid, work } from './dispatch.ts';
import { incomingOf } from './product.ts';

/** Where gradients by parameters go: into parts of which a sum is taken, or at once to where they stay. */
export interface Destination {
  /** Parts into which K is cut. */
  readonly splits: number;
  /** Whether a part is a whole flat buffer; else it is just what a dispatch writes, and there is one part. */
  readonly partials: boolean;
  /** Whether they are added to what is there, because a batch's rows are taken in parts. */
  readonly adds: boolean;
}

/** What is bound for gradients by some neighbouring parameters, and where each of them lies there, in vectors. */
function destinationOf({ layout }: Network, { partials }: Destination, places: readonly ParameterPlace[]) {
  const span = spanOf(layout, places);
  const binding: Binding = partials ? { buffer: 'partials' } : { buffer: 'gradients', ...span };
  const start = partials ? 0 : span.offset / bytes;
  return {
    binding,
    stride: layout.length / vector,
    offset: (place: ParameterPlace) => (place.offset - start) / vector,
  };
}

/** What meets in a gradient: rows of `height` that came in, rows of `width` for each gate that go back. */
interface WeightGradient {
  readonly incoming: Binding;
  readonly height: number;
  /** Whether the first timestep of what came in is one that no timestep ended in. */
  readonly skipped?: boolean;
  /** The first gate that meets q, and not h. */
  readonly second?: number | undefined;
  readonly outgoing: Binding;
  readonly width: number;
  readonly matrices: readonly ParameterPlace[];
  /** The gate that has no matrix, if it is not among the last. */
  readonly missing?: number | undefined;
  /** One for each gate; none where they are not wanted. */
  readonly biases?: readonly ParameterPlace[];
}

/** Gradients by matrices as products over all places, and by the biases beside them. */
function weightGradient(network: Network, to: Destination, of: WeightGradient): Dispatch {
  const { incoming, height, skipped = false, second, outgoing, width, matrices, missing, biases = [] } = of;
  const { binding, stride, offset } = destinationOf(network, to, [...matrices, ...biases]);
  const count = Math.max(matrices.length, biases.length);
  return {
    kernel: 'weight-gradient',
    files: ['parts/batch', 'weight-gradient'],
    constants: {
      HEIGHT: height,
      WIDTH: width,
      SKIPPED: Number(skipped),
      MATRICES: matrices.length,
      ...(missing !== undefined && { MISSING: missing }),
      ...(second !== undefined && { SECOND: second }),
      BIASED: Number(biases.length > 0),
      SPLITS: to.splits,
      PARTIAL_STRIDE: stride,
      ADDS: Number(to.adds),
      MATRIX_OFFSET: offset(matrices[0]!),
      MATRIX_STRIDE: strideOf(height * width),
      ...(biases.length > 0 && { BIAS_OFFSET: offset(biases[0]!), BIAS_STRIDE: strideOf(width) }),
    },
    bindings: { batch, incoming, outgoing, partials: binding },
    workgroups: () => [...tileGrid(width, height), count * to.splits],
    // In: the states or inputs, and the gradients by what was made of them; out: the parts, which come in too where they are added to.
    work: ({ rows, timesteps }) => {
      const N = rows * timesteps;
      const weights = (to.adds ? 2 : 1) * to.splits * (matrices.length * height * width + biases.length * width);
      const operands = second === undefined ? 1 : 2;
      return work(2 * N * height * width * matrices.length, operands * N * height + count * N * width + weights);
    },
  };
}

/** Gradients by W and b of a layer. */
export const recurrentGradient = (network: Network, to: Destination, layer: number): Dispatch =>
  weightGradient(network, to, {
    incoming: statesOf(layer),
    height: network.padded.hiddenSize,
    second: network.twoPhases ? network.firstGates : undefined,
    outgoing: gatesOf(layer),
    width: network.padded.hiddenSize,
    matrices: placesOf(network, layer, 'recurrent'),
    biases: placesOf(network, layer, 'bias'),
  });

/** Gradients by V and its bias. */
export function outputGradient(network: Network, to: Destination): Dispatch {
  const top = network.model.layers - 1;
  return weightGradient(network, to, {
    incoming: outOf(network, top),
    height: network.padded.hiddenSize,
    skipped: true,
    outgoing: { buffer: 'dlogits' },
    width: network.padded.outputSize,
    matrices: placesOf(network, top, 'output'),
    biases: placesOf(network, top, 'outputBias'),
  });
}

/** Gradients by U of a layer. */
export function inputGradient(network: Network, to: Destination, layer: number): Dispatch {
  const matrices = placesOf(network, layer, 'input');
  return isProjected(network, layer)
    ? weightGradient(network, to, {
        ...incomingOf(network, layer),
        outgoing: gatesOf(layer),
        width: network.padded.hiddenSize,
        matrices,
        missing: network.inputless,
      })
    : symbolGradient(network, to, gatesOf(layer), matrices);
}

/** Gradients by U where symbols go in: sums over places, and no product. */
function symbolGradient(network: Network, to: Destination, da: Binding, matrices: readonly ParameterPlace[]): Dispatch {
  const { padded, model, inputless } = network;
  const { binding, stride } = destinationOf(network, to, matrices);
  const count = matrices.length;
  return {
    kernel: 'input-gradient',
    files: ['parts/batch', 'input-gradient'],
    constants: {
      HIDDEN: padded.hiddenSize,
      VOCABULARY: padded.inputSize,
      MATRICES: count,
      ...(inputless !== undefined && { MISSING: inputless }),
      SPLITS: to.splits,
      PARTIAL_STRIDE: stride,
      ADDS: Number(to.adds),
      MATRIX_STRIDE: strideOf(padded.inputSize * padded.hiddenSize),
    },
    bindings: { batch, sorted: { buffer: 'places' }, starts: { buffer: 'starts' }, da, partials: binding },
    workgroups: () => [Math.ceil((count * padded.hiddenSize) / vector / 32), padded.inputSize, to.splits],
    // In: places, da; out: the parts, likewise.
    work: ({ rows, timesteps }) => {
      const { inputSize: I, hiddenSize: H } = model;
      const N = rows * timesteps;
      return work(count * N * H, N + I + 1 + count * (N * H + (to.adds ? 2 : 1) * to.splits * I * H));
    },
  };
}

/** The sum of the parts. */
export function gradientSum({ layout }: Network, splits: number): Dispatch {
  const LENGTH = layout.length / vector;
  return {
    kernel: 'gradient-sum',
    files: ['gradient-sum'],
    constants: { SPLITS: splits, LENGTH },
    bindings: { partials: { buffer: 'partials' }, gradients: { buffer: 'gradients' } },
    workgroups: () => [Math.min(1024, Math.ceil(LENGTH / 64))],
    work: () => work(layout.length * splits, (splits + 1) * layout.length),
  };
}
