import { FileError } from '../../files/error.ts';
import type { ModelFile } from '../../files/model-file.ts';
import { describeCell } from '../../model/cells/cells.ts';
import type { ModelConfiguration, Output } from '../../model/configuration.ts';
import { type FusedLayer, fuse, type Matrix, transposed } from '../fused.ts';
import { tagsOf } from '../network.ts';
import { cellOperators, gateOrders } from './cells.ts';
import { type Attribute, elementTypes, encodeModel, type Node, type Tensor, type ValueInfo } from './schema.ts';

/** What runtimes of 2021 know already. */
const [irVersion, opset] = [7, 14];
/** No protocol buffer is longer, and what is not weights takes some of it. */
const mostBytes = 2 ** 31 - 2 ** 24;

/** What the last operator makes of the logits, and what comes out is called. */
const ends: Readonly<Record<Output, { readonly operator?: string; readonly name: string }>> = {
  'log-softmax': { operator: 'LogSoftmax', name: 'log_probabilities' },
  sigmoid: { operator: 'Sigmoid', name: 'probabilities' },
  linear: { name: 'outputs' },
};

/**
 * A network as an ONNX file. In go `tokens` `[batch][time]`, int64, or `inputs` `[batch][time][I]`, and the states before the
 * first timestep, `h0` `[layers][batch or 1][H]`, for an LSTM `c0` too: one row of them stands for all rows of the batch. Out
 * come `log_probabilities`, `probabilities` (of σ) or `outputs` `[batch][time][O]`, and the states after the last timestep,
 * `hn` and `cn` `[layers][batch][H]`, with which the next call goes on.
 *
 * @throws FileError if the network is larger than such a file can be
 */
export function writeOnnx(file: ModelFile): Uint8Array<ArrayBuffer> {
  const { model, parameters } = file;
  if (parameters.byteLength > mostBytes) {
    throw new FileError('The network is larger than 2 GB, which is the most that an ONNX file can hold.');
  }
  const { layers, output } = fuse(model, gateOrders[model.cell], parameters);
  const graph = new GraphWriter();
  const states = describeCell(model.cell).states;
  const source = sourceOf(model);
  // Layers read [time][batch][…].
  let reads = graph.add('Transpose', [source.name], { perm: ints(source.shape.map((_, i) => [1, 0, 2][i]!)) });
  if (model.inputs === 'symbols') {
    reads = graph.add('OneHot', [reads, graph.integer('symbols', model.inputSize), graph.numbers('off_on', [0, 1])]);
  }
  const batch = graph.add('Gather', [graph.add('Shape', [source.name]), graph.integers('first', [0])]);
  const rows = graph.add('Concat', [graph.integers('one', [1]), batch, graph.integers('one', [1])], { axis: int(0) });
  const initial = states.map((state) => graph.add('Expand', [`${state}0`, rows]));
  const last = states.map((): string[] => []);
  for (const [index, layer] of layers.entries()) {
    const which = graph.integers(`layer_${index}`, [index]);
    const before = initial.map((all) => graph.add('Gather', [all, which], { axis: int(0) }));
    const [sequence, ...after] = graph.addLayer(model, index, layer, [reads, before]);
    for (const [i, state] of after.entries()) last[i]!.push(state);
    reads = graph.add('Squeeze', [sequence!, graph.integers('directions', [1])]);
  }
  for (const [i, state] of states.entries()) graph.add('Concat', last[i]!, { axis: int(0) }, `${state}n`);
  const { operator, name } = ends[model.output];
  const batchFirst = graph.add('Transpose', [reads], { perm: ints([1, 0, 2]) });
  const products = graph.add('MatMul', [batchFirst, graph.matrix('V', transposed(output.weight))]);
  const bias = graph.floats('output_bias', [model.outputSize], output.bias!);
  const logits = graph.add('Add', [products, bias], {}, operator === undefined ? name : undefined);
  if (operator === 'LogSoftmax') graph.add(operator, [logits], { axis: int(-1) }, name);
  else if (operator !== undefined) graph.add(operator, [logits], {}, name);

  const { layers: L, hiddenSize: H, outputSize: O } = model;
  // With a default they could be left out, but ONNX Runtime in JavaScript then takes none that are given.
  const stateInputs = states.map((state) =>
    float(
      `${state}0`,
      [L, 'batch_or_1', H],
      `${state} before the first timestep; one row stands for all, zeros for none`,
    ),
  );
  const stateOutputs = states.map((state) => float(`${state}n`, [L, 'batch', H], `${state} after the last timestep`));
  return encodeModel({
    irVersion,
    producer: 'Sluice',
    opsets: new Map([['', opset]]),
    graph: {
      name: 'network',
      description: `A network of Sluice: ${describeCell(model.cell).title}, layers: ${L}, units in each: ${H}`,
      nodes: graph.nodes,
      initializers: [...graph.initializers.values()],
      inputs: [source, ...stateInputs],
      outputs: [float(name, ['batch', 'time', O]), ...stateOutputs],
    },
    metadata: tagsOf(file),
  });
}

