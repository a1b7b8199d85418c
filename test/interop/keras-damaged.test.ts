import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/files/error.ts';
import { readKeras, shardsOf } from '../../src/interop/keras/read.ts';
import { writeKeras } from '../../src/interop/keras/write.ts';
import type { NamedFile } from '../../src/interop/network.ts';
import { Random } from '../../src/model/random.ts';
import { sluiceModel } from './keras-models.ts';

/** What a `model.json` says, to be changed at will. */
interface Json {
  modelTopology: {
    class_name: unknown;
    config: { layers: LayerJson[]; [more: string]: unknown };
    [more: string]: unknown;
  };
  weightsManifest: { paths: unknown[]; weights: { name: unknown; shape: unknown; [more: string]: unknown }[] }[];
  userDefinedMetadata: { sluice: Record<string, unknown> };
  [more: string]: unknown;
}

interface LayerJson {
  class_name: unknown;
  config: Record<string, unknown>;
  [more: string]: unknown;
}

const [soundJson, soundShard] = writeKeras(sluiceModel('gru', 2)) as [NamedFile, NamedFile];
const text = new TextDecoder().decode(soundJson.bytes);
const numbers = soundShard.bytes;

/** The same network as a graph, whose layers say what they read. */
const graphText = JSON.stringify(
  edited((json) => {
    const { layers } = json.modelTopology.config;
    json.modelTopology.class_name = 'Functional';
    for (const [i, layer] of layers.entries()) {
      layer['name'] = layer.config['name'];
      layer['inbound_nodes'] = i === 0 ? [] : [[[layers[i - 1]!.config['name'], 0, 0, {}]]];
    }
    json.modelTopology.config['input_layers'] = [['tokens', 0, 0]];
    json.modelTopology.config['output_layers'] = [['dense', 0, 0]];
  }),
);

function edited(edit: (json: Json) => void, from = text): Json {
  const json = JSON.parse(from) as Json;
  edit(json);
  return json;
}

const jsonFile = (content: string | Uint8Array<ArrayBuffer>): NamedFile => ({
  name: 'model.json',
  bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
});
const shardFile = (bytes: Uint8Array<ArrayBuffer>, name = soundShard.name): NamedFile => ({ name, bytes });

const withJson = (content: string | Uint8Array<ArrayBuffer>) => [jsonFile(content), soundShard];
const change = (edit: (json: Json) => void) => withJson(JSON.stringify(edited(edit)));
const changeLayer = (index: number, config: Record<string, unknown>) =>
  change((json) => Object.assign(json.modelTopology.config.layers[index]!.config, config));
const changeWeight = (index: number, fields: Record<string, unknown>) =>
  change((json) => Object.assign(json.weightsManifest[0]!.weights[index]!, fields));
/** Puts JSON in the place of the number of units, such as no JavaScript object has. */
const raw = (units: string) => withJson(text.replace('"units":4', `"units":${units}`));

/** Why the files are refused: one line, all of which can be read; `undefined` if they are read. */
function refusalOf(files: readonly NamedFile[]): string | undefined {
  try {
    readKeras(files, {});
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    const { message } = error as Error;
    expect(message).toMatch(/^[^\p{Control}\u2028\u2029]{20,300}$/u);
    return message;
  }
}

const longer = new Uint8Array(numbers.length + 4);
longer.set(numbers);

function withNumber(value: number): Uint8Array<ArrayBuffer> {
  const bytes = numbers.slice();
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
  return bytes;
}

/** The weights in three shards, of which all but the last have the same length, one of them changed. */
function threeShards(edit: (bytes: Uint8Array<ArrayBuffer>[]) => void): NamedFile[] {
  const size = Math.ceil(numbers.length / 3);
  const parts = [0, 1, 2].map((i) => numbers.slice(i * size, (i + 1) * size));
  edit(parts);
  const paths = parts.map((_, i) => `group1-shard${i + 1}of3.bin`);
  const json = edited((json) => {
    json.weightsManifest[0]!.paths = paths;
  });
  return [jsonFile(JSON.stringify(json)), ...parts.map((bytes, i) => shardFile(bytes, paths[i]!))];
}

