import { model as functional, input, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { readKeras, shardsOf } from '../../src/interop/keras/read.ts';
import { writeKeras } from '../../src/interop/keras/write.ts';
import { MissingVocabularyError, type NamedFile } from '../../src/interop/network.ts';
import { type Cell, cells } from '../../src/model/cells/cells.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import {
  bitsOf,
  difference,
  inputsOf,
  loadIntoTensorFlow,
  predict,
  referenceOutputs,
  rows,
  saveFromTensorFlow,
  sluiceModel,
  timesteps,
} from './keras-models.ts';

const vectors = { inputs: 'vectors', output: 'linear', cost: 'squared-error' } as const;
const kinds: [name: string, kind: Partial<ModelConfiguration>][] = [
  ['symbols → softmax', {}],
  ['symbols → sigmoid', { output: 'sigmoid' }],
  ['few units → softmax', { hiddenSize: 1, inputSize: 5 }],
  ['vectors → linear', vectors],
  ['vectors → classes', { inputs: 'vectors' }],
  ['vectors → sigmoid, squared error', { ...vectors, output: 'sigmoid' }],
];
const runByTensorFlow = cells.filter((cell) => cell !== 'gru-after');
const vocabulary = new Vocabulary(['a', 'b', 'c', 'd', 'e']);

describe('what Sluice writes for TensorFlow.js', () => {
  it.each(
    runByTensorFlow.flatMap((cell) =>
      kinds.flatMap(([name, kind]) => [1, 2].map((count) => [cell, count, name, kind] as const)),
    ),
  )('computes there what it does here: %s, %i layers, %s', async (cell, count, _, kind) => {
    const file = sluiceModel(cell, count, kind);
    const network = await loadIntoTensorFlow(writeKeras(file));
    expect(difference(predict(network, file.model), await referenceOutputs(file))).toBeLessThan(1e-5);
  });

  it('is refused there where the reset gate acts after the recurrent product, which is for Keras alone', async () => {
    await expect(loadIntoTensorFlow(writeKeras(sluiceModel('gru-after', 1)))).rejects.toThrow(/reset_after/);
  });

  it('comes back from there with the same bits, and its vocabulary', async () => {
    const file = sluiceModel('lstm', 2);
    const again = readKeras(await saveFromTensorFlow(await loadIntoTensorFlow(writeKeras(file))), {});
    expect(again.file.model).toEqual(file.model);
    expect(again.file.vocabulary!.symbols).toEqual(file.vocabulary!.symbols);
    expect(bitsOf(again.file.parameters)).toEqual(bitsOf(file.parameters));
    expect(again.remarks).toEqual([]);
  });

  it('names the one shard that it has', () => {
    const [json, shard] = writeKeras(sluiceModel('gru', 1)) as [NamedFile, NamedFile];
    expect(shardsOf(json.bytes)).toEqual([shard.name]);
    expect(shard.name).toBe('group1-shard1of1.bin');
  });

  it('has no number that no reader takes', () => {
    const file = sluiceModel('gru', 1);
    file.parameters[3] = Number.NaN;
    expect(() => writeKeras(file)).toThrow(/NaN/);
  });

  it('takes no more room than the smaller identity, whatever the vocabulary', () => {
    const symbols = Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + i));
    const file = {
      ...sluiceModel('gru', 1, { inputSize: 400, outputSize: 400, hiddenSize: 2 }),
      vocabulary: new Vocabulary(symbols),
    };
    const files = writeKeras(file);
    const again = readKeras(files, {}).file;
    expect(files[1]!.bytes.length).toBeLessThan(4 * (file.parameters.length + 50));
    expect(bitsOf(again.parameters)).toEqual(bitsOf(file.parameters));
  });
});

