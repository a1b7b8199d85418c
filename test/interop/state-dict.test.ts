import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/files/error.ts';
import { encodeModelFile, type ModelFile } from '../../src/files/model-file.ts';
import { decodeTensors, encodeTensors, type Tensor } from '../../src/files/safetensors.ts';
import { exportFormats } from '../../src/interop/export-formats.ts';
import { exportNetwork, importNetwork } from '../../src/interop/formats.ts';
import type { ImportOptions } from '../../src/interop/network.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { initialParameters, parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';

const random = new Random(11);
const tensor = (...shape: readonly number[]): Tensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() - 0.5),
});
const vocabulary = Vocabulary.of('abcdefg');
const V = vocabulary.size;

type Tensors = Readonly<Record<string, Tensor>>;

/** Bytes of a state dict. */
const encode = (tensors: Tensors, metadata: Readonly<Record<string, string>> = {}) =>
  encodeTensors({ metadata: new Map(Object.entries(metadata)), tensors: new Map(Object.entries(tensors)) });

const read = (tensors: Tensors, options: ImportOptions = { vocabulary }) =>
  importNetwork([{ name: 'm.safetensors', bytes: encode(tensors) }], options);

/** An nn.GRU of 5 units that reads I numbers, under the names of a module. */
const gru = (module: string, I: number, H = 5, layer = 0): Tensors => ({
  [`${module}weight_ih_l${layer}`]: tensor(3 * H, I),
  [`${module}weight_hh_l${layer}`]: tensor(3 * H, H),
  [`${module}bias_ih_l${layer}`]: tensor(3 * H),
  [`${module}bias_hh_l${layer}`]: tensor(3 * H),
});
const linear = (module: string, O: number, I: number): Tensors => ({
  [`${module}.weight`]: tensor(O, I),
  [`${module}.bias`]: tensor(O),
});

const networks = cells.flatMap((cell) => [1, 2].map((layers) => [cell, layers] as const));

function network(cell: (typeof cells)[number], layers: number): ModelFile {
  const model = symbolModel(cell, V, 4, { layers });
  const parameters = initialParameters(model, 3);
  // Zeros of both signs are numbers as well.
  parameters.fill(0, 0, 3).fill(-0, 3, 6);
  for (const { role, offset } of parameterLayout(model).places)
    if (role === 'bias') parameters.fill(-0, offset, offset + 1);
  return { model, vocabulary, parameters };
}

const bits = (numbers: Float32Array) => Array.from(new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length));