const damaged: [what: string, files: readonly NamedFile[], message: RegExp][] = [
  ['no file', [], /no model\.json/],
  ['no model.json', [soundShard], /no model\.json/],
  ['no shard', [soundJson], /“group1-shard1of1\.bin”.*missing/],
  ['a file too many', [soundJson, soundShard, shardFile(numbers, 'other.bin')], /no file “other\.bin”/],
  [
    'a file too many, named by an object’s property',
    [soundJson, soundShard, shardFile(numbers, '__proto__')],
    /“__proto__”/,
  ],
  ['a second description', [soundJson, soundShard, { ...soundJson, name: 'other.json' }], /“other\.json”/],
  ['a file twice', [soundJson, soundShard, soundShard], /two files named “group1-shard1of1\.bin”/],
  ['an empty shard', [soundJson, shardFile(new Uint8Array(0))], /“group1-shard1of1\.bin” has 0 bytes/],
  ['a shard too long', [soundJson, shardFile(longer)], /“group1-shard1of1\.bin”.*cut off or damaged/],
  ['a shard too short', [soundJson, shardFile(numbers.slice(4))], /“group1-shard1of1\.bin”.*cut off or damaged/],
  ['a shard cut within a number', [soundJson, shardFile(numbers.slice(0, -1))], /cut off or damaged/],
  ...[0, 1, 2].map((i): (typeof damaged)[number] => [
    `the ${i + 1}. of three shards cut`,
    threeShards((parts) => {
      parts[i] = parts[i]!.slice(0, -40);
    }),
    new RegExp(`“group1-shard${i + 1}of3\\.bin”`),
  ]),
  ['the last of three shards too long', threeShards((parts) => (parts[2] = longer)), /“group1-shard3of3\.bin”/],
  ['NaN among the weights', [soundJson, shardFile(withNumber(Number.NaN))], /NaN/],
  ['Infinity among the weights', [soundJson, shardFile(withNumber(Number.NEGATIVE_INFINITY))], /-Infinity/],
  ['an empty model.json', withJson(''), /not valid JSON/],
  ['JSON of another kind', withJson('[]'), /not a JSON object/],
  ['JSON about nothing', withJson('{}'), /modelTopology/],
  ['no UTF-8', withJson(Uint8Array.of(0x7b, 0xff, 0x7d)), /not UTF-8/],
  ['UTF-16', withJson(new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer)), /not UTF-8/],
  ['a PNG', withJson(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a)), /not UTF-8/],
  ['a key twice', withJson(text.replace('{"format"', '{"format":"layers-model","format"')), /“format” twice/],
  ['17 MB of spaces', withJson(' '.repeat(17_000_000)), /17000000 bytes/],
  ['a million values', withJson(`[${'0,'.repeat(1_000_000)}0]`), /more layers and weights/],
  ['a million brackets', withJson('['.repeat(1_000_000)), /more layers and weights/],
  ['brackets as deep as may be', raw('['.repeat(90_000) + ']'.repeat(90_000)), /something that is no text for units/],
  [
    'braces as deep as may be',
    raw('{"a":'.repeat(90_000) + 0 + '}'.repeat(90_000)),
    /something that is no text for units/,
  ],
  ['units of −1', raw('-1'), /-1 for units/],
  ['units of 0', raw('0'), /0 for units/],
  ['units of 1.5', raw('1.5'), /1\.5 for units/],
  ['units of 10⁹⁹⁹', raw('1e999'), /Infinity for units/],
  ['units of 2⁵³', raw('9007199254740992'), /9007199254740992 for units/],
  [
    'a billion units',
    raw('1000000000'),
    /“gru_1\/kernel” is \[5, 12\], but its layer says that it is \[5, 3000000000\]/,
  ],
  ['units that are a text', raw('"4"'), /“4” for units/],
  ['units that turn into no text', raw('{"toString":1}'), /something that is no text for units/],
  ['other units', raw('5'), /“gru_1\/kernel”/],
  ['no layers', change((json) => (json.modelTopology.config.layers = [])), /no recurrent layers/],
  ['layers that are no list', change((json) => (json.modelTopology.config.layers = {} as never)), /lists no layers/],
  ['a layer that is nothing', change((json) => (json.modelTopology.config.layers[2] = null as never)), /class_name/],
  ['a layer without a name', changeLayer(2, { name: undefined }), /class_name, config and name/],
  ['a layer with another’s name', changeLayer(2, { name: 'gru_2' }), /two layers named “gru_2”/],
  ['a layer of a hostile name', changeLayer(2, { name: '\n\u202e\u0000'.repeat(1_000) }), /weight “gru_1\/kernel”/],
  ['layers named by an object’s property', changeLayer(2, { name: '__proto__' }), /weight “gru_1\/kernel”/],
  [
    'a class named by an object’s property',
    change((json) => (json.modelTopology.config.layers[2]!.class_name = 'hasOwnProperty')),
    /hasOwnProperty/,
  ],
  ['use_bias that is a number', changeLayer(2, { use_bias: 1 }), /1 for use_bias/],
  ['an activation that is a number', changeLayer(2, { activation: 7 }), /activation/],
  ['an activation of no name', changeLayer(2, { activation: {} }), /activation/],
  ['an activation named by an object’s property', changeLayer(4, { activation: 'toString' }), /“toString”/],
  ['a shape that goes in of −1', changeLayer(0, { batch_input_shape: [null, -1] }), /another shape than/],
  ['a shape that goes in of 1.5', changeLayer(0, { batch_input_shape: [null, 1.5] }), /another shape than/],
  ['a shape that goes in of too much', changeLayer(0, { batch_input_shape: [null, null, 1e9] }), /another shape than/],
  ['an embedding of more symbols', changeLayer(1, { input_dim: 1e9 }), /embedding\/embeddings.*\[1000000000, 5\]/],
  ['an embedding of fewer symbols', changeLayer(1, { input_dim: 4 }), /embedding\/embeddings/],
  ['an embedding of none', changeLayer(1, { input_dim: null }), /null for input_dim/],
  ['no manifest', change((json) => (json.weightsManifest = undefined as never)), /no weightsManifest/],
  ['a manifest that is no list', change((json) => (json.weightsManifest = {} as never)), /no weightsManifest/],
  ['an empty manifest', change((json) => (json.weightsManifest = [])), /no file “group1-shard1of1\.bin”/],
  ['a group that is nothing', change((json) => (json.weightsManifest = [null as never])), /paths and weights/],
  ['a group without shards', change((json) => (json.weightsManifest[0]!.paths = [])), /no file “group1/],
  [
    'weights without shards',
    [jsonFile(JSON.stringify(edited((json) => (json.weightsManifest[0]!.paths = []))))],
    /no shards that have them/,
  ],
  ['a shard asked for twice', change((json) => json.weightsManifest[0]!.paths.push(soundShard.name)), /twice/],
  [
    'a shard in another folder',
    change((json) => (json.weightsManifest[0]!.paths = ['../secret.bin'])),
    /“\.\.\/secret\.bin”/,
  ],
  [
    'a shard named by an object’s property',
    change((json) => (json.weightsManifest[0]!.paths = ['__proto__'])),
    /“__proto__”.*missing/,
  ],
  ['a weight that is nothing', change((json) => (json.weightsManifest[0]!.weights[1] = null as never)), /no name/],
  ['a weight without a name', changeWeight(1, { name: undefined }), /no name/],
  ['a weight of a very long name', changeWeight(1, { name: '/'.repeat(10_000_000) }), /no name/],
  ['a weight of an unknown layer', changeWeight(1, { name: 'other/kernel' }), /“other\/kernel” belongs to no layer/],
  ['a weight of an unknown role', changeWeight(1, { name: 'gru_1/peephole' }), /“gru_1\/peephole” belongs to no layer/],
  ['a role named by an object’s property', changeWeight(1, { name: 'gru_1/constructor' }), /belongs to no layer/],
  ['a weight by a number that is none', changeWeight(1, { name: 'gru_1/3' }), /belongs to no layer/],
  ['a weight that is there twice', changeWeight(1, { name: 'gru_1/bias' }), /bias twice/],
  ['a negative shape', changeWeight(1, { shape: [-5, -12] }), /shape that is no list of sizes/],
  ['a fractional shape', changeWeight(1, { shape: [2.5, 24] }), /shape that is no list of sizes/],
  ['a shape that is a text', changeWeight(1, { shape: '5, 12' }), /shape that is no list of sizes/],
  ['a huge shape', changeWeight(1, { shape: [2 ** 40, 2 ** 40] }), /no file has room for/],
  [
    'a huge shape, times nothing',
    changeWeight(1, {
      shape: Array(40)
        .fill(2 ** 40)
        .concat(0),
    }),
    /no file has room for/,
  ],
  ['a shape of more than there is', changeWeight(1, { shape: [5, 1e9] }), /cut off or damaged/],
  ['a shape turned about', changeWeight(1, { shape: [12, 5] }), /“gru_1\/kernel” is \[12, 5\]/],
  ['a shape of one dimension', changeWeight(1, { shape: [60] }), /“gru_1\/kernel” is \[60\]/],
  ['a shape of no dimension', changeWeight(1, { shape: [] }), /cut off or damaged/],
  [
    'a shape of very many dimensions',
    changeWeight(1, { shape: [60, ...Array(5_000).fill(1)] }),
    /is \[60, 1, 1, 1, …\]/,
  ],
  ['an unknown type', changeWeight(1, { dtype: 'float128' }), /“float128”/],
  ['a type named by an object’s property', changeWeight(1, { dtype: '__proto__' }), /“__proto__”/],
  ['no type', changeWeight(1, { dtype: null }), /type null/],
  ['integers', changeWeight(1, { dtype: 'int32' }), /“gru_1\/kernel” has numbers of type int32/],
  ['numbers of half the length', changeWeight(1, { dtype: 'float16' }), /cut off or damaged/],
  ['an unknown quantization', changeWeight(1, { quantization: { dtype: 'uint4' } }), /“uint4”/],
  [
    'a vocabulary that is no JSON',
    change((json) => (json.userDefinedMetadata.sluice['vocabulary'] = '[')),
    /vocabulary/,
  ],
  [
    'a vocabulary of too few',
    change((json) => (json.userDefinedMetadata.sluice['vocabulary'] = '["a"]')),
    /1 symbols.*5/,
  ],
  ['no vocabulary', change((json) => (json.userDefinedMetadata.sluice = {})), /--vocabulary/],
  ['metadata that are a list', change((json) => (json.userDefinedMetadata = [] as never)), /--vocabulary/],
];

