import type { ModelConfiguration } from '../model/configuration.ts';
import { type ParameterLayout, parameterLayout } from '../model/parameters.ts';

/**
 * I, H and O rounded up to multiples of what a kernel takes at once (on the GPU 4), so that every kernel works on whole
 * vectors. The network stays the same: a padding unit's weights are zero and its state is zero (which a cell that would
 * make something else of zeros has to see to), so the gradient by its weights is zero, and Adam leaves them zero; a padding
 * input is always 0, and a padding output is kept out of the softmax and of the cost.
 */
export function paddedModel(model: ModelConfiguration, multiple = 4): ModelConfiguration {
  const padded = (size: number) => Math.ceil(size / multiple) * multiple;
  const { inputSize, hiddenSize, outputSize } = model;
  const sizes = { inputSize: padded(inputSize), hiddenSize: padded(hiddenSize), outputSize: padded(outputSize) };
  return { ...model, ...sizes };
}

/** Elements to whose multiple each parameter's start is rounded up: WebGPU binds at multiples of 256 bytes. */
export const alignment = 64;

/** Where parameters lie on the GPU. */
export const paddedLayout = (model: ModelConfiguration): ParameterLayout =>
  parameterLayout(paddedModel(model), alignment);

/** Copies a flat buffer from one layout to another of the same parameters; what `to` has more of stays as it is. */
export function relayout<Flat extends Float32Array>(
  from: ParameterLayout,
  flat: Float32Array,
  to: ParameterLayout,
  into: Flat,
) {
  for (const [i, source] of from.places.entries()) {
    const target = to.places[i]!;
    const [sourceColumns, targetColumns] = [source.shape.at(-1)!, target.shape.at(-1)!];
    const columns = Math.min(sourceColumns, targetColumns);
    const rows = Math.min(source.length / sourceColumns, target.length / targetColumns);
    for (let row = 0; row < rows; row++) {
      const start = source.offset + row * sourceColumns;
      into.set(flat.subarray(start, start + columns), target.offset + row * targetColumns);
    }
  }
  return into;
}

/**
 * Copies the rows of a matrix `[rows, from]` into one `[rows, to]`; where `to` is wider, with zeros behind.
 *
 * @param resized where to; if given, it has these zeros already
 */
export function resizeRows(
  matrix: Float32Array,
  from: number,
  to: number,
  resized = new Float32Array((matrix.length / from) * to),
): Float32Array<ArrayBuffer> {
  const rows = matrix.length / from;
  for (let row = 0; row < rows; row++) {
    resized.set(matrix.subarray(row * from, row * from + Math.min(from, to)), row * to);
  }
  return resized;
}