describe('out and in again', () => {
  it.each(
    cells.flatMap((cell) => kinds.flatMap(([name, kind]) => [1, 2].map((count) => [cell, count, name, kind] as const))),
  )('gives the same network to the last bit: %s, %i layers, %s', (cell, count, _, kind) => {
    const file = sluiceModel(cell, count, kind);
    const { file: again, remarks } = readKeras(writeKeras(file).toReversed(), {});
    expect(again.model).toEqual(file.model);
    expect(again.vocabulary?.symbols).toEqual(file.vocabulary?.symbols);
    expect(bitsOf(again.parameters)).toEqual(bitsOf(file.parameters));
    expect(remarks).toEqual([]);
  });

  it('keeps the names of classes', () => {
    const file = { ...sluiceModel('gru', 1, { inputs: 'vectors' }), classes: ['__proto__', 'other'] };
    expect(readKeras(writeKeras(file), {}).file.classes).toEqual(file.classes);
  });

  it('keeps a linear output of symbols linear, as it was', () => {
    const file = sluiceModel('gru', 1, { output: 'linear', cost: 'squared-error' });
    expect(readKeras(writeKeras(file), {}).file.model).toEqual(file.model);
  });
});

/** Everything random, biases as well, so that nothing comes out right by being zero. */
const random = (seed: number) => ({ className: 'RandomUniform', config: { minval: -0.8, maxval: 0.8, seed } });
const initializers = (seed: number) => ({
  kernelInitializer: random(seed) as never,
  recurrentInitializer: random(seed + 1) as never,
  biasInitializer: random(seed + 2) as never,
});
const recurrentOptions = (seed: number) =>
  ({ units: 4, returnSequences: true, recurrentActivation: 'sigmoid', ...initializers(seed) }) as const;

const made: Record<string, [cell: Cell, make: (seed: number) => ReturnType<typeof layers.gru>]> = {
  GRU: ['gru', (seed) => layers.gru(recurrentOptions(seed))],
  LSTM: ['lstm', (seed) => layers.lstm(recurrentOptions(seed))],
  SimpleRNN: ['rnn-tanh', (seed) => layers.simpleRNN({ units: 4, returnSequences: true, ...initializers(seed) })],
  'SimpleRNN with sigmoid': [
    'rnn',
    (seed) => layers.simpleRNN({ units: 4, returnSequences: true, activation: 'sigmoid', ...initializers(seed) }),
  ],
  'RNN of a GRU cell': [
    'gru',
    (seed) => layers.rnn({ cell: layers.gruCell(recurrentOptions(seed)), returnSequences: true }),
  ],
  'GRU without biases': ['gru', (seed) => layers.gru({ ...recurrentOptions(seed), useBias: false })],
};

const embedding = () => layers.embedding({ inputDim: 5, outputDim: 3, embeddingsInitializer: random(1) as never });
const softmax = () => layers.dense({ units: 5, activation: 'softmax', ...initializers(40) });
const read = async (model: LayersModel, options: Parameters<typeof readKeras>[1] = { vocabulary }) =>
  readKeras(await saveFromTensorFlow(model), options);

async function expectSame(network: LayersModel, { file }: ReturnType<typeof readKeras>): Promise<void> {
  expect(difference(await referenceOutputs(file), predict(network, file.model))).toBeLessThan(1e-5);
}