const float = (name: string, shape: readonly (number | string)[], description = ''): ValueInfo => ({
  name,
  description,
  type: elementTypes.float,
  shape,
});

/** What goes into the network. */
const sourceOf = ({ inputs, inputSize }: ModelConfiguration): ValueInfo & { readonly shape: readonly unknown[] } =>
  inputs === 'symbols'
    ? { name: 'tokens', description: 'symbols, by their numbers', type: elementTypes.int64, shape: ['batch', 'time'] }
    : { ...float('inputs', []), shape: ['batch', 'time', inputSize] };

const int = (value: number): Attribute => ({ type: 'int', value });
const ints = (value: readonly number[]): Attribute => ({ type: 'ints', value });
const strings = (value: readonly string[]): Attribute => ({ type: 'strings', value });

/** Collects the nodes of a graph, and the constants that they read. */
class GraphWriter {
  readonly nodes: Node[] = [];
  readonly initializers = new Map<string, Tensor>();

  /**
   * Adds a node of one output.
   *
   * @returns the name of what it makes: `output`, or a new one
   */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output?: string,
  ): string {
    const name = `${operator}_${this.nodes.length}`;
    this.#push(name, operator, inputs, [output ?? name], attributes);
    return output ?? name;
  }

  /** Adds a layer, which makes its states at every timestep, `[time][1][batch][H]`, and after the last, `[1][batch][H]`. */
  addLayer(
    { cell, hiddenSize: H }: ModelConfiguration,
    index: number,
    { input, recurrent, inputBias, recurrentBias }: FusedLayer,
    [reads, states]: readonly [string, readonly string[]],
  ): readonly string[] {
    const { operator, activations, resetAfter } = cellOperators[cell];
    const weights = (name: string, { rows, columns, data }: Matrix) =>
      this.floats(`${name}_${index}`, [1, rows, columns], data);
    const bias = new Float32Array([...inputBias!, ...recurrentBias!]);
    const inputs = [
      reads,
      weights('W', input),
      weights('R', recurrent),
      this.floats(`B_${index}`, [1, bias.length], bias),
      '',
      ...states,
    ];
    const name = `layer_${index + 1}`;
    const outputs = ['', ...states.map((_, i) => `_last_${i}`)].map((end) => `${name}${end || '_states'}`);
    this.#push(name, operator, inputs, outputs, {
      hidden_size: int(H),
      activations: strings(activations),
      ...(resetAfter !== undefined && { linear_before_reset: int(Number(resetAfter)) }),
    });
    return outputs;
  }

  #push(
    name: string,
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, Attribute>,
  ): void {
    this.nodes.push({ operator, domain: '', name, inputs, outputs, attributes: new Map(Object.entries(attributes)) });
  }

  /** The name of a constant, here of numbers `[R, C]`; */
  matrix(name: string, { rows, columns, data }: Matrix): string {
    return this.floats(name, [rows, columns], data);
  }

  /** of numbers in any shape; */
  floats(name: string, dims: readonly number[], data: Float32Array<ArrayBuffer>): string {
    return this.#constant(
      name,
      elementTypes.float,
      dims,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }

  /** of numbers in a row; */
  numbers(name: string, values: readonly number[]): string {
    return this.floats(name, [values.length], Float32Array.from(values));
  }

  /** of whole numbers in a row; */
  integers(name: string, values: readonly number[]): string {
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant(name, elementTypes.int64, [values.length], raw);
  }

  /** of one whole number. */
  integer(name: string, value: number): string {
    return this.#constant(name, elementTypes.int64, [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  #constant(name: string, type: number, dims: readonly number[], raw: Uint8Array<ArrayBuffer>): string {
    this.initializers.set(name, { name, type, dims, raw });
    return name;
  }
}
