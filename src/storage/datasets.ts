import type { Dataset } from '../data/dataset.ts';

/** The arrays of numbers that datasets have. */
const arrays = { Uint32Array, Float32Array, Float64Array } as const;
type Numbers = InstanceType<(typeof arrays)[keyof typeof arrays]>;

/** Stands in the words for an array of numbers: where in the bytes behind them it begins, and how many there are. */
interface Place {
  readonly array: keyof typeof arrays;
  readonly start: number;
  readonly length: number;
}

/** Every array begins at a multiple of so many bytes, as its numbers need. */
const alignment = 8;
const aligned = (length: number) => Math.ceil(length / alignment) * alignment;
/** The length of the words stands before them. */
const head = alignment;

/** A dataset as a file's bytes: of a text its UTF-8; of others how long the words are, the words as JSON, and the numbers. */
export function encodeDataset(dataset: Dataset): Uint8Array<ArrayBuffer> {
  if (dataset.kind === 'text') return new TextEncoder().encode(dataset.text);
  const numbers: Numbers[] = [];
  let size = 0;
  const place = (array: keyof typeof arrays, values: Numbers): Place => {
    const start = size;
    numbers.push(values);
    size += aligned(values.byteLength);
    return { array, start, length: values.length };
  };
  const json = JSON.stringify(dataset, (_, value: unknown) => {
    const array = Object.entries(arrays).find(([, kind]) => value instanceof kind)?.[0];
    return array === undefined ? value : place(array as keyof typeof arrays, value as Numbers);
  });
  const words = new TextEncoder().encode(json);
  const from = head + aligned(words.length);
  const file = new Uint8Array(from + size);
  new DataView(file.buffer).setUint32(0, words.length, true);
  file.set(words, head);
  let at = from;
  for (const { buffer, byteOffset, byteLength } of numbers) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += aligned(byteLength);
  }
  return file;
}

/** A text from its file's bytes. */
export const decodeText = (name: string, file: Uint8Array): Dataset => ({
  kind: 'text',
  name,
  text: new TextDecoder().decode(file),
});

/** The dataset, other than a text, that `encodeDataset` has made a file's bytes of. @throws Error if they are something else */
export function decodeDataset(file: Uint8Array<ArrayBuffer>): Dataset {
  const length = new DataView(file.buffer).getUint32(0, true);
  const from = head + aligned(length);
  return JSON.parse(new TextDecoder().decode(file.subarray(head, head + length)), (_, value: unknown) => {
    if (!isPlace(value)) return value;
    return new arrays[value.array](
      file.buffer.slice(
        from + value.start,
        from + value.start + aligned(value.length * arrays[value.array].BYTES_PER_ELEMENT),
      ),
      0,
      value.length,
    );
  }) as Dataset;
}

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && 'array' in value && String(value.array) in arrays;