describe('a model of TensorFlow.js', () => {
  it.each(
    Object.entries(made).flatMap(([name, [cell, make]]) => [1, 2].map((count) => [name, count, cell, make] as const)),
  )('computes here what it does there: %s, %i layers', async (_, count, cell, make) => {
    const network = sequential({
      layers: [embedding(), ...Array.from({ length: count }, (_, i) => make(10 * i)), softmax()],
    });
    const imported = await read(network);
    expect(imported.file.model).toMatchObject({ cell, layers: count, inputs: 'symbols', output: 'log-softmax' });
    expect(imported.remarks).toEqual([]);
    await expectSame(network, imported);
  });

  it('may be a graph that is a chain, and read vectors', async () => {
    const vectors = input({ shape: [null, 3] });
    const state = layers.lstm(recurrentOptions(1)).apply(layers.gaussianNoise({ stddev: 1 }).apply(vectors));
    const outputs = layers.dense({ units: 2, activation: 'sigmoid', ...initializers(5) }).apply(state);
    const network = functional({ inputs: vectors, outputs: outputs as never });
    const imported = await read(network, {});
    expect(imported.file.model).toMatchObject({ cell: 'lstm', inputs: 'vectors', output: 'sigmoid', outputSize: 2 });
    await expectSame(network, imported);
  });

  it('may have its output at each timestep by TimeDistributed, its softmax as a layer, and dropout, which is told', async () => {
    const network = sequential({
      layers: [
        embedding(),
        layers.gru({ ...recurrentOptions(1), dropout: 0.3, recurrentDropout: 0.2 }),
        layers.dropout({ rate: 0.5 }),
        layers.timeDistributed({ layer: layers.dense({ units: 5, ...initializers(3) }) }),
        layers.activation({ activation: 'linear' }),
        layers.softmax({ axis: -1 }),
      ],
    });
    const imported = await read(network);
    expect(imported.remarks).toEqual(['Dropout is left away: it does not act where a network is used.']);
    await expectSame(network, imported);
  });

  it('reads one-hot vectors as symbols where a vocabulary is given', async () => {
    const network = sequential({
      layers: [layers.gru({ ...recurrentOptions(1), inputShape: [null, 5] as never }), softmax()],
    });
    const files = await saveFromTensorFlow(network);
    expect(readKeras(files, {}).file.model).toMatchObject({ inputs: 'vectors', inputSize: 5 });
    const { file } = readKeras(files, { vocabulary });
    expect(file.model).toMatchObject({ inputs: 'symbols', inputSize: 5 });
    expect(file.vocabulary).toBe(vocabulary);
  });

  it('asks for a vocabulary if symbols go in', async () => {
    const network = sequential({ layers: [embedding(), made['GRU']![1](1), softmax()] });
    await expect(read(network, {})).rejects.toThrow(MissingVocabularyError);
    const small = new Vocabulary(['a', 'b']);
    await expect(read(network, { vocabulary: small })).rejects.toThrow(/has 2 symbols, but the network reads 5/);
  });

  it('has the logits of a softmax where symbols go in and its output is linear, if nobody says otherwise', async () => {
    const logits = layers.dense({ units: 5, ...initializers(3) });
    const network = sequential({ layers: [embedding(), made['GRU']![1](1), logits] });
    const taken = await read(network);
    expect(taken.file.model.output).toBe('log-softmax');
    expect(taken.remarks).toEqual([expect.stringContaining('logits')]);
    const said = await read(network, { vocabulary, output: 'linear' });
    expect(said.file.model.output).toBe('linear');
    expect(said.remarks).toEqual([]);
    await expectSame(network, said);
  });

  it('leaves the optimizer’s state there', async () => {
    const network = sequential({ layers: [embedding(), made['GRU']![1](1), softmax()] });
    const [json, shard] = (await saveFromTensorFlow(network)) as [NamedFile, NamedFile];
    const words = JSON.parse(new TextDecoder().decode(json.bytes));
    words.weightsManifest[0].weights.push({ name: 'iter', shape: [], dtype: 'int32', group: 'optimizer' });
    const bytes = new Uint8Array(shard.bytes.length + 4);
    bytes.set(shard.bytes);
    const files = [
      { name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(words)) },
      { name: shard.name, bytes },
    ];
    const imported = readKeras(files, { vocabulary });
    expect(imported.remarks).toEqual([expect.stringContaining('optimizer')]);
    await expectSame(network, imported);
  });
});

/** A model as Keras’ converter writes it: weights in the order of their names, under names of TensorFlow, in shards. */
interface Converted {
  readonly layers: readonly {
    readonly class_name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly [more: string]: unknown;
  }[];
  readonly weights: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: ArrayLike<number>;
    /** What its numbers are kept as; they are given as that. */
    readonly quantized?: 'float16' | 'uint8';
  }[];
  readonly shardBytes?: number;
  readonly model?: Readonly<Record<string, unknown>>;
  readonly top?: Readonly<Record<string, unknown>>;
}