describe('A state dict', () => {
  it.each(networks)('goes out and comes in to the same bits: %s of %i layers', async (cell, layers) => {
    const file = network(cell, layers);
    const written = await exportNetwork(file, 'pytorch', 'm');
    const { file: back } = await importNetwork(written);
    expect({ ...back, parameters: bits(back.parameters) }).toEqual({ ...file, parameters: bits(file.parameters) });
    expect(await exportNetwork(back, 'pytorch', 'm')).toEqual(written);
  });

  it.each(networks)('has no biases where the network has none: %s of %i layers', async (cell, layers) => {
    const model = { ...symbolModel(cell, V, 4, { layers }), biases: false };
    const file = { model, vocabulary, parameters: initialParameters(model, 3) };
    const written = await exportNetwork(file, 'pytorch', 'm');
    const names = [...decodeTensors(written[0]!.bytes).tensors.keys()];
    if (names.includes('decoder.weight')) expect(names.filter((name) => name.includes('bias'))).toEqual([]);
    const { file: back } = await importNetwork(written);
    expect({ ...back, parameters: bits(back.parameters) }).toEqual({ ...file, parameters: bits(file.parameters) });
  });

  it.each(exportFormats)('says in other formats too that a network has no biases: %s', async (format) => {
    const model = { ...symbolModel('lstm', V, 4, { layers: 2 }), biases: false };
    const file = { model, vocabulary, parameters: initialParameters(model, 3) };
    expect((await importNetwork(await exportNetwork(file, format, 'm'))).file).toMatchObject(file);
  });

  it('that comes from modules with bias=False is of a network without biases', async () => {
    const { weight_ih_l0, weight_hh_l0 } = gru('', V);
    const tensors = { 'gru.weight_ih_l0': weight_ih_l0!, 'gru.weight_hh_l0': weight_hh_l0!, 'fc.weight': tensor(V, 5) };
    expect((await read(tensors)).file.model.biases).toBe(false);
    expect((await read({ ...tensors, 'fc.bias': tensor(V) })).file.model.biases).toBeUndefined();
  });

  it('is what loaders ask for that insist on a format', async () => {
    for (const format of ['pytorch', 'sluice'] as const) {
      const [written] = await exportNetwork(network('lstm', 1), format, 'm');
      expect(decodeTensors(written!.bytes).metadata.get('format')).toBe('pt');
    }
  });

  it.each([
    ['embedding', 'gru', 'fc'],
    ['module.embed', 'module.rnn', 'module.decoder'],
    ['model.emb', 'model.gru', 'model.head'],
    ['a', 'b', 'c'],
  ])('is told by names and shapes: %s, %s, %s', async (embedding, module, output) => {
    const { file } = await read({
      ...linear(output, V, 5),
      [`${embedding}.weight`]: tensor(V, 3),
      ...gru(`${module}.`, 3),
    });
    expect(file.model).toEqual(symbolModel('gru-after', V, 5));
  });

  it('is told by names where the shapes leave a choice, and asked about where these do too', async () => {
    const [embedding, output] = [tensor(V, 5), tensor(V, 5)];
    const same = gru('rnn.', 5);
    const { file } = await read({ ...same, 'encoder.weight': embedding, 'decoder.weight': output });
    const swapped = await read({ ...same, 'decoder.weight': output, 'encoder.weight': embedding });
    expect(swapped.file).toEqual(file);
    const { V: view } = parameterViews(parameterLayout(file.model), file.parameters);
    expect(view![1]).toBe(output.data[5]);
    const unclear = { ...same, 'left.weight': embedding, 'right.weight': output };
    await expect(read(unclear)).rejects.toThrow(/“left\.weight” and “right\.weight” may each be .*--map/);
    const map = JSON.stringify({ embedding: 'left', output: 'right' });
    expect((await read(unclear, { vocabulary, map })).file).toEqual(file);
  });

  it('has the embedding’s weights for the output’s, where they are shared', async () => {
    const [shared, bias] = [tensor(V, 5), tensor(V)];
    const tensors = { 'encoder.weight': shared, ...gru('rnn.', 5) };
    const apart = await read({ ...tensors, 'decoder.weight': shared, 'decoder.bias': bias });
    const { file, remarks } = await read({ ...tensors, 'decoder.bias': bias });
    expect(file).toEqual(apart.file);
    expect(remarks.join()).toMatch(/weights are those of the embedding/);
  });

  it('of vectors says what becomes of the output', async () => {
    const tensors = { ...gru('rnn.', 2), ...linear('out', 3, 5) };
    await expect(read(tensors, {})).rejects.toThrow(/--vocabulary for symbols, or for vectors --output/);
    const { file } = await read(tensors, { output: 'linear' });
    expect(file.model).toMatchObject({ inputs: 'vectors', output: 'linear', cost: 'squared-error', outputSize: 3 });
  });

  it.each<[string, Tensors, RegExp]>([
    [
      'backwards',
      { ...gru('rnn.', V), 'rnn.weight_ih_l0_reverse': tensor(15, V), ...linear('fc', V, 5) },
      /bidirectional/,
    ],
    [
      'projections',
      { ...gru('rnn.', V), 'rnn.weight_hr_l0': tensor(2, 5), ...linear('fc', V, 5) },
      /projection.*proj_size/,
    ],
    [
      'two modules',
      { ...gru('a.', V), ...gru('b.', 5), ...linear('fc', V, 5) },
      /several recurrent modules, “a” and “b”: give --map/,
    ],
    ['no recurrent module', linear('fc', V, 5), /no weights of an nn\.GRU.*“fc\.weight” and “fc\.bias”: give --map/],
    ['no output', gru('rnn.', V), /there is nothing/],
    [
      'two outputs',
      { ...gru('rnn.', V), ...linear('fc1', 9, 5), ...linear('fc2', V, 9), ...linear('x', 2, 2) },
      /one linear output; there is “fc1\.weight” and “fc2\.weight” and “x\.weight”/,
    ],
    [
      'normalisation',
      { ...gru('rnn.', V), ...linear('fc', V, 5), 'norm.running_mean': tensor(5) },
      /“norm\.running_mean”/,
    ],
    ['a layer missing', { ...gru('rnn.', V), ...gru('rnn.', 5, 5, 2), ...linear('fc', V, 5) }, /belongs to no layer/],
    ['other sizes', { ...gru('rnn.', V), ...linear('fc', V, 6) }, /6 numbers, not the 5/],
    [
      'other gates',
      { 'rnn.weight_ih_l0': tensor(10, V), 'rnn.weight_hh_l0': tensor(10, 5), ...linear('fc', V, 5) },
      /neither nn\.RNN/,
    ],
    [
      'a vocabulary of another size',
      { ...gru('rnn.', V + 1), ...linear('fc', V + 1, 5) },
      /7 symbols, but the network reads 8/,
    ],
    [
      'numbers that are none',
      {
        ...gru('rnn.', V),
        ...linear('fc', V, 5),
        'fc.bias': { shape: [V], data: new Float32Array(V).fill(Number.NaN) },
      },
      /holds NaN/,
    ],
  ])('is refused for %s', async (_, tensors, words) => {
    const refused = read(tensors);
    await expect(refused).rejects.toThrow(FileError);
    await expect(refused).rejects.toThrow(words);
  });
});

