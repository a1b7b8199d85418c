import type { Batch } from '../../engine/engine.ts';
import { hash, Random } from '../../model/random.ts';
import type { Piece } from '../dataset.ts';
import { shuffle } from '../shuffle.ts';
import { isPresent, type Numbers } from './places.ts';

/** Samples as a network takes them. */
export interface EncodedSamples {
  /** `[T]` or `[T][I]` of each. */
  readonly inputs: readonly Numbers[];
  /** I, or 1 of symbols. */
  readonly inputWidth: number;
  /** `[1]` or `[T]`, or `[1][O]` or `[T][O]`, of each. */
  readonly targets: readonly Numbers[];
  /** O, or 1 of classes. */
  readonly targetWidth: number;
  readonly at: 'end' | 'timestep';
  /** How many places of each count. */
  readonly counted: Uint32Array;
}

/** How many timesteps a sample has. */
export const timestepsIn = ({ inputs, inputWidth }: EncodedSamples, sample: number): number =>
  inputs[sample]!.length / inputWidth;

/** How many batches are sorted by length together. More would make batches more even, and samples meet less varied others. */
const batchesOfPool = 32;

/** In which order samples are learned from: each once in an epoch. */
export class Epochs {
  /** The batches of an epoch. */
  readonly length: number;
  /** The most samples that a batch has. */
  readonly rows: number;
  readonly #samples: EncodedSamples;
  readonly #numbers: Uint32Array;
  readonly #seed: number;
  #epoch = -1;
  #batches: readonly Uint32Array[] = [];

  /**
   * @param numbers the samples, at least one
   * @param rows the most that a batch may have. Batches are as even as can be: none has two rows less than another
   */
  constructor(samples: EncodedSamples, numbers: Uint32Array, rows: number, seed: number) {
    this.#samples = samples;
    this.#numbers = numbers;
    this.#seed = seed;
    this.length = Math.ceil(numbers.length / rows);
    this.rows = Math.ceil(numbers.length / this.length);
  }

  /** The samples of a step's batch, from step 1 on. */
  numbersAt(step: number): Uint32Array {
    const epoch = Math.floor((step - 1) / this.length);
    if (epoch !== this.#epoch) {
      this.#batches = this.#draw(epoch);
      this.#epoch = epoch;
    }
    return this.#batches[(step - 1) % this.length]!;
  }

  #draw(epoch: number): readonly Uint32Array[] {
    const random = new Random(hash(hash(this.#seed) ^ epoch));
    const order = shuffle(this.#numbers.slice(), random);
    const start = (batch: number) => Math.floor((batch * order.length) / this.length);
    for (let batch = 0; batch < this.length; batch += batchesOfPool) {
      const pool = order.subarray(start(batch), start(Math.min(batch + batchesOfPool, this.length)));
      byLength(this.#samples, pool);
    }
    const batches = shuffle(
      Array.from({ length: this.length }, (_, batch) => batch),
      random,
    );
    return batches.map((batch) => order.subarray(start(batch), start(batch + 1)));
  }
}

/** Sorts the numbers of samples by how long these are, in place; of equally long ones the order stays. */
const byLength = (samples: EncodedSamples, numbers: Uint32Array): Uint32Array =>
  numbers.sort((one, other) => timestepsIn(samples, one) - timestepsIn(samples, other));

/**
 * Samples in pieces of like lengths, each once.
 *
 * @param rows the most samples that a piece has
 * @param places about how many places it should have at most
 */
export function* piecesOf(
  samples: EncodedSamples,
  numbers: Uint32Array,
  rows: number,
  places: number,
): Iterable<Piece & { readonly samples: Uint32Array }> {
  const order = byLength(samples, numbers.slice());
  const total = order.reduce((sum, sample) => sum + samples.counted[sample]!, 0);
  for (let first = 0, end = 0; first < order.length; first = end) {
    do end++;
    while (end < order.length && end - first < rows && (end + 1 - first) * timestepsIn(samples, order[end]!) <= places);
    const piece = order.subarray(first, end);
    const counted = piece.reduce((sum, sample) => sum + samples.counted[sample]!, 0);
    yield { ...batchOf(samples, piece), share: counted / total, samples: piece };
  }
}

/** Arrays that batches are written into, one after the other. */
export class Room {
  readonly #samples: EncodedSamples;
  readonly #inputs: Numbers;
  readonly #targets: Numbers;
  readonly #counts: Uint8Array<ArrayBuffer>;

  /** Room for so many rows and timesteps of samples, of which there is at least one. */
  constructor(samples: EncodedSamples, rows: number, timesteps: number) {
    const places = rows * timesteps;
    const room = ([like]: readonly Numbers[], length: number) =>
      like instanceof Uint32Array ? new Uint32Array(length) : new Float32Array(length);
    this.#samples = samples;
    this.#inputs = room(samples.inputs, places * samples.inputWidth);
    this.#targets = room(samples.targets, places * samples.targetWidth);
    this.#counts = new Uint8Array(places);
  }

  /** Samples side by side, from a zero state. */
  fill(numbers: Uint32Array): Batch {
    const { inputs, inputWidth, targets, targetWidth, at } = this.#samples;
    const rows = numbers.length;
    const lengths = Uint32Array.from(numbers, (sample) => timestepsIn(this.#samples, sample));
    const timesteps = lengths.reduce((most, length) => Math.max(most, length));
    const places = rows * timesteps;
    // Behind a row's end, and where a target is absent, stands the first symbol or class, or zeros.
    const into = this.#inputs.subarray(0, places * inputWidth).fill(0);
    const wanted = this.#targets.subarray(0, places * targetWidth).fill(0);
    const counts = this.#counts.subarray(0, places).fill(0);
    for (const [row, sample] of numbers.entries()) {
      const length = lengths[row]!;
      spread(inputs[sample]!, into, inputWidth, row, rows);
      const own = targets[sample]!;
      const first = at === 'end' ? length - 1 : 0;
      for (let t = first; t < length; t++) {
        const place = t * rows + row;
        if (!isPresent(own, targetWidth, t - first)) continue;
        counts[place] = 1;
        for (let i = 0; i < targetWidth; i++) {
          wanted[place * targetWidth + i] = own[(t - first) * targetWidth + i]!;
        }
      }
    }
    return {
      rows,
      timesteps,
      inputs: into,
      targets: wanted,
      counts,
      initialState: 'zero',
      ...(lengths.some((length) => length < timesteps) && { lengths }),
    };
  }
}

/** Puts one row's `[T][width]` in its places of `[T][rows][width]`. */
function spread(row: Numbers, into: Numbers, width: number, at: number, rows: number): void {
  for (let t = 0; t < row.length / width; t++) {
    for (let i = 0; i < width; i++) into[(t * rows + at) * width + i] = row[t * width + i]!;
  }
}

/** Samples side by side, from a zero state, in arrays of their own. */
export function batchOf(samples: EncodedSamples, numbers: Uint32Array): Batch {
  const timesteps = numbers.reduce((most, sample) => Math.max(most, timestepsIn(samples, sample)), 0);
  return new Room(samples, numbers.length, timesteps).fill(numbers);
}