function converted({ layers, weights, shardBytes = 2 ** 22, model, top }: Converted): NamedFile[] {
  const parts = weights.map(({ data, quantized }) => {
    const kept = quantized === undefined ? Float32Array : { float16: Uint16Array, uint8: Uint8Array }[quantized];
    return new Uint8Array(kept.from(data).buffer);
  });
  const bytes = new Uint8Array(Buffer.concat(parts));
  const count = Math.ceil(bytes.length / shardBytes);
  const name = (i: number) => `group1-shard${i + 1}of${count}.bin`;
  const shards = Array.from({ length: count }, (_, i) => ({
    name: name(i),
    bytes: bytes.slice(i * shardBytes, (i + 1) * shardBytes),
  }));
  const json = {
    format: 'layers-model',
    generatedBy: 'keras v2.15.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: { class_name: 'Sequential', config: { name: 'sequential', layers }, ...model },
    },
    weightsManifest: [
      {
        paths: shards.map((shard) => shard.name),
        weights: weights.map(({ name, shape, quantized: dtype }) => ({
          name,
          shape,
          dtype: 'float32',
          ...(dtype && { quantization: { dtype, min: 0, scale: 1, original_dtype: 'float32' } }),
        })),
      },
    ],
    ...top,
  };
  return [...shards, { name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) }];
}

const draw = (seed: number, ...shape: number[]) => {
  const numbers = new Random(seed);
  const data = Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.fround(2 * numbers.uniform() - 1));
  return { shape, data };
};

const [V, E, H] = [5, 3, 4];
const weightsOfKeras = {
  embeddings: draw(1, V, E),
  kernel: draw(2, E, 3 * H),
  recurrent: draw(3, H, 3 * H),
  bias: draw(4, 2, 3 * H),
  output: draw(5, H, V),
  outputBias: draw(6, V),
};
const embeddingConfig = {
  name: 'embedding',
  batch_input_shape: [null, null],
  input_dim: V,
  output_dim: E,
  mask_zero: false,
  input_length: null,
};
const gruConfig = {
  name: 'gru',
  units: H,
  activation: 'tanh',
  recurrent_activation: 'sigmoid',
  use_bias: true,
  reset_after: true,
  return_sequences: true,
  return_state: false,
  go_backwards: false,
  stateful: true,
  unroll: false,
  time_major: false,
  implementation: 2,
  dropout: 0,
  recurrent_dropout: 0,
};
const denseConfig = { name: 'dense', units: V, activation: 'softmax', use_bias: true };
const keras2: Converted = {
  layers: [
    {
      class_name: 'InputLayer',
      config: { name: 'embedding_input', batch_input_shape: [null, null], dtype: 'float32' },
    },
    { class_name: 'Embedding', config: embeddingConfig },
    { class_name: 'GRU', config: gruConfig },
    { class_name: 'Dense', config: denseConfig },
  ],
  weights: [
    { name: 'dense/kernel', ...weightsOfKeras.output },
    { name: 'dense/bias', ...weightsOfKeras.outputBias },
    { name: 'embedding/embeddings', ...weightsOfKeras.embeddings },
    { name: 'gru/gru_cell/kernel', ...weightsOfKeras.kernel },
    { name: 'gru/gru_cell/recurrent_kernel', ...weightsOfKeras.recurrent },
    { name: 'gru/gru_cell/bias', ...weightsOfKeras.bias },
  ],
};