describe('A damaged state dict', () => {
  const sound = encode({ 'encoder.weight': tensor(V, 3), ...gru('rnn.', 3), ...linear('decoder', V, 5) });
  const headerEnd = 8 + Number(new DataView(sound.buffer).getBigUint64(0, true));

  /** What a file comes to: nothing else than a network, or one line. */
  async function outcome(bytes: Uint8Array<ArrayBuffer>): Promise<'read' | 'refused'> {
    try {
      const { file } = await importNetwork([{ name: 'm.safetensors', bytes }], { vocabulary });
      expect(file.parameters.every((value) => Number.isFinite(value))).toBe(true);
      return 'read';
    } catch (error) {
      expect(error).toBeInstanceOf(FileError);
      expect((error as Error).message).toMatch(/^[^\p{Control}\u2028\u2029]{20,300}$/u);
      return 'refused';
    }
  }

  it('is refused in one line wherever it is cut off', async () => {
    for (let length = 0; length < sound.length; length += length < headerEnd ? 5 : 37) {
      expect(await outcome(sound.slice(0, length)), String(length)).toBe('refused');
    }
  });

  it('is refused in one line, or read with another number, wherever a bit is flipped', async () => {
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      const bytes = sound.slice();
      const place = i < 300 ? random.integer(headerEnd) : random.integer(sound.length);
      bytes[place]! ^= 1 << random.integer(8);
      if ((await outcome(bytes)) === 'refused') refused++;
    }
    expect(refused).toBeGreaterThan(200);
  });

  it('may have names of every kind', async () => {
    for (const name of ['__proto__.weight', 'constructor', 'a\u0000b.bias', 'x'.repeat(5000), 'toString_l0.weight']) {
      expect(await outcome(encode({ ...gru('rnn.', V), ...linear('fc', V, 5), [name]: tensor(2, 2) }))).toBe('refused');
    }
    const { file } = await read({ ...gru('__proto__.', V), ...linear('constructor', V, 5) });
    expect(file.model).toEqual(symbolModel('gru-after', V, 5));
  });

  it('asks for no more memory than it has numbers: an embedding and a matrix may be small, and their product large', async () => {
    const [symbols, H] = [200_000, 300];
    const huge = { 'e.weight': tensor(symbols, 1), ...gru('rnn.', 1, H), ...linear('fc', 7, H) };
    await expect(read(huge, {})).rejects.toThrow(/200000 symbols: more than a network of this size/);
  });
});

