import { FileError } from '../../files/error.ts';
import { quote } from '../../quote.ts';
import type { Sorted, WeightPlace } from './manifest.ts';
import { describe, type Layer } from './topology.ts';

/** The numbers of a weight. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** What the weights of each class of layers are called, in the order in which `.keras` files number them. */
const rolesOf = {
  Embedding: ['embeddings'],
  Dense: ['kernel', 'bias'],
  GRU: ['kernel', 'recurrent_kernel', 'bias'],
  LSTM: ['kernel', 'recurrent_kernel', 'bias'],
  SimpleRNN: ['kernel', 'recurrent_kernel', 'bias'],
} as const satisfies Record<string, readonly string[]>;

/** A class of layers that have weights. */
export type WeightedClass = keyof typeof rolesOf;

/** Which weight of a layer it is. */
export type Role = (typeof rolesOf)[WeightedClass][number];

/** Whether layers of a class have weights that are read. */
export const hasWeights = (className: string): className is WeightedClass => Object.hasOwn(rolesOf, className);

/** A weight, and the shards that it goes through. */
interface Kept {
  readonly place: WeightPlace;
  readonly shards: readonly Uint8Array[];
}

/** The weights of all layers, by their names. */
export class Weights {
  readonly #kept = new Map<Layer, Map<string, Kept>>();
  /** Whether the file has an optimizer’s state, which is left away. */
  readonly hasOptimizer: boolean;

  /** @throws FileError naming a weight that belongs to no layer */
  constructor(layers: readonly Layer[], { model, shards }: Sorted) {
    const byName = new Map(layers.flatMap((layer) => layer.names.map((name) => [name, layer] as const)));
    const byPath = new Map(layers.map((layer) => [layer.path, layer]));
    let hasOptimizer = false;
    for (const group of model.groups) {
      const files = group.shards.map((name) => shards.get(name)!);
      for (const place of group.weights) {
        const parts = place.name.replace(/:0$/, '').split('/');
        if (place.ofOptimizer || (parts[0] === 'optimizer' && parts.includes('vars'))) hasOptimizer = true;
        // The state of a dropout’s random numbers is no weight.
        else if (!parts.some((part) => part.startsWith('seed_generator'))) {
          const layer = parts.includes('vars') ? deepest(parts, byPath) : ownerOf(parts, byName);
          this.#keep(layer, parts.at(-1)!, { place, shards: files });
        }
      }
    }
    this.hasOptimizer = hasOptimizer;
  }

  #keep(layer: Layer | undefined, word: string, kept: Kept): void {
    const { name } = kept.place;
    const roles: readonly string[] = layer !== undefined && hasWeights(layer.className) ? rolesOf[layer.className] : [];
    const role = /^\d{1,3}$/.test(word) ? roles[Number(word)] : roles.find((each) => each === word);
    if (layer === undefined || role === undefined) {
      throw new FileError(`The weight ${quote(name)} belongs to no layer that Sluice reads.`);
    }
    const ofLayer = this.#kept.get(layer) ?? new Map<string, Kept>();
    if (ofLayer.has(role)) throw new FileError(`${describe(layer)} has its ${role} twice: the file is damaged.`);
    this.#kept.set(layer, ofLayer.set(role, kept));
  }

  /**
   * A weight’s numbers, if the layer has it.
   *
   * @throws FileError if they are of another type than float32 or float16
   */
  find(layer: Layer, role: Role): Weight | undefined {
    const kept = this.#kept.get(layer)?.get(role);
    return kept && readWeight(kept);
  }

  /** @throws FileError if the layer has no such weight, or one of another shape */
  demand(layer: Layer, role: Role, shape: readonly number[]): Weight {
    const weight = this.find(layer, role);
    if (weight === undefined) throw new FileError(`${describe(layer)} has no weight “${role}” in the weightsManifest.`);
    assertShape(weight, shape);
    return weight;
  }
}

/** @throws FileError if a weight has another shape than its layer says */
export function assertShape({ name, shape }: Weight, expected: readonly number[]): void {
  if (shape.length === expected.length && shape.every((size, i) => size === expected[i])) return;
  const written = (sizes: readonly number[]) => `[${sizes.slice(0, 4).join(', ')}${sizes.length > 4 ? ', …' : ''}]`;
  throw new FileError(
    `The weight ${quote(name)} is ${written(shape)}, but its layer says that it is ${written(expected)}.`,
  );
}

/** The layer of a weight named `layer/kernel`, or as TensorFlow names it since 2.2, `layer/cell/kernel`. */
function ownerOf(parts: readonly string[], layers: ReadonlyMap<string, Layer>): Layer | undefined {
  return layers.get(parts.slice(0, -1).join('/')) ?? layers.get(parts.slice(0, -2).join('/')) ?? deepest(parts, layers);
}

/** The layer that the last of a path’s folders is named after. */
function deepest(parts: readonly string[], layers: ReadonlyMap<string, Layer>): Layer | undefined {
  const folder = parts.slice(0, -1).findLast((part) => layers.has(part));
  return folder === undefined ? undefined : layers.get(folder);
}

function readWeight({ place, shards }: Kept): Weight {
  const { name, shape, type, quantized, begin, end } = place;
  if (quantized) {
    throw new FileError(
      `The weight ${quote(name)} is quantized to ${type}, which has lost what it was: convert without quantization.`,
    );
  }
  if (type !== 'float32' && type !== 'float16') {
    throw new FileError(`The weight ${quote(name)} has numbers of type ${type}: save it as float32.`);
  }
  const bytes = new Uint8Array(end - begin);
  let start = 0;
  for (const shard of shards) {
    const [from, to] = [Math.max(begin, start), Math.min(end, start + shard.length)];
    if (from < to) bytes.set(shard.subarray(from - start, to - start), from - begin);
    start += shard.length;
  }
  const data =
    type === 'float32' ? new Float32Array(bytes.buffer) : Float32Array.from(new Uint16Array(bytes.buffer), fromHalf);
  return { name, shape, data };
}

/** The number that 16 bits stand for: a sign, 5 bits of an exponent, 10 of a fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