/** What Keras defines for a GRU with reset_after, one number at a time. */
function kerasOutputs(): number[] {
  const { embeddings, kernel, recurrent, bias, output, outputBias } = weightsOfKeras;
  const product = (x: readonly number[], w: readonly number[], width: number, column: number) =>
    x.reduce((sum, value, i) => sum + value * w[i * width + column]!, 0);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const tokens = inputsOf({ inputs: 'symbols', inputSize: V });
  return Array.from({ length: rows }, (_, row) => {
    let h: number[] = Array(H).fill(0);
    return Array.from({ length: timesteps }, (_, t) => {
      const token = tokens[row * timesteps + t]!;
      const x = embeddings.data.slice(token * E, (token + 1) * E);
      const ofInput = (j: number) => product(x, kernel.data, 3 * H, j) + bias.data[j]!;
      const ofState = (j: number) => product(h, recurrent.data, 3 * H, j) + bias.data[3 * H + j]!;
      h = h.map((old, j) => {
        const z = sigmoid(ofInput(j) + ofState(j));
        const r = sigmoid(ofInput(H + j) + ofState(H + j));
        const candidate = Math.tanh(ofInput(2 * H + j) + r * ofState(2 * H + j));
        return z * old + (1 - z) * candidate;
      });
      const e = Array.from({ length: V }, (_, j) => Math.exp(product(h, output.data, V, j) + outputBias.data[j]!));
      const sum = e.reduce((a, b) => a + b);
      return e.map((value) => value / sum);
    }).flat();
  }).flat();
}

async function expectKeras(files: readonly NamedFile[]): Promise<void> {
  const { file } = readKeras(files, { vocabulary });
  expect(file.model).toMatchObject({ cell: 'gru-after', layers: 1, inputSize: V, hiddenSize: H, outputSize: V });
  expect(difference(await referenceOutputs(file), kerasOutputs())).toBeLessThan(1e-6);
}

const named = (module: string, class_name: string, config: unknown) => ({
  module,
  class_name,
  config,
  registered_name: null,
});
const policy = named('keras', 'DTypePolicy', { name: 'float32' });
const functionOf = (name: string) => ({
  module: 'builtins',
  class_name: 'function',
  config: name,
  registered_name: 'function',
});
const keras3Tensor = (layer: string) =>
  named('keras', '__keras_tensor__', { shape: [null, null, 3], dtype: 'float32', keras_history: [layer, 0, 0] });
const keras3Node = (layer: string) => [{ args: [keras3Tensor(layer)], kwargs: { mask: null, training: false } }];

const functionalOf = (nodes: (layer: string) => unknown, output: unknown) => ({
  class_name: 'Functional',
  config: {
    name: 'model',
    // In no order: the nodes alone say what follows what.
    layers: keras2.layers.toReversed().map((layer, i, { length }) => ({
      ...layer,
      name: layer.config['name'],
      inbound_nodes: i === length - 1 ? [] : nodes(keras2.layers.at(-i - 2)!.config['name'] as string),
    })),
    input_layers: [['embedding_input', 0, 0]],
    output_layers: output,
  },
});

