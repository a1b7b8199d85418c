import { FileError } from '../../files/error.ts';
import { hasMoreValues, parseJsonObject } from '../../files/json.ts';
import { asObject, type JsonObject } from '../../json-object.ts';
import { quote } from '../../quote.ts';
import type { NamedFile } from '../network.ts';
import { layersFormat, ownMetadata, shown } from './format.ts';

/**
 * A `model.json`: what the layers are, and in a manifest which weights lie one behind the other in which files, the shards. What
 * it says of sizes is held against the shards' own lengths before anything is made of it.
 */

/** What a `model.json` says. */
export interface ModelJson {
  /** What stands for the layers; see `topology.ts`. */
  readonly topology: JsonObject;
  readonly groups: readonly Group[];
  /** What Sluice wrote beside the weights. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Weights that lie one behind the other, and the files that they go through. */
export interface Group {
  readonly shards: readonly string[];
  readonly weights: readonly WeightPlace[];
}

/** Where a weight is among those of its group, and how its numbers are written. */
export interface WeightPlace {
  readonly name: string;
  readonly shape: readonly number[];
  /** The type of the numbers as they lie there. */
  readonly type: NumberType;
  /** What they stand for, if they are but the steps of a scale. */
  readonly quantized: boolean;
  /** In bytes, from the start of the group. */
  readonly begin: number;
  readonly end: number;
  /** Whether it is the optimizer’s, of which a network knows nothing. */
  readonly ofOptimizer: boolean;
}

const numberBytes = { float32: 4, float16: 2, int32: 4, uint8: 1, uint16: 2, int16: 2, bool: 1, complex64: 8 } as const;

/** A type of numbers that the format knows. */
export type NumberType = keyof typeof numberBytes;

/** The longest `model.json` that is read, in bytes: a vocabulary of all Unicode takes 11 MB of it; */
const longest = 2 ** 24;
/** and how much may be in it: what is said of a layer are some 100 values. */
const mostValues = 100_000;
/** The longest name of a weight, in characters. */
const longestName = 1_000;

/**
 * The names of the files that a `model.json` asks for beside itself.
 *
 * @throws FileError if it is no `model.json` of a layers model, or asks for anything but files beside it
 */
export function shardsOf(modelJson: Uint8Array): readonly string[] {
  return parseModelJson(modelJson).groups.flatMap(({ shards }) => shards);
}

/** @throws FileError if it is no `model.json` of a layers model */
export function parseModelJson(bytes: Uint8Array): ModelJson {
  const json = parseJsonObject('The model.json', textOf(bytes));
  const format = json.get('format');
  if (format === 'graph-model') {
    throw new FileError(
      'This is a graph model of TensorFlow.js, which has no layers any more: convert the Keras model to tfjs_layers_model.',
    );
  }
  if (format !== undefined && format !== null && format !== layersFormat) {
    throw new FileError(`The model.json has the format ${shown(format)}, not ${layersFormat}.`);
  }
  const topology = asObject(json.get('modelTopology'));
  if (topology === undefined) {
    throw new FileError(
      'This is no model.json of TensorFlow.js: it has no modelTopology, which says what the layers are.',
    );
  }
  return { topology, groups: readManifest(json.get('weightsManifest')), tags: readTags(json) };
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > longest) {
    throw new FileError(`The model.json has ${bytes.length} bytes: that is more than any network of Sluice needs.`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileError('The model.json is not UTF-8: it is damaged, or not a JSON file.');
  }
  if (hasMoreValues(mostValues, text)) {
    throw new FileError('The model.json is about more layers and weights than any network of Sluice has.');
  }
  return text;
}

function readTags(json: JsonObject): ReadonlyMap<string, string> {
  const own = asObject(asObject(json.get('userDefinedMetadata'))?.get(ownMetadata)) ?? new Map<string, unknown>();
  return new Map([...own].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function readManifest(value: unknown): Group[] {
  if (!Array.isArray(value)) {
    throw new FileError('The model.json has no weightsManifest, which says where the weights are: save them with it.');
  }
  const groups = value.map(readGroup);
  const known = new Set<string>();
  for (const name of groups.flatMap(({ shards }) => shards)) {
    if (known.has(name)) throw new FileError(`The model.json asks for the shard ${quote(name)} twice: it is damaged.`);
    known.add(name);
  }
  return groups;
}

function readGroup(value: unknown): Group {
  const group = asObject(value);
  const [paths, weights] = [group?.get('paths'), group?.get('weights')];
  if (!Array.isArray(paths) || !Array.isArray(weights)) {
    throw new FileError('The weightsManifest of the model.json is not made of paths and weights: it is damaged.');
  }
  let begin = 0;
  const places: WeightPlace[] = [];
  for (const weight of weights) {
    const place = readPlace(weight, begin);
    places.push(place);
    begin = place.end;
  }
  return { shards: paths.map(readShardName), weights: places };
}

/** The name of a file beside the `model.json`: whatever else a path could mean is refused. */
function readShardName(path: unknown): string {
  const name = typeof path === 'string' ? path.replace(/^\.\//, '') : '';
  if (/^[^/\\:\p{Control}\p{Surrogate}]{1,255}$/u.test(name) && !/^\.+$/.test(name)) return name;
  throw new FileError(
    `The model.json asks for ${shown(path)}, but a shard has to be a file beside it, named without folders.`,
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readPlace(value: unknown, begin: number): WeightPlace {
  const weight = asObject(value);
  const [name, shape, dtype] = ['name', 'shape', 'dtype'].map((field) => weight?.get(field));
  if (weight === undefined || typeof name !== 'string' || name.length > longestName) {
    throw new FileError('A weight in the model.json has no name that a weight can have: the file is damaged.');
  }
  const fault = (what: string) => new FileError(`The weight ${quote(name)} ${what}.`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw fault('has a shape that is no list of sizes: the file is damaged');
  const quantization = asObject(weight.get('quantization'));
  const type = quantization === undefined ? dtype : quantization.get('dtype');
  if (!isNumberType(type)) throw fault(`has numbers of type ${shown(type)}: save it as float32`);
  const bytes = shape.reduce((product, size) => product * size, numberBytes[type]);
  const end = begin + bytes;
  if (!Number.isSafeInteger(end)) throw fault('has a shape that no file has room for: the file is damaged');
  const quantized = quantization !== undefined && type !== 'float16';
  return { name, shape, type, quantized, begin, end, ofOptimizer: weight.get('group') === 'optimizer' };
}

const isNumberType = (type: unknown): type is NumberType =>
  typeof type === 'string' && Object.hasOwn(numberBytes, type);

/** The `model.json` among the files that came, and the shards by their names. */
export interface Sorted {
  readonly model: ModelJson;
  readonly shards: ReadonlyMap<string, Uint8Array>;
}

/** @throws FileError naming the shard that is missing, too long or too short, or the file that is of no use */
export function sortFiles(files: readonly NamedFile[]): Sorted {
  const named = new Map<string, Uint8Array>();
  for (const { name, bytes } of files) {
    if (named.has(name)) throw new FileError(`There are two files named ${quote(name)}: give each once.`);
    named.set(name, bytes);
  }
  const descriptions = [...named.keys()].filter((name) => /\.json$/i.test(name));
  const description = descriptions.find((name) => name === 'model.json') ?? descriptions[0];
  if (description === undefined) {
    throw new FileError('There is no model.json among the files: give it, and the weights that it names.');
  }
  const model = parseModelJson(named.get(description)!);
  named.delete(description);
  const wanted = new Set(model.groups.flatMap(({ shards }) => shards));
  for (const name of wanted) {
    if (!named.has(name)) throw new FileError(`The shard ${quote(name)}, which the model.json asks for, is missing.`);
  }
  for (const name of named.keys()) {
    if (!wanted.has(name)) throw new FileError(`The model.json asks for no file ${quote(name)}: leave it away.`);
  }
  for (const group of model.groups) assertLengths(group, named);
  return { model, shards: named };
}

/** @throws FileError naming the shard that has another length than the group’s weights leave for it */
function assertLengths({ shards, weights }: Group, files: ReadonlyMap<string, Uint8Array>): void {
  const total = weights.at(-1)?.end ?? 0;
  const lengths = shards.map((name) => files.get(name)!.length);
  if (lengths.reduce((sum, length) => sum + length, 0) === total) return;
  // All shards of a group have the same length, but for the last one, which has the rest.
  const usual = 2 ** 22;
  const count = shards.length;
  const size = Math.ceil(total / usual) === count ? usual : Math.max(...lengths.slice(0, -1), 0);
  const due = (i: number) => (i < count - 1 ? size : total - size * (count - 1));
  const wrong = Math.max(
    0,
    lengths.findIndex((length, i) => length !== due(i)),
  );
  const name = shards[wrong];
  throw new FileError(
    name === undefined
      ? `The model.json names weights of ${total} bytes, but no shards that have them: it is damaged.`
      : `The shard ${quote(name)} has ${lengths[wrong]} bytes, but the weights in it take ${Math.max(0, due(wrong))}: it is cut off or damaged.`,
  );
}
