import { PbfWriter } from 'pbf';
import {
  bytesOf,
  damaged,
  type Field,
  integerOf,
  integersOf,
  textOf,
  WireReader,
  words32Of,
  words64Of,
} from './protobuf.ts';

/** The messages of ONNX, as far as networks of Sluice need them, after onnx.proto. */

export interface Model {
  readonly irVersion: number;
  readonly producer: string;
  /** The version of each set of operators, by its domain; `''` is ONNX' own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface Graph {
  readonly name: string;
  readonly description: string;
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  readonly initializers: readonly Tensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Node {
  readonly operator: string;
  /** `''` for ONNX' own operators. */
  readonly domain: string;
  readonly name: string;
  /** The values that it reads; `''` where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** What an attribute may be. */
export interface AttributeValues {
  readonly float: number;
  readonly int: number;
  readonly string: string;
  readonly tensor: Tensor;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
}

export type Attribute =
  | {
      [Type in keyof AttributeValues]: { readonly type: Type; readonly value: AttributeValues[Type] };
    }[keyof AttributeValues]
  | { readonly type: 'other' };

/** What goes into a graph or comes out of it. */
export interface ValueInfo {
  readonly name: string;
  /** What a page or a program may say about it. */
  readonly description: string;
  /** The type of its numbers: see `elementTypes`; 0 if it is not told. */
  readonly type: number;
  /** The size of each dimension, its name, or `''`; without it not even their number is known. */
  readonly shape?: readonly (number | string)[] | undefined;
}

export interface Tensor {
  readonly name: string;
  /** See `elementTypes`. */
  readonly type: number;
  readonly dims: readonly number[];
  /** All numbers as they lie in memory, little-endian; else they are in one of the lists. */
  readonly raw?: Uint8Array<ArrayBuffer> | undefined;
  /** Numbers of 32 and of 64 bits with a fraction, as `raw` has them. */
  readonly floats?: Uint8Array<ArrayBuffer> | undefined;
  readonly doubles?: Uint8Array<ArrayBuffer> | undefined;
  readonly integers?: readonly number[] | undefined;
  /** Whether the numbers are in another file. */
  readonly external?: boolean | undefined;
}

/** The types of a tensor's numbers. */
export const elementTypes = { float: 1, int32: 6, int64: 7, bool: 9, float16: 10, double: 11, bfloat16: 16 } as const;

/** The names of a field's attribute types; all others have to do with graphs, strings' tensors and the like. */
const attributeTypes = new Map([
  [1, 'float'],
  [2, 'int'],
  [3, 'string'],
  [4, 'tensor'],
  [6, 'floats'],
  [7, 'ints'],
  [8, 'strings'],
] as const);

/** PyTorch writes some 30 nodes for a layer. */
const mostNodes = 10_000;

/**
 * The model in a file's bytes. Of nodes nothing is understood yet, and no tensor's numbers are read.
 *
 * @throws FileError if the bytes are not one whole model
 */
export function decodeModel(file: Uint8Array<ArrayBuffer>): Model {
  const wire = new WireReader();
  let [irVersion, producer, graph] = [0, '', undefined as Graph | undefined];
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  for (const field of wire.fields(file)) {
    if (field.number === 1) irVersion = integerOf(field);
    else if (field.number === 2) producer = textOf(field);
    else if (field.number === 7) {
      if (graph !== undefined) throw damaged('it has two graphs');
      graph = readGraph(wire, bytesOf(field));
    } else if (field.number === 8) {
      const { domain, version } = readOpset(wire, bytesOf(field));
      if (opsets.has(domain)) throw damaged('it has two versions of one set of operators');
      opsets.set(domain, version);
    } else if (field.number === 14) {
      const [key, value] = readPair(wire, bytesOf(field));
      if (metadata.has(key)) throw damaged('its metadata have one name twice');
      metadata.set(key, value);
    }
  }
  if (graph === undefined) throw damaged('it has no graph');
  return { irVersion, producer, opsets, graph, metadata };
}

/** ONNX' own operators go by two names. */
const domainOf = (field: Field) => textOf(field).replace(/^ai\.onnx$/, '');

function readOpset(wire: WireReader, message: Uint8Array<ArrayBuffer>): { domain: string; version: number } {
  let [domain, version] = ['', 0];
  for (const field of wire.fields(message)) {
    if (field.number === 1) domain = domainOf(field);
    else if (field.number === 2) version = integerOf(field);
  }
  return { domain, version };
}

function readPair(wire: WireReader, message: Uint8Array<ArrayBuffer>): [string, string] {
  const pair: [string, string] = ['', ''];
  for (const field of wire.fields(message)) {
    if (field.number === 1 || field.number === 2) pair[field.number - 1] = textOf(field);
  }
  return pair;
}

function readGraph(wire: WireReader, message: Uint8Array<ArrayBuffer>): Graph {
  const graph = {
    name: '',
    description: '',
    nodes: [] as Node[],
    initializers: [] as Tensor[],
    inputs: [] as ValueInfo[],
    outputs: [] as ValueInfo[],
  };
  for (const field of wire.fields(message)) {
    if (field.number === 1) graph.nodes.push(readNode(wire, bytesOf(field)));
    else if (field.number === 2) graph.name = textOf(field);
    else if (field.number === 5) graph.initializers.push(readTensor(wire, bytesOf(field)));
    else if (field.number === 10) graph.description = textOf(field);
    else if (field.number === 11) graph.inputs.push(readValueInfo(wire, bytesOf(field)));
    else if (field.number === 12) graph.outputs.push(readValueInfo(wire, bytesOf(field)));
    if (graph.nodes.length > mostNodes) throw damaged(`its graph has more than ${mostNodes} nodes`);
  }
  return graph;
}

function readNode(wire: WireReader, message: Uint8Array<ArrayBuffer>): Node {
  const node = { operator: '', domain: '', name: '', inputs: [] as string[], outputs: [] as string[] };
  const attributes = new Map<string, Attribute>();
  for (const field of wire.fields(message)) {
    if (field.number === 1) node.inputs.push(textOf(field));
    else if (field.number === 2) node.outputs.push(textOf(field));
    else if (field.number === 3) node.name = textOf(field);
    else if (field.number === 4) node.operator = textOf(field);
    else if (field.number === 5) {
      const [name, attribute] = readAttribute(wire, bytesOf(field));
      if (attributes.has(name)) throw damaged('a node of it has one attribute twice');
      attributes.set(name, attribute);
    } else if (field.number === 7) node.domain = domainOf(field);
  }
  return { ...node, attributes };
}

function readAttribute(wire: WireReader, message: Uint8Array<ArrayBuffer>): [string, Attribute] {
  let [name, code, float, int, string, tensor] = ['', 0, 0, 0, '', undefined as Tensor | undefined];
  const [floats, ints, strings] = [[] as number[], [] as number[], [] as string[]];
  for (const field of wire.fields(message)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 2) [float = 0] = floatsIn(words32Of(field));
    else if (field.number === 3) int = integerOf(field);
    else if (field.number === 4) string = textOf(field);
    else if (field.number === 5) tensor = readTensor(wire, bytesOf(field));
    else if (field.number === 7) for (const value of floatsIn(words32Of(field))) floats.push(value);
    else if (field.number === 8) for (const value of integersOf(field)) ints.push(value);
    else if (field.number === 9) strings.push(textOf(field));
    else if (field.number === 20) code = integerOf(field);
  }
  const type = attributeTypes.get(code as 1);
  switch (type) {
    case 'float':
      return [name, { type, value: float }];
    case 'int':
      return [name, { type, value: int }];
    case 'string':
      return [name, { type, value: string }];
    case 'tensor':
      if (tensor === undefined) throw damaged('an attribute of it has lost its tensor');
      return [name, { type, value: tensor }];
    case 'floats':
      return [name, { type, value: floats }];
    case 'ints':
      return [name, { type, value: ints }];
    case 'strings':
      return [name, { type, value: strings }];
    case undefined:
      return [name, { type: 'other' }];
  }
}

