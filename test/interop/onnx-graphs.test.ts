import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/files/error.ts';
import type { ModelFile } from '../../src/files/model-file.ts';
import { readOnnx } from '../../src/interop/onnx/read.ts';
import { elementTypes, type Tensor } from '../../src/interop/onnx/schema.ts';
import { mostLayers } from '../../src/model/configuration.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import {
  addConstants,
  type ChangeableGraph,
  changed,
  float,
  floats,
  insertAfter,
  int,
  integers,
  ints,
  node,
  nodeOf,
  replaceConstant,
  smallNetwork,
  string,
  strings,
} from './onnx-graphs.ts';

const gru = smallNetwork();
const lstm = smallNetwork('lstm');
const deep = smallNetwork('gru', 2);
const rnn = smallNetwork('rnn-tanh');
const series = smallNetwork('gru', 1, { inputs: 'vectors', output: 'linear', cost: 'squared-error' });

/** Another numbers' type, and how it holds a number. */
const asType: Record<string, (tensor: Tensor) => Tensor> = {
  'a list of float32': ({ raw, ...tensor }) => ({ ...tensor, floats: raw }),
  float64: (tensor) => ({ ...tensor, type: elementTypes.double, raw: doubles(tensor) }),
  'a list of float64': ({ raw, ...tensor }) => ({
    ...tensor,
    type: elementTypes.double,
    doubles: doubles({ ...tensor, raw }),
  }),
  float16: (tensor) => ({
    ...tensor,
    type: elementTypes.float16,
    raw: new Uint8Array(Uint16Array.from(halves(tensor)).buffer),
  }),
  'a list of float16': ({ raw, ...tensor }) => ({
    ...tensor,
    type: elementTypes.float16,
    integers: halves({ ...tensor, raw }),
  }),
  bfloat16: (tensor) => ({
    ...tensor,
    type: elementTypes.bfloat16,
    raw: new Uint8Array(Uint16Array.from(upperHalves(tensor)).buffer),
  }),
};

