import type { ParameterLayout } from '../model/parameters.ts';
import { FileError } from './error.ts';
import type { Tensor } from './safetensors.ts';

/** How flat buffers of parameters, or of what goes with them, lie in a file: a tensor for each place. */

/** What stands before a parameter’s name. */
export const prefixes = {
  /** The network. */
  network: '',
  /** Where training stands, if that is another network. */
  trained: 'trained.',
  /** The averaged parameters, if they are others than the network’s. */
  averaged: 'averaged.',
  /** Adam’s first moment. */
  m: 'adam.m.',
  /** Adam’s second moment. */
  v: 'adam.v.',
} as const;

/** The tensors of a flat buffer, by their names. */
export function placesOf(
  { places }: ParameterLayout,
  prefix: string,
  flat: Float32Array<ArrayBuffer>,
): [string, Tensor][] {
  return places.map(({ name, shape, offset, length }) => [
    prefix + name,
    { shape, data: flat.subarray(offset, offset + length) },
  ]);
}

export function demand(name: string, tensors: ReadonlyMap<string, Tensor>): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new FileError(`The file has no tensor ${name}: it is damaged, or of another format.`);
  return tensor;
}

/** All parameters, or all of one of Adam's moments, as one flat buffer. */
export function readFlat(
  layout: ParameterLayout,
  prefix: string,
  tensors: ReadonlyMap<string, Tensor>,
): Float32Array<ArrayBuffer> {
  const parts = layout.places.map(({ name, shape }) => readNumbers(prefix + name, shape, tensors));
  const flat = new Float32Array(layout.length);
  for (const [i, { offset }] of layout.places.entries()) flat.set(parts[i]!, offset);
  return flat;
}

export function readNumbers(
  name: string,
  shape: readonly number[],
  tensors: ReadonlyMap<string, Tensor>,
): Float32Array<ArrayBuffer> {
  const tensor = demand(name, tensors);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw new FileError(
      `The tensor ${name} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}]: the file is damaged.`,
    );
  }
  const data = tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(tensor.data);
  const fault = faultOfNumbers(name, data);
  if (fault !== undefined) throw new FileError(fault);
  return data;
}

/** What is wrong with the numbers that stand under a name, whether they are read or are to be written. */
export function faultOfNumbers(name: string, numbers: Tensor['data']): string | undefined {
  const wrong = numbers.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) return `The tensor ${name} holds ${wrong}: only finite numbers make a network.`;
  const isNegative = name.startsWith(prefixes.v) && numbers.some((value) => value < 0);
  return isNegative ? 'Adam’s second moments are squares, and some here are negative: they are damaged.' : undefined;
}
