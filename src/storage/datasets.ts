import type { Dataset } from '../data/dataset.ts';

/** The arrays of numbers that datasets have. */
const arrays = { Uint32Array, Float32Array, Float64Array } as const;
type ArrayName = keyof typeof arrays;
type Numbers = InstanceType<(typeof arrays)[ArrayName]>;

/**
 * Stands in the words for an array of numbers, or for several of a kind: where in the bytes behind them the first begins, and how
 * many numbers it has, or each of them.
 */
interface Place {
  readonly array: ArrayName;
  readonly start: number;
  readonly length: number | readonly number[];
}

/** What a place stands for begins at a multiple of so many bytes, as its numbers need. */
const alignment = 8;
const aligned = (length: number) => Math.ceil(length / alignment) * alignment;
/** The length of the words stands before them. */
const head = alignment;

/** A dataset as a file's bytes: of a text its UTF-8; of others how long the words are, the words as JSON, and the numbers. */
export function encodeDataset(dataset: Dataset): Uint8Array<ArrayBuffer> {
  if (dataset.kind === 'text') return new TextEncoder().encode(dataset.text);
  const kept: { readonly numbers: Numbers; readonly start: number }[] = [];
  let size = 0;
  const placeOf = (array: ArrayName, value: Numbers | readonly Numbers[]): Place => {
    const start = aligned(size);
    size = start;
    for (const numbers of isNumbers(value) ? [value] : value) {
      kept.push({ numbers, start: size });
      size += numbers.byteLength;
    }
    return { array, start, length: isNumbers(value) ? value.length : value.map(({ length }) => length) };
  };
  const json = JSON.stringify(dataset, (_, value: unknown) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return isNumbers(first) ? placeOf(nameOf(first), value as Numbers | readonly Numbers[]) : value;
  });
  const words = new TextEncoder().encode(json);
  const from = head + aligned(words.length);
  const file = new Uint8Array(from + size);
  new DataView(file.buffer).setUint32(0, words.length, true);
  file.set(words, head);
  for (const { numbers, start } of kept) {
    file.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), from + start);
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
export function decodeDataset({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Dataset {
  const view = new DataView(buffer, byteOffset, byteLength);
  const length = view.getUint32(0, true);
  const words = new TextDecoder().decode(new Uint8Array(buffer, byteOffset + head, length));
  const numbers = buffer.slice(byteOffset + head + aligned(length), byteOffset + byteLength);
  return JSON.parse(words, (_, value: unknown) => (isPlace(value) ? numbersAt(numbers, value) : value)) as Dataset;
}

/** What a place stands for: views of the memory behind the words. */
function numbersAt(numbers: ArrayBuffer, { array, start, length }: Place): Numbers | Numbers[] {
  const kind = arrays[array];
  if (typeof length === 'number') return new kind(numbers, start, length);
  let at = start;
  return length.map((each) => {
    const one = new kind(numbers, at, each);
    at += one.byteLength;
    return one;
  });
}

const isNumbers = (value: unknown): value is Numbers => Object.values(arrays).some((kind) => value instanceof kind);

const nameOf = (value: Numbers): ArrayName =>
  (Object.keys(arrays) as ArrayName[]).find((name) => value instanceof arrays[name])!;

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && 'array' in value && String(value.array) in arrays;
