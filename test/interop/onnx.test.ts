import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../src/engine/engine.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import type { ModelFile } from '../../src/files/model-file.ts';
import { readOnnx } from '../../src/interop/onnx/read.ts';
import { decodeModel } from '../../src/interop/onnx/schema.ts';
import { writeOnnx } from '../../src/interop/onnx/write.ts';
import { cells, statesOf } from '../../src/model/cells/cells.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { type Numbers, runOnnx } from './onnx-runtime.ts';

const random = new Random(12);
const drawn = (length: number) => Float32Array.from({ length }, () => 2 * random.uniform() - 1);

const symbols = (size: number) => new Vocabulary([...'abcdefghijklmnopqrstuvwxyz'].slice(0, size));

/** A network with parameters that are not small, so that its gates have something to say. */
function network(model: ModelConfiguration): ModelFile {
  const parameters = drawn(parameterLayout(model).length);
  return { model, parameters, ...(model.inputs === 'symbols' && { vocabulary: symbols(model.inputSize) }) };
}

/** What goes in, with rows first: `[B][T]` symbols or `[B][T][I]` numbers. */
function drawnInputs({ inputs, inputSize: I }: ModelConfiguration, B: number, T: number): Numbers {
  if (inputs === 'vectors') return { dims: [B, T, I], data: drawn(B * T * I) };
  return { dims: [B, T], data: Uint32Array.from({ length: B * T }, () => random.integer(I)) };
}

/** The same numbers with their first two dimensions exchanged. */
function exchanged<Data extends Float32Array | Uint32Array>({
  dims,
  data,
}: {
  dims: readonly number[];
  data: Data;
}): Data {
  const [A, B, ...rest] = dims as [number, number];
  const length = rest.reduce((product: number, size) => product * size, 1);
  return data.map((_, i) => {
    const [place, j] = [Math.floor(i / length), i % length];
    return data[((place % A) * B + Math.floor(place / A)) * length + j]!;
  }) as Data;
}

/** What the textbook makes of the same, `[T][B][O]`, from states `[S][B][H]`. */
async function trace(
  { model, parameters }: ModelFile,
  inputs: Numbers,
  start: 'zero' | Float32Array<ArrayBuffer> = 'zero',
): Promise<Trace> {
  const [rows, timesteps] = inputs.dims as [number, number];
  const session = await new ReferenceEngine().open(model, { rows, timesteps });
  session.write({ ...initialState(model, { rows, timesteps }, 0), parameters });
  const targets = model.output === 'log-softmax' || (model.output === 'sigmoid' && model.inputs === 'symbols');
  return session.trace({
    rows,
    timesteps,
    inputs: exchanged(inputs) as Uint32Array<ArrayBuffer>,
    targets: targets ? new Uint32Array(rows * timesteps) : new Float32Array(rows * timesteps * model.outputSize),
    initialState: start,
  });
}

/** What goes into and comes out of the states by a name, `[layers][B][H]`, of all states `[S][B][H]`. */
const statesNamed = (model: ModelConfiguration, name: string, all: Float32Array<ArrayBuffer>) => {
  const length = all.length / statesOf(model).length;
  const parts = statesOf(model).flatMap((state, i) =>
    state.name === name ? [all.subarray(i * length, (i + 1) * length)] : [],
  );
  return Float32Array.from(parts.flatMap((part) => [...part]));
};

/** The states after the last timestep, `[layers][B][H]`. */
const lastStates = ({ layers }: Trace, name: string, length: number) =>
  layers.flatMap(({ states }) => [...states[name]!.slice(-length)]);

const stateNames = (model: ModelConfiguration) => [...new Set(statesOf(model).map(({ name }) => name))];

/** Zero states for all rows, one row of them. */
const fromZero = (model: ModelConfiguration) =>
  Object.fromEntries(
    stateNames(model).map((name) => [
      `${name}0`,
      { dims: [model.layers, 1, model.hiddenSize], data: new Float32Array(model.layers * model.hiddenSize) },
    ]),
  );