describe('a model of Keras', () => {
  it('computes by Keras’ own definition where the reset gate acts after the recurrent product', async () => {
    await expectKeras(converted(keras2));
  });

  it('may go through many shards, in any order', async () => {
    const files = converted({ ...keras2, shardBytes: 70 });
    expect(files.length).toBeGreaterThan(8);
    expect(shardsOf(files.at(-1)!.bytes)).toEqual(files.slice(0, -1).map(({ name }) => name));
    await expectKeras(files.toReversed());
  });

  it('may be a graph of Keras 2 that is a chain', async () => {
    await expectKeras(
      converted({ ...keras2, model: functionalOf((layer) => [[[layer, 0, 0, {}]]], [['dense', 0, 0]]) }),
    );
  });

  it('may be a graph of Keras 3, whose types and functions are objects', async () => {
    const { config } = functionalOf(keras3Node, ['dense', 0, 0]);
    const layers = config.layers.map(({ config: { batch_input_shape, ...own }, ...layer }) => ({
      ...layer,
      module: 'keras.layers',
      registered_name: null,
      build_config: { input_shape: [null, null] },
      config: {
        ...own,
        ...(batch_input_shape !== undefined && { batch_shape: batch_input_shape }),
        dtype: policy,
        ...(own['activation'] !== undefined && { activation: functionOf(own['activation'] as string) }),
        ...(own['recurrent_activation'] !== undefined && { recurrent_activation: functionOf('sigmoid') }),
      },
    }));
    await expectKeras(converted({ ...keras2, model: { class_name: 'Functional', config: { ...config, layers } } }));
  });

  it('may have its weights numbered, as .keras files do', async () => {
    const numbered = [
      'dense/vars/0',
      'dense/vars/1',
      'embedding/vars/0',
      ...[0, 1, 2].map((i) => `gru/cell/vars/${i}`),
    ];
    const layers = keras2.layers.map((layer, i) => ({ ...layer, config: { ...layer.config, name: `layer_${i}` } }));
    const weights = keras2.weights.map((weight, i) => ({
      ...weight,
      name: `_layer_checkpoint_dependencies/${numbered[i]}`,
    }));
    // What else such files have: an optimizer’s state, and that of a dropout’s random numbers.
    const others = ['optimizer/vars/0', 'layers/gru/cell/seed_generator/vars/0'];
    const more = others.map((name) => ({ name, shape: [1], data: [7] }));
    await expectKeras(converted({ layers, weights: [...more, ...weights] }));
  });

  it('is told which cell it has where nothing else tells', () => {
    const { reset_after, ...older } = gruConfig;
    const files = (config: object, bias: boolean) =>
      converted({
        layers: keras2.layers.with(2, { class_name: 'GRU', config: { ...older, ...config } }),
        weights: keras2.weights.filter(({ name }) => bias || name !== 'gru/gru_cell/bias'),
      });
    const cellOf = (files: NamedFile[], cell?: Cell) => readKeras(files, { vocabulary, cell }).file.model.cell;
    expect(cellOf(files({}, true))).toBe('gru-after');
    expect(cellOf(files({ use_bias: false, reset_after: true }, false))).toBe('gru-after');
    expect(cellOf(files({ use_bias: false }, false), 'gru')).toBe('gru');
    expect(() => cellOf(files({ use_bias: false }, false))).toThrow(/--cell gru or gru-after/);
    expect(() => cellOf(files({}, true), 'lstm')).toThrow(/its cell is gru-after/);
  });

  it('tells where Keras computes less exactly', () => {
    const half = (dtype: unknown) =>
      readKeras(
        converted({ ...keras2, layers: keras2.layers.with(2, { class_name: 'GRU', config: { ...gruConfig, dtype } }) }),
        { vocabulary },
      ).remarks;
    expect(half(named('keras', 'DTypePolicy', { name: 'mixed_float16' }))).toEqual([
      expect.stringContaining('precision'),
    ]);
    expect(half('bfloat16')).toEqual([expect.stringContaining('precision')]);
    expect(half('float32')).toEqual([]);
  });

  it('has halves of numbers read as what they are', () => {
    const halves: [bits: number, value: number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x3555, 0.333251953125],
      [0x0001, 2 ** -24],
      [0x83ff, -1023 * 2 ** -24],
      [0x7bff, 65504],
      [0x8000, -0],
    ];
    const data = Array.from({ length: H * V }, (_, i) => halves[i % halves.length]![0]);
    const weights = keras2.weights.with(0, { name: 'dense/kernel', shape: [H, V], data, quantized: 'float16' });
    const { file } = readKeras(converted({ ...keras2, weights }), { vocabulary });
    const read = parameterViews(parameterLayout(file.model), file.parameters)['V']!;
    for (const [i, value] of read.entries()) expect(value).toBe(halves[i % halves.length]![1]);
  });
});