function floatsIn(bytes: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function readTensor(wire: WireReader, message: Uint8Array<ArrayBuffer>): Tensor {
  const tensor = { name: '', type: 0, dims: [] as number[], external: false };
  let raw: Uint8Array<ArrayBuffer> | undefined;
  const [floats, doubles, integers] = [[] as Uint8Array[], [] as Uint8Array[], [] as number[][]];
  for (const field of wire.fields(message)) {
    if (field.number === 1) tensor.dims.push(...mostDims(integersOf(field)));
    else if (field.number === 2) tensor.type = integerOf(field);
    else if (field.number === 3) throw damaged('a tensor of it is cut into segments');
    else if (field.number === 4) floats.push(words32Of(field));
    else if (field.number === 5 || field.number === 7) integers.push(integersOf(field));
    else if (field.number === 8) tensor.name = textOf(field);
    else if (field.number === 9) raw = bytesOf(field);
    else if (field.number === 10) doubles.push(words64Of(field));
    else if (field.number === 13) tensor.external = true;
    else if (field.number === 14) tensor.external ||= integerOf(field) !== 0;
  }
  return { ...tensor, raw, floats: joined(floats), doubles: joined(doubles), integers: integers.flat() };
}

/** The rank of a tensor is small: whatever else there is, is damage. */
function mostDims(dims: number[]): number[] {
  if (dims.length > 8) throw damaged('a tensor of it has more than 8 dimensions');
  return dims;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | undefined {
  if (parts.length <= 1) return parts[0] as Uint8Array<ArrayBuffer> | undefined;
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function readValueInfo(wire: WireReader, message: Uint8Array<ArrayBuffer>): ValueInfo {
  let [name, description, type] = ['', '', 0];
  let shape: (number | string)[] | undefined;
  for (const field of wire.fields(message)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 3) description = textOf(field);
    else if (field.number === 2) {
      // TypeProto { tensor_type { elem_type, shape { dim … } } }
      for (const tensor of wire.fields(bytesOf(field))) {
        if (tensor.number !== 1) continue;
        for (const part of wire.fields(bytesOf(tensor))) {
          if (part.number === 1) type = integerOf(part);
          else if (part.number === 2) shape = readShape(wire, bytesOf(part));
        }
      }
    }
  }
  return { name, description, type, shape };
}

function readShape(wire: WireReader, message: Uint8Array<ArrayBuffer>): (number | string)[] {
  const shape: (number | string)[] = [];
  for (const field of wire.fields(message)) {
    if (field.number !== 1) continue;
    let size: number | string = '';
    for (const part of wire.fields(bytesOf(field))) {
      if (part.number === 1) size = integerOf(part);
      else if (part.number === 2) size = textOf(part);
    }
    shape.push(size);
  }
  return shape;
}

/** A model's bytes. */
export function encodeModel({ irVersion, producer, opsets, graph, metadata }: Model): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, irVersion);
  pbf.writeStringField(2, producer);
  for (const opset of opsets) pbf.writeMessage(8, writeOpset, opset);
  pbf.writeMessage(7, writeGraph, graph);
  for (const pair of metadata) pbf.writeMessage(14, writePair, pair);
  return pbf.finish().slice() as Uint8Array<ArrayBuffer>;
}

