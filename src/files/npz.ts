import { zipSync } from 'fflate';
import type { Tensor } from './safetensors.ts';

/**
 * Tensors as NumPy's `load` reads them: an archive of arrays, each under its name, float64 or float32 as they are. After NumPy's
 * description of its format, version 1.0.
 */
export function encodeNpz(tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const entries = Array.from(tensors, ([name, tensor]) => [`${name}.npy`, encodeNpy(tensor)] as const);
  // Gradients hardly get any shorter.
  return zipSync(Object.fromEntries(entries), { level: 0 }) as Uint8Array<ArrayBuffer>;
}

/** What is before an array's description: the magic word, the version, the description's length. */
const preamble = 10;

function encodeNpy({ shape, data }: Tensor): Uint8Array {
  const dtype = data instanceof Float64Array ? '<f8' : '<f4';
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const written = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // The numbers begin at a multiple of 64, behind a line's end.
  const length = Math.ceil((preamble + written.length + 1) / 64) * 64;
  const description = `${written.padEnd(length - preamble - 1)}\n`;
  const file = new Uint8Array(length + data.byteLength);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(file.buffer).setUint16(8, description.length, true);
  file.set(new TextEncoder().encode(description), preamble);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return file;
}
