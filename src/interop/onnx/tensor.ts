import { FileError } from '../../files/error.ts';
import { widenBrainFloats, widenHalves } from '../../files/safetensors.ts';
import { quote } from '../../quote.ts';
import type { Matrix } from '../fused.ts';
import { damaged } from './protobuf.ts';
import { elementTypes, type Tensor } from './schema.ts';

/** Numbers that are known before a graph runs. */
export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  /** Row by row; whole numbers are float64, all others float32. */
  readonly numbers: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
}

/** How a tensor's bytes hold numbers with a fraction, and in which width. */
const fractions = new Map<number, { width: number; read: (bytes: ArrayBuffer) => Float32Array<ArrayBuffer> }>([
  [elementTypes.float, { width: 4, read: (bytes) => new Float32Array(bytes) }],
  [elementTypes.float16, { width: 2, read: widenHalves }],
  [elementTypes.bfloat16, { width: 2, read: widenBrainFloats }],
  [elementTypes.double, { width: 8, read: (bytes) => Float32Array.from(new Float64Array(bytes)) }],
]);

/** The same for whole numbers. */
const wholes = new Map<number, { width: number; read: (bytes: ArrayBuffer) => Float64Array<ArrayBuffer> }>([
  [elementTypes.int32, { width: 4, read: (bytes) => Float64Array.from(new Int32Array(bytes)) }],
  [elementTypes.int64, { width: 8, read: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number) }],
  [elementTypes.bool, { width: 1, read: (bytes) => Float64Array.from(new Uint8Array(bytes)) }],
]);

export const isFraction = (type: number): boolean => fractions.has(type);

/** More dimensions has no tensor of a network. */
export const mostDimensions = 8;

/** How many numbers a shape has room for. */
export const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/**
 * A tensor's numbers.
 *
 * @throws FileError if they are not in the file, not as many as its shape says, or of a type that no network here has
 */
export function constantOf(tensor: Tensor): Constant {
  const { name, type, dims } = tensor;
  if (tensor.external) {
    throw new FileError(
      `The numbers of ${quote(name)} are in another file: save the ONNX model as one file, without external data.`,
    );
  }
  const kind = fractions.get(type) ?? wholes.get(type);
  if (kind === undefined) {
    throw new FileError(`The tensor ${quote(name)} has numbers of ONNX’ type ${type}: convert them to float32.`);
  }
  const bytes = tensor.raw ?? listed(tensor, kind.width);
  const count = bytes === undefined ? tensor.integers!.length : bytes.length / kind.width;
  if (dims.length > mostDimensions || dims.some((size) => size < 0) || countOf(dims) !== count) {
    const shape = dims.slice(0, mostDimensions).join(', ');
    throw damaged(`the tensor ${quote(name)} has ${count} numbers, but its shape is [${shape}]`);
  }
  return {
    kind: 'constant',
    dims,
    numbers: bytes ? kind.read(bytes.slice().buffer) : Float64Array.from(tensor.integers!),
  };
}

/** The bytes of a tensor whose numbers are in a list, but for the list of 64-bit whole numbers, which are numbers already. */
function listed({ type, floats, doubles, integers = [] }: Tensor, width: number): Uint8Array<ArrayBuffer> | undefined {
  if (type === elementTypes.float) return floats ?? new Uint8Array(0);
  if (type === elementTypes.double) return doubles ?? new Uint8Array(0);
  if (type === elementTypes.int64) return undefined;
  const numbers = { 1: Uint8Array, 2: Uint16Array, 4: Int32Array }[width]!.from(integers);
  return new Uint8Array(numbers.buffer as ArrayBuffer);
}

/** The same numbers in another shape. */
export const reshaped = ({ numbers }: Constant, dims: readonly number[]): Constant => ({
  kind: 'constant',
  dims,
  numbers,
});

/** How far apart in a tensor two numbers are that are neighbours along each dimension. */
export const stridesOf = (dims: readonly number[]): number[] => dims.map((_, i) => countOf(dims.slice(i + 1)));

/** Those numbers of a tensor that lie at `offset` and at `strides` from there. */
export function strided(
  { numbers }: Constant,
  dims: readonly number[],
  strides: readonly number[],
  offset: number,
): Constant {
  const taken = numbers.slice(0, countOf(dims));
  const index = dims.map(() => 0);
  let from = offset;
  for (let i = 0; i < taken.length; i++) {
    taken[i] = numbers[from]!;
    for (let d = dims.length - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < dims[d]!) break;
      from -= dims[d]! * strides[d]!;
      index[d] = 0;
    }
  }
  return { kind: 'constant', dims, numbers: taken };
}

/** Tensors one behind the other along a dimension; `undefined` if they do not fit there. */
export function concatenated(parts: readonly Constant[], axis: number): Constant | undefined {
  const [first] = parts as [Constant];
  const others = ({ dims }: Constant) => dims.map((size, d) => (d === axis ? 0 : size)).join();
  if (parts.some((part) => others(part) !== others(first))) return undefined;
  const along = parts.reduce((sum, { dims }) => sum + dims[axis]!, 0);
  const dims = first.dims.map((size, d) => (d === axis ? along : size));
  const numbers = new (first.numbers instanceof Float32Array ? Float32Array : Float64Array)(countOf(dims));
  let column = 0;
  const row = countOf(dims.slice(axis));
  for (const part of parts) {
    const length = countOf(part.dims.slice(axis));
    for (let i = 0; i * length < part.numbers.length; i++) {
      numbers.set(part.numbers.subarray(i * length, (i + 1) * length), i * row + column);
    }
    column += length;
  }
  return { kind: 'constant', dims, numbers };
}

/** The matrix that a constant is, if it is one of numbers with a fraction. */
export function matrixIn({ dims, numbers }: Constant): Matrix | undefined {
  const [rows, columns] = dims as readonly [number, number];
  return dims.length === 2 && numbers instanceof Float32Array ? { rows, columns, data: numbers } : undefined;
}