const numbersOf = ({ raw }: Tensor) => new Float32Array(raw!.slice().buffer);
const doubles = (tensor: Tensor) => new Uint8Array(Float64Array.from(numbersOf(tensor)).buffer);
const upperHalves = ({ raw }: Tensor) => Array.from(new Uint32Array(raw!.slice().buffer), (word) => word >>> 16);
/** Of numbers that are 0 or at least 2⁻¹⁴, and whose fractions are short. */
const halves = ({ raw }: Tensor) =>
  Array.from(new Uint32Array(raw!.slice().buffer), (word) => {
    const exponent = ((word >>> 23) & 0xff) - 127 + 15;
    return ((word >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((word >>> 13) & 0x3ff));
  });

const isWeight = ({ name, type }: Tensor) => type === elementTypes.float && name !== 'off_on';

/** Lets layers and what is around them have the batch before time. */
function batchFirst(graph: ChangeableGraph): void {
  nodeOf(graph, 'Transpose').attributes.set('perm', ints(0, 1));
  nodeOf(graph, 'GRU').attributes.set('layout', int(1));
  graph.initializers.push(...([integers('two', [1], [2])] as ChangeableGraph['initializers']));
  nodeOf(graph, 'Squeeze').inputs[1] = 'two';
  nodeOf(graph, 'Transpose', 1).attributes.set('perm', ints(0, 1, 2));
}

/** Graphs that look otherwise than those that Sluice writes, and compute the same to the last bit. */
const same: Record<string, readonly [ModelFile, (graph: ChangeableGraph, opsets: Map<string, number>) => void]> = {
  ...Object.fromEntries(
    Object.entries(asType).map(([name, convert]) => [
      `its weights as ${name}`,
      [
        gru,
        (graph: ChangeableGraph) => {
          for (const tensor of graph.initializers.filter(isWeight)) replaceConstant(graph, convert(tensor));
        },
      ] as const,
    ]),
  ),
  'the batch before time': [gru, batchFirst],
  'symbols looked up in an identity': [
    gru,
    (graph) => {
      addConstants(graph, floats('identity', [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]));
      const oneHot = nodeOf(graph, 'OneHot');
      Object.assign(oneHot, { operator: 'Gather', inputs: ['identity', oneHot.inputs[0]!] });
    },
  ],
  'states that are zero unless they are given': [
    deep,
    (graph) => addConstants(graph, floats('h0', [2, 1, 2], [0, 0, 0, 0])),
  ],
  'the states of each layer by themselves': [
    deep,
    (graph) => {
      graph.inputs.pop();
      const layers = [0, 1].map((layer) => ({ name: `h_${layer}`, description: '', type: 1, shape: [1, 'batch', 2] }));
      graph.inputs.push(...layers);
      graph.nodes.unshift(node('Concat', ['h_0', 'h_1'], ['h0'], { axis: int(0) }));
    },
  ],
  'no states': [
    lstm,
    (graph) => Object.assign(nodeOf(graph, 'LSTM'), { inputs: nodeOf(graph, 'LSTM').inputs.slice(0, 4) }),
  ],
  'a constant of zeros for its states': [
    gru,
    (graph) => {
      graph.inputs.pop();
      addConstants(graph, floats('h0', [1, 1, 2], [0, -0]));
    },
  ],
  'its output as the product of Gemm': [
    rnn,
    (graph) => {
      const [product, sum] = [nodeOf(graph, 'MatMul'), nodeOf(graph, 'Add')];
      addConstants(graph, integers('flat', [2], [-1, 2]));
      graph.nodes.splice(graph.nodes.indexOf(product), 0, node('Reshape', [product.inputs[0]!, 'flat'], ['rows']));
      Object.assign(product, { operator: 'Gemm', inputs: ['rows', 'V', 'output_bias'], outputs: sum.outputs });
      graph.nodes.splice(graph.nodes.indexOf(sum), 1);
    },
  ],
  'a Dropout that is off': [gru, (graph) => insertAfter(graph, nodeOf(graph, 'Squeeze'), 'Dropout')],
  'an Identity and a Cast': [
    gru,
    (graph) => {
      insertAfter(graph, nodeOf(graph, 'OneHot'), 'Cast', [], { to: int(elementTypes.float) });
      nodeOf(graph, 'Cast').outputs[0] = 'cast';
      insertAfter(graph, nodeOf(graph, 'Cast'), 'Identity');
      nodeOf(graph, 'GRU').inputs[0] = 'inserted';
      nodeOf(graph, 'Identity').inputs[0] = 'cast';
    },
  ],
  'nodes that lead nowhere': [gru, (graph) => graph.nodes.push(node('Conv', ['tokens', 'V'], ['nowhere']))],
  'names that objects inherit': [
    gru,
    (graph) => {
      for (const [from, to] of [
        ['V', '__proto__'],
        ['h0', 'constructor'],
        ['OneHot_1', 'toString'],
      ]) {
        for (const { inputs, outputs } of graph.nodes) {
          for (const names of [inputs, outputs])
            names.splice(0, names.length, ...names.map((name) => (name === from ? to! : name)));
        }
        for (const named of [...graph.initializers, ...graph.inputs]) if (named.name === from) named.name = to!;
      }
    },
  ],
  'ONNX’ operators by their other name': [
    gru,
    (graph, opsets) => {
      opsets.clear();
      opsets.set('ai.onnx', 14);
      for (const each of graph.nodes) each.domain = 'ai.onnx';
    },
  ],
};

describe('An ONNX file is read to the last bit with', () => {
  it.each(Object.entries(same))('%s', (name, [file, change]) => {
    const bytes = changed(file, (graph, model) => change(graph, model.opsets));
    const read = readOnnx(bytes, {});
    expect(read.file).toEqual(file);
    expect(Buffer.from(read.file.parameters.buffer).equals(Buffer.from(file.parameters.buffer))).toBe(true);
    expect(read.remarks).toEqual(
      name.includes('Dropout') ? ['Dropout, which does nothing where a network is used, is left away.'] : [],
    );
  });

  it('an embedding, which is folded into the first layer', () => {
    // Symbols 0, 1, 2 as vectors of two numbers.
    const embedding = [1, 2, 0.5, -1, 0, 3];
    const bytes = changed(smallNetwork('gru', 1, { inputSize: 3 }), (graph) => {
      const oneHot = nodeOf(graph, 'OneHot');
      addConstants(graph, floats('embedding', [3, 2], embedding));
      Object.assign(oneHot, { operator: 'Gather', inputs: ['embedding', oneHot.inputs[0]!] });
      const rows = Array.from({ length: 12 }, (_, i) => i / 4);
      replaceConstant(graph, floats('W_0', [1, 6, 2], rows));
    });
    const { parameters } = readOnnx(bytes, {}).file;
    // U_z is the negative of ONNX' first two rows, [0, ¼] and [½, ¾], each times the embedding.
    const expected = [0, 1, 2].flatMap((symbol) =>
      [0, 1].map((row) => -(row * 0.5 * embedding[2 * symbol]! + (row * 0.5 + 0.25) * embedding[2 * symbol + 1]!)),
    );
    expect([...parameters.subarray(0, 6)]).toEqual(expected);
  });

  it('its logits alone, if somebody says what becomes of them', () => {
    const withoutTags = changed(series, (_, model) => model.metadata.clear());
    expect(() => readOnnx(withoutTags, {})).toThrow(/what becomes of the output/);
    expect(readOnnx(withoutTags, { output: 'log-softmax' }).file.model.output).toBe('log-softmax');
    expect(readOnnx(withoutTags, { output: 'linear' }).file).toEqual(series);
    const symbols = changed(gru, (graph, model) => {
      model.metadata.clear();
      graph.nodes.pop();
      graph.outputs[0]!.name = nodeOf(graph, 'Add').outputs[0]!;
    });
    expect(readOnnx(symbols, { vocabulary: new Vocabulary(['x', 'y', 'z']) }).file.model).toEqual(gru.model);
  });

  it('another output, of which it says that it is left away', () => {
    const bytes = changed(deep, (graph) => {
      const { outputs } = nodeOf(graph, 'Squeeze');
      graph.outputs.push({ ...graph.outputs[0]!, name: outputs[0]! });
    });
    const { file, remarks } = readOnnx(bytes, {});
    expect(file).toEqual(deep);
    expect(remarks).toEqual([expect.stringMatching(/output “Squeeze_\d+”.*left away/)]);
  });
});

const attribute =
  (operator: string, name: string, value: Parameters<ReturnType<typeof nodeOf>['attributes']['set']>[1]) =>
  (graph: ChangeableGraph) =>
    nodeOf(graph, operator).attributes.set(name, value);

const insertion =
  (after: string, operator: string, more: string[] = [], attributes: Parameters<typeof insertAfter>[4] = {}) =>
  (graph: ChangeableGraph) =>
    insertAfter(graph, nodeOf(graph, after), operator, more, attributes);

/** Lets a layer read something at another of its inputs. */
function reads(operator: string, index: number, tensor: Tensor) {
  return (graph: ChangeableGraph) => {
    const { inputs } = nodeOf(graph, operator);
    while (inputs.length < index) inputs.push('');
    inputs[index] = tensor.name;
    addConstants(graph, tensor);
  };
}

type Change = (graph: ChangeableGraph, opsets: Map<string, number>) => unknown;

const refused: Record<string, readonly [ModelFile, Change, RegExp]> = {
  'a layer that goes back': [gru, attribute('GRU', 'direction', string('reverse')), /GRU.*direction.*forward/],
  'a layer of two directions': [lstm, attribute('LSTM', 'direction', string('bidirectional')), /LSTM.*direction/],
  'clipped sums': [gru, attribute('GRU', 'clip', float(3)), /GRU.*clip/],
  'coupled gates': [lstm, attribute('LSTM', 'input_forget', int(1)), /LSTM.*input_forget/],
  'rows that end': [gru, reads('GRU', 4, integers('ends', [1], [1])), /GRU.*sequence_lens/],
  peepholes: [lstm, reads('LSTM', 7, floats('P', [1, 6], Array(6).fill(0))), /LSTM.*peepholes \(P\)/],
  'other activations': [rnn, attribute('RNN', 'activations', strings('Relu')), /RNN.*activations.*: relu\./],
  'a hard sigmoid': [gru, attribute('GRU', 'activations', strings('HardSigmoid', 'Tanh')), /hardsigmoid, tanh/],
  'parameters of activations': [
    gru,
    attribute('GRU', 'activation_alpha', ints(1)),
    /activation_alpha.*not of the type/,
  ],
  'other parameters of activations': [
    gru,
    attribute('GRU', 'activation_beta', { type: 'floats', value: [1] }),
    /GRU.*activation_beta/,
  ],
  'an attribute that nobody knows': [gru, attribute('GRU', 'output_sequence', int(1)), /GRU.*“output_sequence”/],
  'a third layout': [gru, attribute('GRU', 'layout', int(2)), /GRU.*layout/],
  'another number of units': [gru, attribute('GRU', 'hidden_size', int(3)), /GRU.*weights/],
  'states that start otherwise': [
    gru,
    reads('GRU', 5, floats('start', [1, 1, 2], [0, 1])),
    /GRU.*constant states.*not zero/,
  ],
  'states that are not zero unless they are given': [
    gru,
    (graph) => addConstants(graph, floats('h0', [1, 1, 2], [1, 0])),
    /Expand.*constants/,
  ],
  'states that are computed': [gru, insertion('Expand', 'Tanh'), /operator Tanh/],
  'states that the network reads as well': [
    series,
    (graph) => {
      nodeOf(graph, 'GRU').inputs[5] = 'inputs';
    },
    /GRU.*starts from states that are also/,
  ],
  'states that the network reads as well, among others': [
    series,
    (graph) => {
      graph.inputs.push({ name: 'h_1', description: '', type: 1, shape: [1, 'batch', 2] });
      graph.nodes.unshift(node('Concat', ['h_1', 'inputs'], ['both'], { axis: int(0) }));
      nodeOf(graph, 'GRU').inputs[5] = 'both';
    },
    /GRU.*starts from states that are also/,
  ],
  'layers of two cells': [
    deep,
    (graph) => nodeOf(graph, 'GRU', 1).attributes.set('linear_before_reset', int(1)),
    /GRU.*another cell.*gru\./,
  ],
  'layers along two dimensions': [
    deep,
    insertion('Squeeze', 'Transpose', [], { perm: ints(1, 0, 2) }),
    /GRU.*another dimension than the layer below/,
  ],
  'a part of the states': [
    deep,
    (graph) => {
      addConstants(graph, integers('a', [1], [0]), integers('b', [1], [1]));
      insertAfter(graph, nodeOf(graph, 'Squeeze', 1), 'Slice', ['a', 'b', 'a']);
    },
    /Slice.*takes a part/,
  ],
  'an operator after the layers': [gru, insertion('Squeeze', 'Relu'), /operator Relu.*has no such place/],
  'an operator of somebody’s own': [
    gru,
    (graph) => {
      insertAfter(graph, nodeOf(graph, 'Squeeze'), 'Identity').domain = 'com.example';
    },
    /operator com\.example\.Identity/,
  ],
  'an operator that holds a graph': [
    gru,
    (graph) => {
      nodeOf(graph, 'LogSoftmax').operator = 'If';
    },
    /operator If, “LogSoftmax_\d+”,/,
  ],
  'a Dropout that is on': [
    gru,
    (graph) => {
      addConstants(graph, { name: 'on', type: elementTypes.bool, dims: [], raw: Uint8Array.of(1) });
      insertAfter(graph, nodeOf(graph, 'Squeeze'), 'Dropout', ['', 'on']);
    },
    /Dropout.*is on/,
  ],
  'symbols as numbers': [gru, insertion('Transpose', 'Cast', [], { to: int(1) }), /Cast.*another kind/],
  'whole numbers of the states': [gru, insertion('Squeeze', 'Cast', [], { to: int(7) }), /Cast.*another kind/],
  'vectors that are not one-hot': [gru, (graph) => replaceConstant(graph, floats('off_on', [2], [0, 2])), /OneHot/],
  'one-hot vectors in another dimension': [gru, attribute('OneHot', 'axis', int(0)), /OneHot/],
  'a softmax over time': [gru, attribute('LogSoftmax', 'axis', int(1)), /LogSoftmax.*another axis/],
  'a softmax over all that follows, as it was once': [
    gru,
    (graph, opsets) => {
      opsets.set('', 11);
      nodeOf(graph, 'LogSoftmax').attributes.clear();
      for (const squeeze of graph.nodes.filter(({ operator }) => operator === 'Squeeze')) {
        squeeze.inputs.pop();
        squeeze.attributes.set('axes', ints(1));
      }
    },
    /LogSoftmax.*another axis/,
  ],
  'two softmaxes': [gru, insertion('Add', 'Softmax'), /LogSoftmax.*no such place/],
  'two linear outputs': [
    gru,
    (graph) => {
      addConstants(graph, floats('W2', [3, 3], Array(9).fill(1)));
      insertAfter(graph, nodeOf(graph, 'Add'), 'MatMul', ['W2']);
    },
    /MatMul.*no such place/,
  ],
  'a bias for each place': [
    gru,
    (graph) => replaceConstant(graph, floats('output_bias', [3, 1], [1, 2, 3])),
    /Add.*one number for each output/,
  ],
  'a bias alone': [gru, insertion('Squeeze', 'Add', ['output_bias']), /Add.*no such place/],
  'scaled logits': [
    gru,
    (graph) => {
      const product = nodeOf(graph, 'MatMul');
      product.operator = 'Gemm';
      product.attributes.set('alpha', float(2));
    },
    /Gemm.*alpha/,
  ],
  'dimensions taken away of which nobody says which': [
    gru,
    (graph) => void nodeOf(graph, 'Squeeze').inputs.pop(),
    /Squeeze.*anew/,
  ],
  'dimensions mixed up': [
    gru,
    (graph) => {
      addConstants(graph, integers('mixed', [3], [0, -1, 1]));
      insertAfter(graph, nodeOf(graph, 'Squeeze'), 'Reshape', ['mixed']);
    },
    /MatMul.*last dimension/,
  ],
  'the states of the last timestep alone': [
    gru,
    (graph) => {
      const { outputs } = nodeOf(graph, 'GRU');
      nodeOf(graph, 'MatMul').inputs[0] = outputs[1]!;
    },
    /MatMul.*last state alone/,
  ],
  'no output but the states': [gru, (graph) => graph.outputs.shift(), /ends in the states/],
  'no layer': [
    gru,
    (graph) => {
      graph.nodes = [node('Identity', ['tokens'], ['log_probabilities'])];
      graph.outputs.pop();
    },
    /no GRU, LSTM or RNN/,
  ],
  'several outputs': [
    gru,
    (graph) => {
      graph.nodes.push(node('Softmax', [nodeOf(graph, 'Add').outputs[0]!], ['too']));
      graph.outputs.push({ ...graph.outputs[0]!, name: 'too' });
    },
    /several outputs, “log_probabilities” and “too”/,
  ],
  'states of other layers': [
    gru,
    (graph) => {
      const layer = nodeOf(graph, 'GRU');
      graph.nodes.push({ ...layer, name: 'other', outputs: ['y', 'other'] });
      graph.outputs.push({ ...graph.outputs[0]!, name: 'other' });
    },
    /output “other” is of other layers/,
  ],
  'too many layers': [
    deep,
    (graph) => {
      const [layer, squeeze] = [nodeOf(graph, 'GRU', 1), nodeOf(graph, 'Squeeze', 1)];
      const at = graph.nodes.indexOf(squeeze) + 1;
      let from = squeeze.outputs[0]!;
      for (let i = 2; i <= mostLayers; i++) {
        const above = { ...layer, inputs: [from, ...layer.inputs.slice(1)], outputs: [`y${i}`, `h${i}`] };
        graph.nodes.splice(at + 2 * (i - 2), 0, above, {
          ...squeeze,
          inputs: [`y${i}`, 'directions'],
          outputs: [`s${i}`],
        });
        from = `s${i}`;
      }
      nodeOf(graph, 'Transpose', 1).inputs[0] = from;
    },
    /GRU.*a layer too many/,
  ],
  'weights in another file': [
    gru,
    (graph) =>
      Object.assign(graph.initializers.find(({ name }) => name === 'R_0')!, { raw: undefined, external: true }),
    /“R_0” are in another file/,
  ],
  'weights of 8 bits': [
    gru,
    (graph) => replaceConstant(graph, { name: 'V', type: 3, dims: [2, 3], raw: new Uint8Array(6) }),
    /“V” has numbers of ONNX’ type 3/,
  ],
  'weights that are whole numbers': [
    gru,
    (graph) => replaceConstant(graph, integers('V', [2, 3], [1, 2, 3, 4, 5, 6])),
    /MatMul.*no such place/,
  ],
  'weights that go in': [
    gru,
    (graph) => {
      graph.inputs.push({ ...graph.inputs[1]!, name: 'R' });
      nodeOf(graph, 'GRU').inputs[2] = 'R';
    },
    /GRU.*weights W, R and B/,
  ],
  'operators of old': [gru, (_, opsets) => opsets.set('', 6), /version 6/],
  'none of ONNX’ operators': [gru, (_, opsets) => opsets.delete(''), /which version/],
};

/** A message is one line, and all of it can be read. */
function refusalOf(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    readOnnx(bytes, { vocabulary: new Vocabulary(['a', 'b', 'c', 'd', 'e', 'f', 'g']) });
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    const { message } = error as Error;
    expect(message).toMatch(/^[^\p{Control}\u2028\u2029]{20,300}$/u);
    return message;
  }
  throw new Error('It was read.');
}

describe('An ONNX file is refused, with the operator’s name, that has', () => {
  it.each(Object.entries(refused))('%s', (_, [file, change, message]) => {
    expect(refusalOf(changed(file, (graph, model) => void change(graph, model.opsets)))).toMatch(message);
  });

  it.each([
    ['last-state', /operator Gemm, “\/fc\/Gemm”, reads the last state alone/],
    ['last-timestep', /operator (Gather|Slice), .* takes a part/],
    ['bidirectional', /operator GRU, “\/rnn\/GRU”, .*direction/],
    ['relu', /operator Relu/],
    ['relu-cell', /operator RNN, .* relu/],
    ['normalised', /operator ReduceMean/],
    ['learned-start', /operator \w+, .*(start|constants)/],
    ['packed', /operator GRU, .* sequence_lens/],
  ])('PyTorch’s %s', (name, message) => {
    const bytes = new Uint8Array(readFileSync(new URL(`./onnx/refused-${name}.onnx`, import.meta.url)));
    expect(refusalOf(bytes)).toMatch(message);
  });
});
