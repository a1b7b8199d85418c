import { FileError } from '../../files/error.ts';
import type { Tensor, TensorFile } from '../../files/safetensors.ts';
import { quote } from '../../quote.ts';
import type { Matrix } from '../fused.ts';

/** @throws FileError if there is no such tensor, or it is no matrix */
export function matrixOf(name: string, tensors: TensorFile['tensors']): Matrix {
  const tensor = demand(name, tensors);
  const [rows, columns] = tensor.shape;
  if (tensor.shape.length !== 2 || !rows || !columns) {
    throw new FileError(`The tensor ${quote(name)} is [${tensor.shape.join(', ')}], which is no matrix.`);
  }
  return { rows, columns, data: float32(tensor) };
}

/** @throws FileError if there is no such tensor, or it is no vector */
export function vectorOf(name: string, tensors: TensorFile['tensors']): Float32Array<ArrayBuffer> {
  const tensor = demand(name, tensors);
  if (tensor.shape.length === 1) return float32(tensor);
  throw new FileError(`The tensor ${quote(name)} is [${tensor.shape.join(', ')}], which is no vector.`);
}

function demand(name: string, tensors: TensorFile['tensors']): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new FileError(`The file has no tensor ${quote(name)}.`);
  return tensor;
}

const float32 = ({ data }: Tensor) => (data instanceof Float32Array ? data : Float32Array.from(data));

/** Some names in a sentence. */
export function listed(names: Iterable<string>): string {
  const all = [...names];
  const some = all.slice(0, 4).map((name) => quote(name));
  return all.length > 4 ? `${some.join(', ')} and ${all.length - 4} more` : some.join(' and ') || 'nothing';
}

/** In a sentence, what is left away because nobody has said what it is. */
export function remarkOnUnused(tensors: TensorFile['tensors'], used: ReadonlySet<string>): readonly string[] {
  const unused = [...tensors.keys()].filter((name) => !used.has(name));
  return unused.length === 0 ? [] : [`Left away, because the mapping does not name it: ${listed(unused)}.`];
}
