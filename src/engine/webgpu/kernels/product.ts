import type { Capacity } from '../../engine.ts';
import { type Network, placesOf, strideOf } from '../network.ts';
import { arrangedStride } from './arrange.ts';
import {
  type Binding,
  batch,
  type Dispatch,
  dropoutOf,
  dstatesOf,
  gatesOf,
  inRows,
  noDropout,
  outOf,
  parametersAt,
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
  /** With what the products are multiplied, if not with 1. */
  readonly masks?: ReturnType<typeof dropoutOf>;
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
  masks = noDropout,
}: Product): Dispatch {
  const separate = summed ? 1 : count;
  const terms = summed ? count : 1;
  return {
    kernel: 'product',
    files: ['parts/batch', ...masks.files, 'product'],
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
    bindings: { batch, left, matrices, products, ...masks.bindings },
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

/** What goes into a layer as vectors: x, or what the layer below put out at each timestep. */
export const incomingOf = (network: Network, layer: number) =>
  layer === 0
    ? { incoming: { buffer: 'vectors' } as Binding, height: network.padded.inputSize, skipped: false }
    : { incoming: outOf(network, layer - 1), height: network.padded.hiddenSize, skipped: true };

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

/** Where products go that are ∂h' of a layer, which is masked as what the layer put out. */
const toStatesOf = (network: Network, layer: number) => ({
  products: dstatesOf(layer),
  skipped: true,
  width: network.padded.hiddenSize,
  masks: dropoutOf(network, layer),
});

/** ∂h' of the topmost layer: ∂logits Vᵀ. */
export const fromOutput = (network: Network): Dispatch =>
  product({
    left: { buffer: 'dlogits' },
    matrices: { buffer: 'transposedOutput' },
    depth: network.padded.outputSize,
    ...toStatesOf(network, network.model.layers - 1),
  });

/** ∂h' of the layer below: Σ da_• U_•ᵀ. */
export const toLayerBelow = (network: Network, layer: number): Dispatch => {
  const { hiddenSize: H } = network.padded;
  return product({
    left: gatesOf(layer),
    matrices: { buffer: 'transposedInput' },
    matrixStride: arrangedStride(H, H),
    depth: H,
    count: network.inputMatrices,
    summed: true,
    missing: network.inputless,
    ...toStatesOf(network, layer - 1),
  });
};