/** Probabilities where the graph has their logarithms, as traces have them. */
const asTraced = ({ output }: ModelConfiguration, data: Float32Array) =>
  output === 'log-softmax' ? data.map(Math.exp) : data;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.length).toBeGreaterThan(0);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  expect(largest).toBeLessThan(tolerance);
}

const bitsOf = ({ parameters }: ModelFile) =>
  Buffer.from(parameters.buffer, parameters.byteOffset, parameters.byteLength);

const outputNames = { 'log-softmax': 'log_probabilities', sigmoid: 'probabilities', linear: 'outputs' } as const;

const kinds = [
  { inputs: 'symbols', outputSize: 6, output: 'log-softmax', cost: 'cross-entropy' },
  { inputs: 'symbols', outputSize: 6, output: 'sigmoid', cost: 'squared-error' },
  { inputs: 'vectors', outputSize: 2, output: 'linear', cost: 'squared-error' },
  { inputs: 'vectors', outputSize: 4, output: 'log-softmax', cost: 'cross-entropy' },
  { inputs: 'vectors', outputSize: 3, output: 'sigmoid', cost: 'cross-entropy' },
] as const;

const models = cells.flatMap((cell) =>
  [1, 2].flatMap((layers) =>
    kinds.map((kind): ModelConfiguration => ({ cell, layers, ...kind, inputSize: 6, hiddenSize: 5 })),
  ),
);

describe.each(models)('An ONNX file of $cell, layers: $layers, $inputs in, $output out', (model) => {
  const file = network(model);
  const bytes = writeOnnx(file);
  const source = model.inputs === 'symbols' ? 'tokens' : 'inputs';
  const [B, T, H] = [3, 7, model.hiddenSize];
  const inputs = drawnInputs(model, B, T);

  it('makes in ONNX Runtime what Sluice makes, from zero', async () => {
    const results = await runOnnx(bytes, { [source]: inputs, ...fromZero(model) });
    const result = results[outputNames[model.output]]!;
    expect(result.dims).toEqual([B, T, model.outputSize]);
    const traced = await trace(file, inputs);
    expectClose(asTraced(model, exchanged(result)), traced.outputs);
    for (const name of stateNames(model)) {
      expect(results[`${name}n`]!.dims).toEqual([model.layers, B, H]);
      expectClose(results[`${name}n`]!.data, lastStates(traced, name, B * H));
    }
  });

  it('goes on from states, and step by step as at once', async () => {
    const start = drawn(statesOf(model).length * B * H);
    let states: Record<string, Numbers> = Object.fromEntries(
      stateNames(model).map((name) => [
        `${name}0`,
        { dims: [model.layers, B, H], data: statesNamed(model, name, start) },
      ]),
    );
    const traced = await trace(file, inputs, start);
    const whole = await runOnnx(bytes, { [source]: inputs, ...states });
    expectClose(asTraced(model, exchanged(whole[outputNames[model.output]]!)), traced.outputs);
    const timesteps = exchanged(inputs);
    const length = timesteps.length / T;
    const outputs: number[] = [];
    for (let t = 0; t < T; t++) {
      const data = timesteps.slice(t * length, (t + 1) * length);
      const results = await runOnnx(bytes, { [source]: { dims: [B, 1, ...inputs.dims.slice(2)], data }, ...states });
      outputs.push(...asTraced(model, results[outputNames[model.output]]!.data));
      states = Object.fromEntries(stateNames(model).map((name) => [`${name}0`, results[`${name}n`]!]));
    }
    expectClose(outputs, traced.outputs);
    for (const name of stateNames(model)) expectClose(states[`${name}0`]!.data, lastStates(traced, name, B * H));
  });

  it('comes in again with the same bits', () => {
    const { file: again, remarks } = readOnnx(bytes, {});
    expect(again.model).toEqual(model);
    expect(again.vocabulary?.symbols).toEqual(file.vocabulary?.symbols);
    expect(bitsOf(again).equals(bitsOf(file))).toBe(true);
    expect(remarks).toEqual([]);
    expect(Buffer.from(writeOnnx(again)).equals(Buffer.from(bytes))).toBe(true);
  });
});