describe('what cannot be carried over', () => {
  type Config = Readonly<Record<string, unknown>>;
  const withLayer = (index: number, config: Config, class_name?: string) => {
    const layer = keras2.layers[index]!;
    return converted({
      ...keras2,
      layers: keras2.layers.with(index, {
        class_name: class_name ?? layer.class_name,
        config: { ...layer.config, ...config },
      }),
    });
  };
  const gru = (config: Config, className?: string) => withLayer(2, config, className);
  const dense = (config: Config, className?: string) => withLayer(3, config, className);
  const inserted = (index: number, class_name: string, config: Config = {}) =>
    converted({
      ...keras2,
      layers: keras2.layers.toSpliced(index, 0, { class_name, config: { name: 'new', ...config } }),
    });
  const { recurrent_activation, ...withoutActivation } = gruConfig;

  it.each<[what: string, files: NamedFile[], message: RegExp]>([
    ['the last state alone', gru({ return_sequences: false }), /gru.*last state alone.*return_sequences=True/],
    ['return_sequences that is not there', gru({ return_sequences: undefined }), /gru.*return_sequences=True/],
    ['reading backwards', gru({ go_backwards: true }), /gru.*backwards/],
    ['time before the batch', gru({ time_major: true }), /time_major/],
    [
      'hard sigmoid',
      gru({ recurrent_activation: 'hard_sigmoid' }),
      /gru.*“hard_sigmoid”.*recurrent_activation.*sigmoid/,
    ],
    [
      'hard sigmoid, the default of the format',
      converted({ ...keras2, layers: keras2.layers.with(2, { class_name: 'GRU', config: withoutActivation }) }),
      /“hard_sigmoid”/,
    ],
    ['another activation', gru({ activation: 'relu' }), /gru.*“relu”.*activation/],
    ['no activation', gru({ activation: null }), /gru.*“linear”/],
    ['an RNN with ReLU', gru({ activation: 'relu' }, 'SimpleRNN'), /“relu”.*tanh or sigmoid/],
    ['a mask for symbol 0', withLayer(1, { mask_zero: true }), /embedding.*mask_zero/],
    ['Masking', inserted(2, 'Masking'), /new.*Masking.*leaves out timesteps/],
    ['Bidirectional', gru({}, 'Bidirectional'), /Bidirectional.*backwards/],
    ['stacked cells', gru({ cell: { class_name: 'StackedRNNCells', config: {} } }, 'RNN'), /RNN.*cells of its own/],
    ['CuDNNGRU', gru({}, 'CuDNNGRU'), /CuDNNGRU.*reset_after/],
    ['a layer of another kind', inserted(3, 'Conv1D'), /new.*Conv1D/],
    ['a layer named by an object’s property', inserted(3, 'constructor'), /constructor/],
    ['a second Dense layer', inserted(4, 'Dense', { units: 2 }), /new.*Dense.*place/],
    ['an activation between layers', inserted(3, 'Activation', { activation: 'relu' }), /new.*Activation.*place/],
    ['an output of another kind', dense({ activation: 'relu' }), /dense.*“relu”.*softmax, sigmoid or linear/],
    ['two activations', inserted(4, 'Softmax'), /new.*Softmax.*another activation/],
    ['a softmax along time', inserted(4, 'Softmax', { axis: 1 }), /new.*axis 1/],
    [
      'no output',
      converted({ ...keras2, layers: keras2.layers.slice(0, 3), weights: keras2.weights.slice(2) }),
      /no Dense layer/,
    ],
    [
      'another shape that goes in',
      withLayer(0, { batch_input_shape: [null, null, 7] }),
      /embedding_input.*another shape than \[batch, time\]/,
    ],
    ['a bias that is not there', dense({ use_bias: false }), /dense.*bias/],
    ['a bias of the other GRU', gru({ reset_after: false }), /gru.*reset_after false/],
    [
      'a quantized weight',
      converted({ ...keras2, weights: keras2.weights.with(0, { ...keras2.weights[0]!, quantized: 'uint8' }) }),
      /“dense\/kernel”.*uint8.*without quantization/,
    ],
    [
      'initial states that go in',
      converted({
        ...keras2,
        model: functionalOf(
          (layer) => [
            [
              [layer, 0, 0, {}],
              ['state', 0, 0, {}],
            ],
          ],
          [['dense', 0, 0]],
        ),
      }),
      /reads 2 things/,
    ],
    [
      'a call with an option',
      converted({
        ...keras2,
        model: functionalOf((layer) => [[[layer, 0, 0, { training: true }]]], [['dense', 0, 0]]),
      }),
      /“training”/,
    ],
    [
      'two outputs',
      converted({
        ...keras2,
        model: functionalOf(
          (layer) => [[[layer, 0, 0, {}]]],
          [
            ['dense', 0, 0],
            ['gru', 0, 0],
          ],
        ),
      }),
      /exactly one output/,
    ],
    [
      'a layer aside of the chain',
      converted({ ...keras2, model: functionalOf((layer) => [[[layer, 0, 0, {}]]], [['gru', 0, 0]]) }),
      /“dense” is aside/,
    ],
    [
      'a chain that bites its tail',
      converted({ ...keras2, model: functionalOf(() => [[['dense', 0, 0, {}]]], [['dense', 0, 0]]) }),
      /not a chain/,
    ],
    ['a model of another class', converted({ ...keras2, model: { class_name: 'MyModel' } }), /“MyModel”/],
    ['a graph model', converted({ ...keras2, top: { format: 'graph-model' } }), /graph model.*tfjs_layers_model/],
  ])('is refused by name: %s', (_, files, message) => {
    expect(() => readKeras(files, { vocabulary })).toThrow(message);
  });

  it('is refused by name: layers that are not alike', () => {
    const second = (class_name: string, config: Config, gates: number, units: number, biasRows: number[]) =>
      converted({
        layers: keras2.layers.toSpliced(3, 0, { class_name, config: { ...gruConfig, name: 'second', ...config } }),
        weights: [
          ...keras2.weights,
          { name: 'second/kernel', ...draw(7, H, gates * units) },
          { name: 'second/recurrent_kernel', ...draw(8, units, gates * units) },
          { name: 'second/bias', ...draw(9, ...biasRows, gates * units) },
        ],
      });
    const options = { vocabulary };
    expect(() => readKeras(second('LSTM', {}, 4, H, []), options)).toThrow(/second.*lstm.*gru-after.*alike/);
    expect(() => readKeras(second('GRU', { reset_after: false }, 3, H, []), options)).toThrow(
      /second.*gru.*gru-after.*alike/,
    );
    expect(() => readKeras(second('GRU', { units: 2 }, 3, 2, [2]), options)).toThrow(/second.*2 units.*4.*alike/);
  });

  it('is refused where a small embedding and a small layer would make a matrix without measure', () => {
    const [symbols, units] = [2 ** 17, 342];
    const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
    const files = converted({
      layers: keras2.layers
        .with(1, { class_name: 'Embedding', config: { ...embeddingConfig, input_dim: symbols, output_dim: 1 } })
        .with(2, { class_name: 'GRU', config: { ...gruConfig, units } }),
      weights: [
        { name: 'embedding/embeddings', ...zeros(symbols, 1) },
        { name: 'gru/kernel', ...zeros(1, 3 * units) },
        { name: 'gru/recurrent_kernel', ...zeros(units, 3 * units) },
        { name: 'gru/bias', ...zeros(2, 3 * units) },
        { name: 'dense/kernel', ...zeros(units, V) },
        { name: 'dense/bias', ...zeros(V) },
      ],
    });
    expect(() => readKeras(files, {})).toThrow(/embedding.*131072 symbols/);
  });

  it('is refused where it is no file beside the model.json', () => {
    for (const path of [
      '../weights.bin',
      'a/b.bin',
      'https://example.org/w.bin',
      '..',
      '',
      'C:w.bin',
      'a\\b',
      '/w',
      'w\n',
      7,
      ['w'],
    ]) {
      const json = converted({ ...keras2, top: { weightsManifest: [{ paths: [path], weights: [] }] } }).at(-1)!;
      expect(() => shardsOf(json.bytes), String(path)).toThrow(/a file beside it/);
    }
  });

  it('is refused where nobody has a use for it: a mapping file', () => {
    expect(() => readKeras(converted(keras2), { vocabulary, map: '{}' })).toThrow(/mapping file/);
  });
});