describe('A mapping file', () => {
  const I = V;
  const H = 4;
  /** The exercise's way: an nn.Linear for each product. */
  const written: Tensors = {
    ...linear('xz', H, I),
    ...linear('hz', H, H),
    ...linear('xr', H, I),
    ...linear('hr', H, H),
    // One nn.Linear over what goes in and the state, side by side.
    ...linear('both', H, I + H),
    ...linear('y', V, H),
  };
  const tensors = {
    U_z: 'xz.weight',
    U_r: 'xr.weight',
    U_h: { tensor: 'both.weight', columns: [0, I] },
    W_z: 'hz.weight',
    W_r: 'hr.weight',
    W_h: { tensor: 'both.weight', columns: [I, I + H] },
    b_z: ['xz.bias', 'hz.bias'],
    b_r: ['xr.bias', 'hr.bias'],
    b_h: 'both.bias',
    V: 'y.weight',
    b_y: 'y.bias',
  };
  const mapped = (mapping: object) => read(written, { vocabulary, map: JSON.stringify(mapping) });

  it('says which weights make which parameter', async () => {
    const { file, remarks } = await mapped({ cell: 'gru', tensors });
    expect(remarks).toEqual([]);
    expect(file.model).toEqual(symbolModel('gru', V, H));
    const views = parameterViews(parameterLayout(file.model), file.parameters);
    const at = (name: string, row: number, column: number) =>
      written[name]!.data[row * written[name]!.shape[1]! + column];
    expect(views['U_z']![2 * H + 3]).toBe(at('xz.weight', 3, 2));
    expect(views['W_h']![1 * H + 2]).toBe(at('both.weight', 2, I + 1));
    expect(views['b_r']![1]).toBeCloseTo(written['xr.bias']!.data[1]! + written['hr.bias']!.data[1]!, 6);
    const kept = await mapped({ cell: 'gru', z: 'keeps', tensors });
    const others = parameterViews(parameterLayout(file.model), kept.file.parameters);
    expect(others['W_z']![5]).toBe(-views['W_z']![5]!);
    expect(others['b_z']![0]).toBe(-views['b_z']![0]!);
    expect(others['W_r']).toEqual(views['W_r']);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown word', { cell: 'gru', tensors, gates: 3 }, /has “gates”; it may have cell, rows/],
    ['an unknown cell', { cell: 'qrnn', tensors }, /“cell” has to be one of gru,/],
    [
      'a parameter too many',
      { cell: 'gru', tensors: { ...tensors, U_o: 'y.weight' } },
      /has “U_o”; a gru of 1 layer has U_z/,
    ],
    ['a parameter too few', { cell: 'gru', tensors: { ...tensors, b_h: undefined } }, /says nothing of “b_h”/],
    ['a tensor that is not there', { cell: 'gru', tensors: { ...tensors, b_h: 'nowhere' } }, /no tensor “nowhere”/],
    [
      'another shape',
      { cell: 'gru', tensors: { ...tensors, W_r: 'xr.weight' } },
      /given for “W_r” is \[7, 4\], not \[4, 4\]/,
    ],
    [
      'columns beyond the end',
      { cell: 'gru', tensors: { ...tensors, U_h: { tensor: 'both.weight', columns: [0, 99] } } },
      /columns 0 to 99 of “both\.weight”, which has 11/,
    ],
    ['no parts', { cell: 'gru', tensors: { ...tensors, b_z: [] } }, /“b_z” is not the name of a tensor/],
  ])('is refused with %s', async (_, mapping, words) => {
    await expect(mapped(mapping)).rejects.toThrow(words);
  });
});

