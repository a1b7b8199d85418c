import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/files/error.ts';
import { readOnnx } from '../../src/interop/onnx/read.ts';
import { elementTypes } from '../../src/interop/onnx/schema.ts';
import { writeOnnx } from '../../src/interop/onnx/write.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import {
  addConstants,
  type ChangeableGraph,
  changed,
  floats,
  insertAfter,
  int,
  integers,
  ints,
  node,
  nodeOf,
  replaceConstant,
  smallNetwork,
} from './onnx-graphs.ts';

const file = smallNetwork();
const sound = writeOnnx(file);

/** A message is one line, and all of it can be read. */
function refusalOf(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    readOnnx(bytes, {});
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    const { message } = error as Error;
    expect(message).toMatch(/^[^\p{Control}\u2028\u2029]{20,300}$/u);
    return message;
  }
}

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

const onlyGraph = (graph: Uint8Array) => joined(message((pbf) => pbf.writeBytesField(7, graph)));

/** Messages within messages, in a field of each. */
function nested(field: number, depth: number): Uint8Array {
  const heads: Uint8Array[] = [];
  for (let i = 0, length = 0; i < depth; i++) {
    const inner = length;
    const head = message((pbf) => {
      pbf.writeTag(field, 2);
      pbf.writeVarint(inner);
    });
    heads.push(head);
    length += head.length;
  }
  return Buffer.concat(heads.reverse());
}

/** A file with something else in its graph. */
const withGraph = (change: (graph: ChangeableGraph) => unknown) => changed(file, (graph) => void change(graph));

/** A file with a constant that has another shape. */
const withDims = (...dims: number[]) =>
  withGraph((graph) => replaceConstant(graph, floats('V', dims, Array(6).fill(1))));