function writeOpset([domain, version]: readonly [string, number], pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writePair([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const tensor of graph.initializers) pbf.writeMessage(5, writeTensor, tensor);
  pbf.writeStringField(10, graph.description);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValueInfo, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeNode({ operator, domain, name, inputs, outputs, attributes }: Node, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, name);
  pbf.writeStringField(4, operator);
  for (const attribute of attributes) pbf.writeMessage(5, writeAttribute, attribute);
  if (domain !== '') pbf.writeStringField(7, domain);
}

function writeAttribute([name, attribute]: readonly [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const { type } = attribute;
  switch (type) {
    case 'float':
      pbf.writeFloatField(2, attribute.value);
      break;
    case 'int':
      pbf.writeVarintField(3, attribute.value);
      break;
    case 'string':
      pbf.writeStringField(4, attribute.value);
      break;
    case 'tensor':
      pbf.writeMessage(5, writeTensor, attribute.value);
      break;
    case 'floats':
      for (const value of attribute.value) pbf.writeFloatField(7, value);
      break;
    case 'ints':
      for (const value of attribute.value) pbf.writeVarintField(8, value);
      break;
    case 'strings':
      for (const value of attribute.value) pbf.writeStringField(9, value);
      break;
    case 'other':
      throw new RangeError(`The attribute ${name} has no type that can be written.`);
  }
  for (const [code, known] of attributeTypes) if (known === type) pbf.writeVarintField(20, code);
}

function writeTensor(tensor: Tensor, pbf: PbfWriter): void {
  const { name, type, dims, raw, floats, doubles, integers = [], external } = tensor;
  for (const size of dims) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, type);
  if (floats !== undefined) pbf.writeBytesField(4, floats);
  pbf.writePackedVarint(type === elementTypes.int64 ? 7 : 5, [...integers]);
  pbf.writeStringField(8, name);
  if (raw !== undefined) pbf.writeBytesField(9, raw);
  if (doubles !== undefined) pbf.writeBytesField(10, doubles);
  if (external) pbf.writeVarintField(14, 1);
}

function writeValueInfo({ name, description, type, shape = [] }: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, shape });
  if (description !== '') pbf.writeStringField(3, description);
}

type TensorType = { readonly type: number; readonly shape: readonly (number | string)[] };

function writeType(tensor: TensorType, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, tensor);
}

function writeTensorType({ type, shape }: TensorType, pbf: PbfWriter): void {
  pbf.writeVarintField(1, type);
  pbf.writeMessage(2, writeShape, shape);
}

function writeShape(shape: readonly (number | string)[], pbf: PbfWriter): void {
  for (const size of shape) pbf.writeMessage(1, writeDimension, size);
}

function writeDimension(size: number | string, pbf: PbfWriter): void {
  if (typeof size === 'number') pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
}
