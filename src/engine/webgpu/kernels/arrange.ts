import { type Network, placesOf, strideOf, vector } from '../network.ts';
import { type Binding, type Dispatch, parametersAt, tileGrid, work } from './dispatch.ts';

/** Copies of matrices of one shape that lie in the flat buffer of parameters: transposed, or as f16, or both. */
function arrange(
  matrices: Binding,
  arranged: Binding,
  [count, height, width]: readonly [count: number, height: number, width: number],
  { transposed = true, half = false } = {},
): Dispatch {
  return {
    kernel: 'arrange',
    files: ['arrange'],
    constants: {
      MATRICES: count,
      HEIGHT: height,
      WIDTH: width,
      STRIDE: strideOf(height * width),
      TRANSPOSED: Number(transposed),
      HALF: Number(half),
    },
    bindings: { matrices, arranged },
    workgroups: () => [...tileGrid(width, height), count],
    work: () => work(0, (1 + (half ? 0.5 : 1)) * count * height * width),
  };
}

/** Vectors from one arranged matrix to the next. */
export const arrangedStride = (height: number, width: number): number => (height * width) / vector;

/** W of each gate of a layer as f16. */
export const packRecurrent = (network: Network, layer: number): Dispatch =>
  arrange(
    parametersAt(network, placesOf(network, layer, 'recurrent')),
    { buffer: 'halves' },
    [network.matrices, network.padded.hiddenSize, network.padded.hiddenSize],
    { transposed: false, half: true },
  );

/** Wᵀ of each gate of a layer. */
export const transposeRecurrent = (network: Network, layer: number, half: boolean): Dispatch =>
  arrange(
    parametersAt(network, placesOf(network, layer, 'recurrent')),
    { buffer: 'transposedRecurrent' },
    [network.matrices, network.padded.hiddenSize, network.padded.hiddenSize],
    { half },
  );

/** Uᵀ of each gate of a layer that reads another. */
export const transposeInput = (network: Network, layer: number): Dispatch =>
  arrange(parametersAt(network, placesOf(network, layer, 'input')), { buffer: 'transposedInput' }, [
    network.inputMatrices,
    network.padded.hiddenSize,
    network.padded.hiddenSize,
  ]);

/** Vᵀ. */
export const transposeOutput = (network: Network): Dispatch =>
  arrange(
    parametersAt(network, placesOf(network, network.model.layers - 1, 'output')),
    { buffer: 'transposedOutput' },
    [1, network.padded.hiddenSize, network.padded.outputSize],
  );
