import type { ModelFile } from '../../src/files/model-file.ts';
import {
  type Attribute,
  decodeModel,
  elementTypes,
  encodeModel,
  type Graph,
  type Model,
  type Node,
  type Tensor,
} from '../../src/interop/onnx/schema.ts';
import { writeOnnx } from '../../src/interop/onnx/write.ts';
import type { Cell } from '../../src/model/cells/cells.ts';
import { type ModelConfiguration, symbolModel } from '../../src/model/configuration.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';

/** Of what Sluice writes, to be changed at will. */
type Changeable<Type> =
  Type extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Changeable<Value>>
    : Type extends Attribute | Uint8Array | string | number
      ? Type
      : { -readonly [Key in keyof Type]: Changeable<Type[Key]> };

export type ChangeableGraph = Changeable<Graph>;
export type ChangeableNode = Changeable<Node>;

/** A network whose parameters numbers of 16 bits hold too. */
export function smallNetwork(cell: Cell = 'gru', layers = 1, kind: Partial<ModelConfiguration> = {}): ModelFile {
  const model: ModelConfiguration = { ...symbolModel(cell, 3, 2, { layers }), ...kind };
  const parameters = Float32Array.from({ length: parameterLayout(model).length }, (_, i) => ((i * 37) % 64) / 32 - 1);
  return { model, parameters, ...(model.inputs === 'symbols' && { vocabulary: new Vocabulary(['a', 'b', 'c']) }) };
}

/** The bytes of a network's file with its graph changed, or something around it. */
export function changed(
  file: ModelFile,
  change: (graph: ChangeableGraph, model: Changeable<Model>) => void,
): Uint8Array<ArrayBuffer> {
  const model = structuredClone(decodeModel(writeOnnx(file))) as Changeable<Model>;
  change(model.graph, model);
  return encodeModel(model as Model);
}

/** The first node of an operator, or another. */
export function nodeOf({ nodes }: ChangeableGraph, operator: string, index = 0): ChangeableNode {
  const node = nodes.filter((node) => node.operator === operator)[index];
  if (node === undefined) throw new RangeError(`There is no ${operator}.`);
  return node;
}

export const int = (value: number): Attribute => ({ type: 'int', value });
export const ints = (...value: number[]): Attribute => ({ type: 'ints', value });
export const float = (value: number): Attribute => ({ type: 'float', value });
export const string = (value: string): Attribute => ({ type: 'string', value });
export const strings = (...value: string[]): Attribute => ({ type: 'strings', value });

export const node = (
  operator: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, Attribute> = {},
): ChangeableNode =>
  ({
    operator,
    domain: '',
    name: '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
  }) as ChangeableNode;

/** Puts a node between one and all that read its first output. */
export function insertAfter(
  graph: ChangeableGraph,
  before: ChangeableNode,
  operator: string,
  more: string[] = [],
  attributes: Record<string, Attribute> = {},
): ChangeableNode {
  const [output] = before.outputs as [string];
  for (const { inputs } of graph.nodes) {
    for (const [i, name] of inputs.entries()) if (name === output) inputs[i] = 'inserted';
  }
  const added = node(operator, [output, ...more], ['inserted'], attributes);
  graph.nodes.splice(graph.nodes.indexOf(before) + 1, 0, added);
  return added;
}

export function floats(name: string, dims: number[], values: readonly number[]): Tensor {
  return { name, type: elementTypes.float, dims, raw: new Uint8Array(Float32Array.from(values).buffer) };
}

export function integers(name: string, dims: number[], values: readonly number[]): Tensor {
  return { name, type: elementTypes.int64, dims, raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

/** Adds constants to a graph. */
export const addConstants = (graph: ChangeableGraph, ...tensors: Tensor[]) =>
  graph.initializers.push(...(tensors as ChangeableGraph['initializers']));

/** Lets a constant have another tensor. */
export function replaceConstant(graph: ChangeableGraph, tensor: Tensor): void {
  const index = graph.initializers.findIndex(({ name }) => name === tensor.name);
  if (index < 0) throw new RangeError(`There is no ${tensor.name}.`);
  graph.initializers[index] = tensor as ChangeableGraph['initializers'][number];
}