const unread: [what: string, files: readonly NamedFile[]][] = [
  ['the file as it was', [soundJson, soundShard]],
  ['the graph as it was', withJson(graphText)],
  ['a number that was hit', [soundJson, shardFile(withNumber(0.5))]],
  ['another name of the model.json', [{ ...soundJson, name: 'my-network.json' }, soundShard]],
  ['three shards', threeShards(() => {})],
  ['a byte order mark', withJson(`\ufeff${text}`)],
  ['things that nobody asks for', withJson(text.replace('{', '{"__proto__":{"format":"x"},"constructor":1,'))],
];

describe('a damaged layers model', () => {
  it.each(damaged)('is refused in one line: %s', (_, files, message) => {
    expect(refusalOf(files)).toMatch(message);
  });

  it.each(unread)('is read where nothing is wrong: %s', (_, files) => {
    expect(refusalOf(files)).toBeUndefined();
  });

  it.each([
    ['layers one after the other', text],
    ['a graph', graphText],
  ])('is refused in one line wherever its model.json is cut off: %s', (_, whole) => {
    const bytes = new TextEncoder().encode(whole);
    for (let i = 0; i < 100; i++) {
      const end = Math.floor((i / 100) * bytes.length);
      expect(refusalOf(withJson(bytes.slice(0, end))), `cut at ${end}`).toBeDefined();
    }
  });

  it('is refused in one line wherever its shard is cut off', () => {
    for (let i = 0; i < 100; i++) {
      const end = Math.floor((i / 100) * numbers.length);
      expect(refusalOf([soundJson, shardFile(numbers.slice(0, end))]), `cut at ${end}`).toMatch(
        /“group1-shard1of1\.bin”/,
      );
    }
  });

  it.each([
    ['layers one after the other', text],
    ['a graph', graphText],
  ])('is read, or refused in one line, whichever bit of its model.json is flipped: %s', (_, whole) => {
    const bytes = new TextEncoder().encode(whole);
    const random = new Random(1);
    let refused = 0;
    for (let i = 0; i < 500; i++) {
      const flipped = bytes.slice();
      flipped[Math.floor(random.uniform() * bytes.length)]! ^= 1 << Math.floor(random.uniform() * 8);
      if (refusalOf(withJson(flipped)) !== undefined) refused++;
    }
    expect(refused).toBeGreaterThan(250);
  });

  it('is read, or refused in one line, whichever bit of its shard is flipped', () => {
    const random = new Random(2);
    for (let i = 0; i < 200; i++) {
      const flipped = numbers.slice();
      flipped[Math.floor(random.uniform() * numbers.length)]! ^= 1 << Math.floor(random.uniform() * 8);
      expect(refusalOf([soundJson, shardFile(flipped)]) ?? 'Infinity').toMatch(/Infinity|NaN/);
    }
  });

  const hostile: unknown[] = [
    null,
    true,
    -1,
    0,
    1.5,
    2 ** 53,
    1e308,
    '',
    '__proto__',
    '../x',
    '\n',
    [],
    [[]],
    [null],
    {},
    { toString: 1 },
  ];
  it.each([
    ['layers one after the other', text],
    ['a graph', graphText],
  ])('is read, or refused in one line, whatever stands in the place of whatever: %s', (_, whole) => {
    let refused = 0;
    let all = 0;
    for (const path of pathsOf(JSON.parse(whole))) {
      for (const value of hostile) {
        const json = JSON.parse(whole) as Record<string, unknown>;
        const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, json);
        parent[path.at(-1)!] = value;
        all++;
        if (refusalOf(withJson(JSON.stringify(json))) !== undefined) refused++;
      }
    }
    expect(all).toBeGreaterThan(1_500);
    expect(refused).toBeGreaterThan(all / 3);
  });

  it('asks for no shards where it cannot be read', () => {
    expect(() => shardsOf(new Uint8Array(0))).toThrow(FileError);
    expect(() => shardsOf(soundJson.bytes.slice(0, -1))).toThrow(FileError);
  });
});

/** The way to each value of a JSON value. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const within = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
  return path.length === 0 ? within : [path, ...within];
}
