import { asObject, type JsonObject } from '../json-object.ts';
import { quote } from '../quote.ts';
import { FileError } from './error.ts';
import { hasMoreValues, parseJsonObject } from './json.ts';

/**
 * [Safetensors](https://github.com/huggingface/safetensors): eight bytes with the header's length (little-endian), the
 * header, which is JSON, and the numbers of all tensors, one behind the other. Nothing in such a file is believed before
 * it is checked against the file's own length, so a hostile one costs no more memory than it has bytes.
 */

/** Numbers in rows and columns; `shape` is `[]` for a single one. */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row by row. */
  readonly data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
}

export interface TensorFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** The number types that are read: those of half width are widened to float32, which holds all their numbers. */
const numberTypes = {
  F16: { bytes: 2, read: widenHalves },
  BF16: { bytes: 2, read: widenBrainFloats },
  F32: { bytes: 4, read: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  F64: { bytes: 8, read: (bytes: ArrayBuffer) => new Float64Array(bytes) },
} as const;

/** Number types of the format that Sluice does not compute in. */
const foreignTypes = new Set(
  'BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F4 F6_E2M3 F6_E3M2 I16 U16 I32 U32 I64 U64 C64'.split(' '),
);

const lengthBytes = 8;
/** The longest header that the format allows, in bytes; */
const longestAllowed = 100_000_000;
/** the longest that is read: a vocabulary of all Unicode takes 11 MB of it; */
const longestHeader = 2 ** 24;
/** and how much may be in it: what is said of a tensor are some 10 values. */
const mostValues = 500_000;
/** Where the numbers start is a multiple of this: readers may map them as they lie. */
const alignment = 8;

/** A file's bytes. */
export function encodeTensors({ metadata, tensors }: TensorFile): Uint8Array<ArrayBuffer> {
  // The widest numbers first: so each tensor lies at a multiple of its numbers' width.
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: [string, unknown][] = metadata.size > 0 ? [['__metadata__', Object.fromEntries(metadata)]] : [];
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    const begin = end;
    end += data.byteLength;
    header.push([name, { dtype: data instanceof Float32Array ? 'F32' : 'F64', shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / alignment) * alignment;
  assertHeaderLength(headerLength);
  const file = new Uint8Array(lengthBytes + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, lengthBytes);
  file.fill(0x20, lengthBytes + json.length, lengthBytes + headerLength);
  let offset = lengthBytes + headerLength;
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/**
 * What is in a file's bytes.
 *
 * @throws FileError if they break a rule of the format, or hold other numbers than F16, BF16, F32 and F64
 */
export function decodeTensors(file: Uint8Array): TensorFile {
  const { header, numbers } = divide(file);
  if (hasMoreValues(mostValues, header)) {
    throw new FileError('The file’s header is about more tensors than any network of Sluice has.');
  }
  const entries = parseJsonObject('The file’s header', header);
  const tensors = new Map<string, Tensor>();
  const places = [...entries].filter(([name]) => name !== '__metadata__').map(([name, info]) => readPlace(name, info));
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const place of places) {
    const { name, type, shape, begin } = place;
    if (begin < end) throw new FileError(`The tensor ${quote(name)} overlaps another one: the file is damaged.`);
    if (begin > end) throw new FileError(`Nothing is said about the bytes before ${quote(name)}: the file is damaged.`);
    end = place.end;
    if (end > numbers.length) {
      throw new FileError(
        `The tensor ${quote(name)} ends at byte ${end}, but there are ${numbers.length}: the file is cut off or damaged.`,
      );
    }
    tensors.set(name, { shape, data: numberTypes[type].read(numbers.slice(begin, end).buffer) });
  }
  if (end < numbers.length) {
    throw new FileError(`Nothing is said about the file’s last ${numbers.length - end} bytes: it is damaged.`);
  }
  return { metadata: readMetadata(entries.get('__metadata__')), tensors };
}

function divide(file: Uint8Array): { header: string; numbers: Uint8Array } {
  if (file.length < lengthBytes) {
    throw new FileError(`This is not a safetensors file: it has ${file.length} bytes, which is too short for one.`);
  }
  const length = new DataView(file.buffer, file.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > longestAllowed) {
    throw new FileError('This is not a safetensors file, or it is damaged: it begins with no length of a header.');
  }
  const start = lengthBytes + Number(length);
  if (start > file.length) {
    throw new FileError(
      `The file’s header has ${length} bytes, but the file only ${file.length}: it is cut off, or not a safetensors file.`,
    );
  }
  assertHeaderLength(Number(length));
  if (file[lengthBytes] !== 0x7b) throw new FileError('This is not a safetensors file: its header is no JSON object.');
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const header = decoder.decode(file.subarray(lengthBytes, start));
    // A view of its own kind: a Buffer of Node's would hand out shared memory where an array makes a copy.
    return { header, numbers: new Uint8Array(file.buffer, file.byteOffset + start, file.length - start) };
  } catch {
    throw new FileError('The file’s header is not UTF-8: the file is damaged.');
  }
}

/** @throws FileError if a header is longer than what is read, and so than what may be written */
function assertHeaderLength(length: number): void {
  if (length <= longestHeader) return;
  throw new FileError(`The file’s header has ${length} bytes: that is more than any model of Sluice needs.`);
}

interface Place {
  readonly name: string;
  readonly type: keyof typeof numberTypes;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const areCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

/** Where a tensor lies among the numbers, from the header's words about it. */
function readPlace(name: string, info: unknown): Place {
  const fields: JsonObject = asObject(info) ?? new Map();
  const [type, shape, offsets] = ['dtype', 'shape', 'data_offsets'].map((field) => fields.get(field));
  const fault = (what: string) => new FileError(`The tensor ${quote(name)} ${what}: the file is damaged.`);
  if (fields.size !== 3 || typeof type !== 'string' || !areCounts(shape) || !areCounts(offsets)) {
    throw fault('is not described by a dtype, a shape and data_offsets alone');
  }
  if (foreignTypes.has(type)) {
    throw new FileError(`The tensor ${quote(name)} holds numbers of type ${type}: save it as F32.`);
  }
  if (!isNumberType(type)) throw fault(`has the type ${quote(type)}, which the format does not know`);
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin! > end!) throw fault('has data_offsets that are not a beginning and an end');
  const bytes = shape.reduce((product, size) => product * size, 1) * numberTypes[type].bytes;
  if (bytes !== end! - begin!) throw fault(`has another shape than its ${end! - begin!} bytes have room for`);
  return { name, type, shape, begin: begin!, end: end! };
}

const isNumberType = (type: string): type is keyof typeof numberTypes => Object.hasOwn(numberTypes, type);

/** IEEE 754's half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
export function widenHalves(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  return Float32Array.from(new Uint16Array(bytes), (half) => {
    const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 0x1f, half & 0x3ff];
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (0x400 + fraction) * 2 ** (exponent - 25));
  });
}

/** The upper halves of float32 numbers. */
export function widenBrainFloats(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (upper) => upper << 16).buffer);
}

function readMetadata(value: unknown): ReadonlyMap<string, string> {
  const metadata = value === undefined ? new Map<string, unknown>() : asObject(value);
  if (metadata === undefined || ![...metadata.values()].every((text) => typeof text === 'string')) {
    throw new FileError('The file’s __metadata__ are not strings: the file is damaged.');
  }
  return metadata as ReadonlyMap<string, string>;
}
