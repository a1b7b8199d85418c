import type { Capacity } from '../../engine.ts';
import { type Network, placesOf, strideOf } from '../network.ts';
import { arrangedStride } from './arrange.ts';
import {
  type Binding,
  batch,
  type Dispatch,
  dstatesOf,
  gatesOf,
  inRows,
  parametersAt,
  statesOf,
  tileGrid,
  work,
} from './dispatch.ts';

/** A row for each place of a batch, times matrices. */
interface Product {
  readonly left: Binding;
  /** Whether the first timestep of the left sides is one that no timestep ended in. */
  readonly leftSkipped?: boolean;
  readonly matrices: Binding;
  /** Vectors from one matrix to the next. */
  readonly matrixStride?: number;
  readonly products: Binding;
  /** Vectors from one matrix's products to the next's. */
  readonly productStride?: number;
  /** Whether the products are for the states after each timestep, so that the first is left out. */
  readonly skipped?: boolean;
  readonly depth: number;
  readonly width: number;
  /** How many matrices, and whether their products are added up, each of a left side of its own. */
  readonly count?: number;
  readonly summed?: boolean;
  /** The one among the left sides that has no matrix. */
  readonly missing?: number | undefined;
}

function product({
  left,
  leftSkipped = false,
  matrices,
  matrixStride = 0,
  products,
  productStride = 0,
  skipped = false,
  depth,
  width,
  count = 1,
  summed = false,
  missing,
}: Product): Dispatch {
  const separate = summed ? 1 : count;
  const terms = summed ? count : 1;
  return {
    kernel: 'product',
    files: ['parts/batch', 'product'],
    constants: {
      DEPTH: depth,
      WIDTH: width,
      TERMS: terms,
      LEFT_SKIPPED: Number(leftSkipped),
      SKIPPED: Number(skipped),
      COUNT: separate,
      MATRIX_STRIDE: matrixStride,
      PRODUCT_STRIDE: productStride,
      ...(missing !== undefined && { MISSING: missing }),
    },
    bindings: { batch, left, matrices, products },
    workgroups: ({ rows, timesteps }) => {
      const [across, down] = tileGrid(width, rows * timesteps);
      const [perPart, parts] = inRows(down);
      return [across, perPart, separate * parts];
    },
    work: ({ rows, timesteps }) => {
      const N = rows * timesteps;
      return work(2 * N * depth * width * count, terms * N * depth + count * depth * width + separate * N * width);
    },
  };
}

/** What goes into a layer as vectors: x, or the states that the timesteps of the layer below ended in. */
export const incomingOf = ({ padded }: Network, layer: number) =>
  layer === 0
    ? { incoming: { buffer: 'vectors' } as Binding, height: padded.inputSize, skipped: false }
    : { incoming: statesOf(layer - 1), height: padded.hiddenSize, skipped: true };

/** x U of each gate, for all timesteps at once. */
export function inputProducts(network: Network, layer: number, { rows, timesteps }: Capacity): Dispatch {
  const { incoming, height, skipped } = incomingOf(network, layer);
  const width = network.padded.hiddenSize;
  return product({
    left: incoming,
    leftSkipped: skipped,
    matrices: parametersAt(network, placesOf(network, layer, 'input')),
    matrixStride: strideOf(height * width),
    products: { buffer: 'inputProducts' },
    productStride: strideOf(rows * timesteps * width),
    depth: height,
    width,
    count: network.inputMatrices,
  });
}

/** ∂h' of the topmost layer: ∂logits Vᵀ. */
export const fromOutput = ({ padded, model }: Network): Dispatch =>
  product({
    left: { buffer: 'dlogits' },
    matrices: { buffer: 'transposedOutput' },
    products: dstatesOf(model.layers - 1),
    skipped: true,
    depth: padded.outputSize,
    width: padded.hiddenSize,
  });

/** ∂h' of the layer below: Σ da_• U_•ᵀ. */
export const toLayerBelow = ({ padded, inputMatrices, inputless }: Network, layer: number): Dispatch =>
  product({
    left: gatesOf(layer),
    matrices: { buffer: 'transposedInput' },
    matrixStride: arrangedStride(padded.hiddenSize, padded.hiddenSize),
    products: dstatesOf(layer - 1),
    skipped: true,
    depth: padded.hiddenSize,
    width: padded.hiddenSize,
    count: inputMatrices,
    summed: true,
    missing: inputless,
  });