const hostile: Record<string, readonly [() => Uint8Array<ArrayBuffer>, RegExp]> = {
  'no bytes': [() => new Uint8Array(0), /no graph/],
  'a text': [
    () => joined(Buffer.from('It was the best of times, it was the worst of times')),
    /not a whole ONNX model/,
  ],
  'nothing but zeros': [() => new Uint8Array(1000), /number that there cannot be/],
  'nothing but ones': [() => new Uint8Array(1000).fill(0xff), /longer than 64 bits/],
  'a picture': [() => joined([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), /not a whole ONNX model/],
  'a field of number 0': [() => joined(sound, [0x02, 0x00]), /number that there cannot be/],
  'a field of too large a number': [
    () => joined(sound, [0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0]),
    /number that there cannot be/,
  ],
  'the begin of a group': [() => joined(sound, [0x0b]), /wire type 3/],
  'the end of a group': [() => joined(sound, [0x0c]), /wire type 4/],
  'groups in groups': [() => joined(sound, new Uint8Array(100_000).fill(0x0b)), /wire type 3/],
  'a wire type that there is not': [() => joined(sound, [0x0e]), /wire type 6/],
  'another wire type that there is not': [() => joined(sound, [0x0f]), /wire type 7/],
  'a number without end': [() => joined(sound, [0x08], new Uint8Array(11).fill(0x80), [1]), /longer than 64 bits/],
  'a number that is cut off': [() => joined(sound, [0x08, 0x80]), /not a whole ONNX model/],
  'a tag that is cut off': [() => joined(sound, [0x80]), /not a whole ONNX model/],
  'a field that is longer than the file': [() => joined(sound, [0x12, 0x7f]), /longer than what it is part of/],
  'a field of 4 GB': [() => joined(sound, [0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]), /longer than what it is part of/],
  'a field of 2⁶³ bytes': [
    () => joined(sound, [0x12], new Uint8Array(9).fill(0xff), [0x01]),
    /longer than what it is part of/,
  ],
  'a field of 2⁶² bytes': [
    () => joined(sound, [0x12], new Uint8Array(8).fill(0xff), [0x3f]),
    /longer than what it is part of/,
  ],
  'a number of 64 bits that is cut off': [() => joined(sound, [0x09, 1, 2]), /longer than what it is part of/],
  'a number of 32 bits that is cut off': [() => joined(sound, [0x0d, 1, 2]), /longer than what it is part of/],
  'a graph that is a number': [() => joined([0x38, 0x01]), /field 7 is of another type/],
  'a version that is a text': [() => joined([0x0a, 0x01, 0x41], sound), /field 1 is of another type/],
  'a name that is no UTF-8': [() => joined([0x12, 0x02, 0xc3, 0x28], sound), /not UTF-8/],
  'two graphs': [
    () =>
      joined(
        sound,
        message((pbf) => pbf.writeBytesField(7, new Uint8Array(0))),
      ),
    /two graphs/,
  ],
  'an empty graph': [() => onlyGraph(new Uint8Array(0)), /which version/],
  'two versions of its operators': [
    () =>
      joined(
        sound,
        message((pbf) => pbf.writeBytesField(8, Uint8Array.of(0x10, 14))),
      ),
    /two versions/,
  ],
  'one name of its metadata twice': [
    () =>
      joined(
        sound,
        message((pbf) =>
          pbf.writeBytesField(
            14,
            message((pair) => pair.writeStringField(1, 'vocabulary')),
          ),
        ),
      ),
    /one name twice/,
  ],
  'a million fields': [
    () => joined(sound, Buffer.alloc(2_100_000, Uint8Array.of(0x28, 1))),
    /more than 1000000 fields/,
  ],
  'more nodes than any': [() => onlyGraph(Buffer.alloc(20_002, Uint8Array.of(0x0a, 0))), /more than 10000 nodes/],
  'graphs in graphs': [
    () =>
      onlyGraph(
        message((pbf) =>
          pbf.writeBytesField(
            1,
            message((of) => of.writeBytesField(5, nested(6, 50_000))),
          ),
        ),
      ),
    /which version/,
  ],
  'types of types': [
    () =>
      onlyGraph(
        message((pbf) =>
          pbf.writeBytesField(
            11,
            message((of) => of.writeBytesField(2, nested(4, 50_000))),
          ),
        ),
      ),
    /which version/,
  ],
  'a graph’s bytes as a node’s': [
    () => onlyGraph(message((pbf) => pbf.writeBytesField(1, sound))),
    /not a whole ONNX model|which version/,
  ],
  'a shape of other sizes': [() => withDims(2, 4), /“V” has 6 numbers, but its shape is \[2, 4\]/],
  'a shape of far larger ones': [() => withDims(2 ** 31, 2 ** 31), /“V” has 6 numbers/],
  'a shape past all numbers': [() => withDims(...Array(8).fill(2 ** 62)), /“V” has 6 numbers/],
  'a shape that is nothing times infinity': [() => withDims(...Array(7).fill(2 ** 62), 0), /“V” has 6 numbers/],
  'a shape with signs': [() => withDims(-2, -3), /“V” has 6 numbers/],
  'a shape of many dimensions': [() => withDims(...Array(99).fill(1), 6), /“V” has 6 numbers/],
  'a shape of very many dimensions': [
    () =>
      onlyGraph(
        message((pbf) =>
          pbf.writeBytesField(
            5,
            message((tensor) => tensor.writePackedVarint(1, Array(1_000_000).fill(1))),
          ),
        ),
      ),
    /more than 8 dimensions/,
  ],
  'a shape turned on its side': [() => withDims(3, 2), /MatMul.*reads 3 numbers, but the states are 2/],
  'a shape that is flat': [() => withDims(6), /MatMul/],
  'numbers that end within one': [
    () => withGraph((graph) => Object.assign(graph.initializers.at(-1)!, { raw: new Uint8Array(11) })),
    /has 2\.75 numbers/,
  ],
  'fewer numbers in a list': [
    () =>
      withGraph((graph) =>
        replaceConstant(graph, { name: 'one', type: elementTypes.int64, dims: [4], integers: [1, 1, 1] }),
      ),
    /“one” has 3 numbers, but its shape is \[4\]/,
  ],
  'a list that ends within a number': [
    () =>
      withGraph((graph) =>
        replaceConstant(graph, { name: 'V', type: elementTypes.float, dims: [2, 3], floats: new Uint8Array(23) }),
      ),
    /field 4 ends within a number/,
  ],
  'no numbers at all': [
    () => withGraph((graph) => replaceConstant(graph, { name: 'V', type: elementTypes.float, dims: [2, 3] })),
    /“V” has 0 numbers/,
  ],
  'numbers of no type': [
    () => withGraph((graph) => replaceConstant(graph, { name: 'V', type: 0, dims: [2, 3] })),
    /ONNX’ type 0/,
  ],
  'a number that is none': [
    () => withGraph((graph) => replaceConstant(graph, floats('V', [2, 3], [1, 2, 3, Number.NaN, 5, 6]))),
    /V holds NaN/,
  ],
  'a number past float32': [
    () =>
      withGraph((graph) =>
        replaceConstant(graph, {
          name: 'V',
          type: elementTypes.double,
          dims: [2, 3],
          raw: new Uint8Array(Float64Array.of(1, 2, 3, 4, 1e300, 6).buffer),
        }),
      ),
    /V holds Infinity/,
  ],
  'weights of other gates': [
    () => withGraph((graph) => replaceConstant(graph, floats('R_0', [1, 8, 2], Array(16).fill(1)))),
    /GRU.*fit each other/,
  ],
  'weights of no units': [() => withGraph((graph) => replaceConstant(graph, floats('R_0', [1, 0, 0], []))), /GRU.*fit/],
  'a bias that is too short': [
    () => withGraph((graph) => replaceConstant(graph, floats('B_0', [1, 6], Array(6).fill(1)))),
    /GRU.*fit each other/,
  ],
  'weights for other symbols': [
    () => withGraph((graph) => replaceConstant(graph, integers('symbols', [], [4]))),
    /GRU.*reads 4 numbers, but its weights 3/,
  ],
  'as many symbols as there are numbers': [
    () => withGraph((graph) => replaceConstant(graph, integers('symbols', [], [2 ** 52]))),
    /reads 4503599627370496 numbers/,
  ],
  'a node that reads what nothing makes': [
    () => withGraph((graph) => (nodeOf(graph, 'MatMul').inputs[1] = 'nothing')),
    /nothing in it makes “nothing”/,
  ],
  'a node that reads itself': [
    () => withGraph((graph) => (nodeOf(graph, 'Squeeze').inputs[0] = nodeOf(graph, 'Squeeze').outputs[0]!)),
    /nothing in it makes/,
  ],
  'nodes in no order': [() => withGraph((graph) => graph.nodes.reverse()), /nothing in it makes/],
  'a name made twice': [
    () => withGraph((graph) => graph.nodes.push(node('Identity', ['tokens'], ['hn']))),
    /two nodes of it make “hn”/,
  ],
  'a constant made again': [
    () => withGraph((graph) => graph.nodes.push(node('Identity', ['tokens'], ['V']))),
    /two nodes of it make “V”/,
  ],
  'an output that nothing makes': [
    () => withGraph((graph) => (graph.outputs[0]!.name = '__proto__')),
    /makes its output “__proto__”/,
  ],
  'a name of many lines': [
    () => withGraph((graph) => (nodeOf(graph, 'MatMul').inputs[1] = `${'\n'.repeat(99)}\u2028\u202e`)),
    /nothing in it makes/,
  ],
  'operators of long names on many lines': [
    () =>
      withGraph((graph) =>
        Object.assign(nodeOf(graph, 'MatMul'), { operator: '\n'.repeat(9999), name: '\u2028'.repeat(9999) }),
      ),
    /The operator .*…/,
  ],
  'a node that reads nothing': [() => withGraph((graph) => (nodeOf(graph, 'Squeeze').inputs = [])), /lacks something/],
  'a layer that reads nothing': [() => withGraph((graph) => (nodeOf(graph, 'GRU').inputs = [])), /GRU.*reads neither/],
  'a node that makes too much': [
    () =>
      withGraph((graph) => {
        nodeOf(graph, 'GRU').outputs.push('a', 'b');
        graph.outputs[0]!.name = 'b';
      }),
    /GRU.*makes more than is known/,
  ],
  'an attribute of another type': [
    () => withGraph((graph) => nodeOf(graph, 'Transpose').attributes.set('perm', int(1))),
    /perm that is not of the type ints/,
  ],
  'dimensions exchanged that there are not': [
    () => withGraph((graph) => nodeOf(graph, 'Transpose').attributes.set('perm', ints(5, 0))),
    /Transpose.*anew/,
  ],
  'dimensions exchanged by a million': [
    () => withGraph((graph) => nodeOf(graph, 'Transpose').attributes.set('perm', ints(...Array(100_000).fill(0)))),
    /Transpose.*anew/,
  ],
  'a million dimensions more': [
    () =>
      withGraph((graph) => {
        addConstants(
          graph,
          integers(
            'many',
            [100_000],
            Array.from({ length: 100_000 }, (_, i) => i),
          ),
        );
        insertAfter(graph, nodeOf(graph, 'Squeeze'), 'Unsqueeze', ['many']);
      }),
    /Unsqueeze.*anew/,
  ],
  'constants that grow without end': [
    () =>
      withGraph((graph) => {
        for (let i = 0; i < 60; i++) {
          const from = i === 0 ? 'V' : `grown_${i}`;
          graph.nodes.splice(i, 0, node('Concat', [from, from], [`grown_${i + 1}`], { axis: int(0) }));
        }
      }),
    /computes its weights from one another/,
  ],
  'constants that are read again and again': [
    () =>
      withGraph((graph) => {
        addConstants(graph, floats('large', [1000, 1000], Array(1_000_000).fill(0)));
        for (let i = 0; i < 9000; i++) graph.nodes.unshift(node('Expand', ['large', 'one'], [`zeros_${i}`]));
      }),
    /computes its weights from one another/,
  ],
  'a constant twice': [() => withGraph((graph) => addConstants(graph, floats('V', [1], [1]))), /two constants “V”/],
  'a thousand outputs': [
    () => withGraph((graph) => graph.outputs.push(...Array(1000).fill(graph.outputs[1]!))),
    /more than 100 outputs/,
  ],
  'sizes that grow without end': [
    () =>
      withGraph((graph) => {
        for (let i = 0; i < 60; i++) {
          const from = i === 0 ? 'rows' : `grown_${i}`;
          const at = graph.nodes.length;
          graph.nodes.splice(at, 0, node('Concat', [from, from], [`grown_${i + 1}`], { axis: int(0) }));
        }
        graph.nodes.unshift(node('Shape', ['tokens'], ['rows']));
        insertAfter(graph, nodeOf(graph, 'Squeeze'), 'Identity');
        const product = nodeOf(graph, 'MatMul');
        graph.nodes.push(
          node('Reshape', [product.outputs[0]!, 'grown_60'], ['reshaped']),
          node('Identity', ['reshaped'], ['end']),
        );
        graph.outputs[0]!.name = 'end';
      }),
    /Reshape.*anew/,
  ],
  'an embedding of a million symbols': [
    () =>
      withGraph((graph) => {
        const oneHot = nodeOf(graph, 'OneHot');
        addConstants(graph, { name: 'embedding', type: 1, dims: [2 ** 20, 1], raw: new Uint8Array(2 ** 22) });
        Object.assign(oneHot, { operator: 'Gather', inputs: ['embedding', oneHot.inputs[0]!] });
        replaceConstant(graph, floats('W_0', [1, 3 * 64, 1], Array(3 * 64).fill(1)));
        replaceConstant(graph, floats('R_0', [1, 3 * 64, 64], Array(3 * 64 * 64).fill(1)));
        replaceConstant(graph, floats('B_0', [1, 6 * 64], Array(6 * 64).fill(1)));
        replaceConstant(graph, floats('V', [64, 3], Array(3 * 64).fill(1)));
        nodeOf(graph, 'GRU').attributes.delete('hidden_size');
      }),
    /embedding has 1048576 symbols/,
  ],
  'a vocabulary that is no list': [
    () => changed(file, (_, { metadata }) => void metadata.set('vocabulary', '{"__proto__":["a","b","c"]}')),
    /not a list of symbols/,
  ],
  'a vocabulary of other symbols': [
    () => changed(file, (_, { metadata }) => void metadata.set('vocabulary', '["a"]')),
    /vocabulary has 1 symbols/,
  ],
  'classes that are none': [
    () => changed(file, (_, { metadata }) => void metadata.set('classes', '["a"]')),
    /names 1 classes/,
  ],
};

describe('A damaged ONNX file is refused with one line:', () => {
  it.each(Object.entries(hostile))('%s', (_, [make, expected]) => {
    const bytes = make();
    const before = [process.memoryUsage().arrayBuffers, performance.now()] as const;
    expect(refusalOf(bytes)).toMatch(expected);
    expect(performance.now() - before[1]).toBeLessThan(2000);
    // What the file promises is not asked of the machine.
    expect(process.memoryUsage().arrayBuffers - before[0]).toBeLessThan(2 ** 24 + 4 * bytes.length);
  });

  it('cut off anywhere', () => {
    for (let length = 0; length < sound.length; length++) {
      expect(refusalOf(sound.slice(0, length)), `${length} bytes`).toBeDefined();
    }
    expect(sound.length).toBeGreaterThan(1500);
  });

  it('with a byte changed anywhere, unless that only changes a number or what a word says', () => {
    const random = new Random(21);
    let [refused, misread] = [0, 0];
    for (let at = 0; at < sound.length; at++) {
      for (const flip of [1 << random.integer(8), 1 + random.integer(255)]) {
        const bytes = sound.slice();
        bytes[at]! ^= flip;
        if (refusalOf(bytes) !== undefined) {
          refused++;
          continue;
        }
        misread++;
        // Without a checksum, which the format does not have, these cannot be told from files that mean it.
        const { model, parameters } = readOnnx(bytes, {}).file;
        const { cell, cost, ...rest } = model;
        const { cell: _, cost: __, ...expected } = file.model;
        expect(rest, `byte ${at} ^ ${flip}`).toEqual(expected);
        expect(parameters.length).toBe(parameterLayout(model).length);
        expect(['cross-entropy', 'squared-error']).toContain(cost);
        expect(['gru', 'gru-after']).toContain(cell);
      }
    }
    expect(refused).toBeGreaterThan(1500);
    expect(misread).toBeGreaterThan(0);
  });
});