describe('An ONNX file', () => {
  const model = models.find(({ inputs, output }) => inputs === 'symbols' && output === 'log-softmax')!;

  it('keeps zeros with their signs, the smallest numbers, and the names of symbols and classes', () => {
    for (const cell of cells) {
      const classes = ['«__proto__»', '', 'c'];
      const odd = { ...model, cell, layers: 2, outputSize: 3, inputSize: 3 };
      const file = { ...network({ ...odd }), vocabulary: new Vocabulary(['\n', '"', '😀']), classes };
      file.parameters.forEach((_, i) => {
        file.parameters[i] = [0, -0, 2 ** -149, -(2 ** -149), 0.1][i % 5]!;
      });
      const again = readOnnx(writeOnnx(file), {}).file;
      expect(again).toEqual(file);
      expect(bitsOf(again).equals(bitsOf(file))).toBe(true);
    }
  });

  it('leaves the batch and time open, and says what goes in and comes out', () => {
    const { graph } = decodeModel(writeOnnx(network({ ...model, cell: 'lstm', layers: 2 })));
    const said = (values: typeof graph.inputs) => values.map(({ name, shape }) => `${name} ${shape!.join(' ')}`);
    expect(said(graph.inputs)).toEqual(['tokens batch time', 'h0 2 batch_or_1 5', 'c0 2 batch_or_1 5']);
    expect(said(graph.outputs)).toEqual(['log_probabilities batch time 6', 'hn 2 batch 5', 'cn 2 batch 5']);
  });

  it('takes a person’s vocabulary, if it has none, or another', () => {
    const { vocabulary, ...rest } = network(model);
    const bytes = writeOnnx(rest);
    expect(vocabulary).toBeDefined();
    expect(() => readOnnx(bytes, {})).toThrow(/reads 6 symbols, and the file does not say which/);
    expect(readOnnx(bytes, { vocabulary: new Vocabulary([...'uvwxyz']) }).file.vocabulary!.symbols).toEqual([
      ...'uvwxyz',
    ]);
    expect(() => readOnnx(bytes, { vocabulary: new Vocabulary([...'uvw']) })).toThrow(/has 3 symbols, .* reads 6/);
  });
});

const shared = '../shared/interop';
const sharedFiles = existsSync(shared) ? readdirSync(shared).filter((file) => file.endsWith('.onnx')) : [];

/** What PyTorch puts out for tokens, from zero. */
interface Expected {
  readonly vocabulary: string[];
  readonly tokens: number[][];
  readonly logProbabilities: number[][][];
}

describe.skipIf(sharedFiles.length === 0)('PyTorch’s ONNX files', () => {
  it.each(sharedFiles)('%s makes here what it makes there', async (name) => {
    const { vocabulary, tokens, logProbabilities } = JSON.parse(
      readFileSync(`${shared}/${name.replace('.onnx', '.expected.json')}`, 'utf8'),
    ) as Expected;
    const { file, remarks } = readOnnx(new Uint8Array(readFileSync(`${shared}/${name}`)), {
      vocabulary: new Vocabulary(vocabulary),
    });
    expect(remarks).toEqual([]);
    expect(name).toContain({ 'gru-after': 'gru', lstm: 'lstm', 'rnn-tanh': 'rnn-tanh' }[file.model.cell as 'lstm']);
    const dims = [tokens.length, tokens[0]!.length];
    const { outputs } = await trace(file, { dims, data: Uint32Array.from(tokens.flat()) });
    const expected = { dims: [...dims, vocabulary.length], data: Float32Array.from(logProbabilities.flat(2)) };
    expectClose(outputs.map(Math.log), exchanged(expected));
    const again = readOnnx(writeOnnx(file), {}).file;
    expect(bitsOf(again).equals(bitsOf(file))).toBe(true);
  });

  it('ask for their symbols', () => {
    const bytes = new Uint8Array(readFileSync(`${shared}/${sharedFiles[0]}`));
    expect(() => readOnnx(bytes, {})).toThrow(/reads 19 symbols/);
  });
});