describe('A model file that other tools have saved again', () => {
  const file = network('lstm', 2);
  const { metadata, tensors } = decodeTensors(encodeModelFile(file));
  const saved = (change: (bytes: Uint8Array) => Uint8Array, type: string, keep = false) => {
    const header: Record<string, unknown> = keep ? { __metadata__: Object.fromEntries(metadata) } : {};
    const parts: Uint8Array[] = [];
    let end = 0;
    for (const [name, { shape, data }] of tensors) {
      const bytes = change(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      header[name] = { dtype: type, shape, data_offsets: [end, end + bytes.length] };
      end += bytes.length;
      parts.push(bytes);
    }
    const json = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + end);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    let place = 8 + json.length;
    for (const part of parts) {
      bytes.set(part, place);
      place += part.length;
    }
    return [{ name: 'm.safetensors', bytes }];
  };
  const upperHalves = (bytes: Uint8Array) =>
    new Uint8Array(Uint16Array.from(new Uint32Array(bytes.slice().buffer), (word) => word >>> 16).buffer);

  it('has lost its metadata: the names tell the cell', async () => {
    await expect(importNetwork(saved((bytes) => bytes, 'F32'))).rejects.toThrow(/--vocabulary for symbols/);
    const { file: back } = await importNetwork(
      saved((bytes) => bytes, 'F32'),
      { vocabulary },
    );
    expect(back).toEqual(file);
  });

  it('has names that are those of two cells: it is asked which', async () => {
    const plain = network('rnn-tanh', 1);
    const bytes = encodeTensors({ ...decodeTensors(encodeModelFile(plain)), metadata: new Map() });
    const files = [{ name: 'm.safetensors', bytes }];
    await expect(importNetwork(files, { vocabulary })).rejects.toThrow(/those of rnn and rnn-tanh: give --cell/);
    expect((await importNetwork(files, { vocabulary, cell: 'rnn-tanh' })).file).toEqual(plain);
  });

  it('has numbers of another width', async () => {
    const near = (values: Float32Array) => Array.from(values, (value) => expect.closeTo(value, 2));
    for (const keep of [true, false]) {
      const brain = await importNetwork(saved(upperHalves, 'BF16', keep), keep ? {} : { vocabulary });
      expect(Array.from(brain.file.parameters)).toEqual(near(file.parameters));
      const toDouble = (bytes: Uint8Array) =>
        new Uint8Array(Float64Array.from(new Float32Array(bytes.slice().buffer)).buffer);
      const double = await importNetwork(saved(toDouble, 'F64', keep), keep ? {} : { vocabulary });
      expect(bits(double.file.parameters)).toEqual(bits(file.parameters));
    }
  });

  it('has numbers of half width, of every kind', () => {
    // 1, −2, the greatest, the least normal number, the least, −0, and ⅓ rounded.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x3555);
    const json = new TextEncoder().encode(JSON.stringify({ x: { dtype: 'F16', shape: [7], data_offsets: [0, 14] } }));
    const bytes = new Uint8Array(8 + json.length + 14);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    bytes.set(new Uint8Array(halves.buffer), 8 + json.length);
    const { data } = decodeTensors(bytes).tensors.get('x')!;
    expect([...data]).toEqual([1, -2, 65504, 2 ** -14, 2 ** -24, -0, 0.333251953125]);
  });
});

describe('What is no model', () => {
  const text = (words: string) => new TextEncoder().encode(words);
  it.each<[string, string, Uint8Array<ArrayBuffer>, RegExp]>([
    ['a pickle', 'm.pt', Uint8Array.of(0x80, 2, 0x7d, 0x71, 0), /pickle.*save_file\(model\.state_dict\(\)/],
    ['a zipped pickle', 'm.bin', text('PK\x03\x04archive/data.pkl'), /pickle/],
    ['a Keras file', 'm.keras', text('PK\x03\x04config.json'), /\.keras file: convert it/],
    ['HDF5', 'm.h5', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10), /HDF5/],
    ['an image', 'm.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /no model that Sluice reads/],
    ['nothing', 'm', new Uint8Array(), /no model that Sluice reads/],
  ])('is told apart: %s', async (_, name, bytes, words) => {
    await expect(importNetwork([{ name, bytes }])).rejects.toThrow(words);
  });
});