/** Files beside this one: see `onnx/README.md`. */
const exported = (name: string) => new Uint8Array(readFileSync(new URL(`./onnx/${name}.onnx`, import.meta.url)));

const B = 3;
const foreign: Record<
  string,
  {
    readonly model: Partial<ModelConfiguration>;
    readonly dims: number[];
    readonly states: string[];
    readonly timeFirst?: true;
  }
> = {
  'flattened-opset-9': { model: { cell: 'gru-after', layers: 2 }, dims: [B, 6], states: ['h0'] },
  'there-and-back-opset-16': { model: { cell: 'rnn-tanh', layers: 1 }, dims: [B, 6], states: ['h0'] },
  'time-first-unfolded-opset-13': {
    model: { cell: 'gru-after', layers: 2 },
    dims: [6, B],
    states: [],
    timeFirst: true,
  },
  'vectors-opset-9': { model: { cell: 'lstm', layers: 2, output: 'sigmoid' }, dims: [B, 6, 3], states: ['h', 'c'] },
  'vectors-unfolded-opset-16': {
    model: { cell: 'lstm', layers: 2, output: 'sigmoid' },
    dims: [B, 6, 3],
    states: ['h', 'c'],
  },
  'classes-second-opset-16': { model: { cell: 'gru-after', layers: 1 }, dims: [B, 6], states: [] },
  'one-row-opset-11': { model: { cell: 'rnn-tanh', layers: 1 }, dims: [1, 6], states: ['h0'] },
  'step-opset-16': { model: { cell: 'gru-after', layers: 1 }, dims: [B], states: ['h'] },
};

describe('What PyTorch’s users export makes here what it makes in ONNX Runtime:', () => {
  it.each(Object.entries(foreign))('%s', async (name, { model, dims, states, timeFirst }) => {
    const bytes = exported(name);
    const vectors = dims.length === 3;
    const { file } = readOnnx(bytes, vectors ? {} : { vocabulary: symbols(7) });
    expect(file.model).toMatchObject(model);
    const { layers, hiddenSize, outputSize, output } = file.model;
    const [rows, timesteps] = (timeFirst ? [dims[1], dims[0]] : [dims[0], dims[1] ?? 1]) as [number, number];
    const inputs = drawnInputs(file.model, rows, timesteps);
    const zero = { dims: [layers, rows, hiddenSize], data: new Float32Array(layers * rows * hiddenSize) };
    const results = await runOnnx(bytes, {
      [vectors ? 'x' : 'tokens']: { dims, data: timeFirst ? exchanged(inputs) : inputs.data },
      ...Object.fromEntries(states.map((state) => [state, zero])),
    });
    // Its output is the first that it names.
    const result = results[decodeModel(bytes).graph.outputs[0]!.name]!;
    let data = result.data;
    if (name.startsWith('classes-second')) {
      // [B][O][T] → [B][T][O]
      data = data.map((_, i) => {
        const [b, t, o] = [
          Math.floor(i / (timesteps * outputSize)),
          Math.floor(i / outputSize) % timesteps,
          i % outputSize,
        ];
        return result.data[(b * outputSize + o) * timesteps + t]!;
      });
    }
    const arranged = timeFirst ? data : exchanged({ dims: [rows, timesteps, outputSize], data });
    const traced = (await trace(file, inputs)).outputs;
    // Where the graph ends in logits, its log-probabilities are these less what makes the sum of probabilities 1.
    const isLogits = output === 'log-softmax' && !bytesHave(bytes, 'Softmax');
    expectClose(output === 'log-softmax' ? probabilities(arranged, outputSize, isLogits) : arranged, traced);
  });
});

const bytesHave = (bytes: Uint8Array, word: string) => Buffer.from(bytes).includes(word);

/** exp, and of logits the softmax. */
function probabilities(data: Float32Array, size: number, isLogits: boolean): Float32Array {
  const powers = data.map(Math.exp);
  if (!isLogits) return powers;
  return powers.map((power, i) => {
    const first = i - (i % size);
    return power / powers.slice(first, first + size).reduce((sum, each) => sum + each, 0);
  });
}
