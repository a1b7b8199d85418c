import type { FileError } from '../../files/error.ts';
import { quote } from '../../quote.ts';
import { damaged } from './protobuf.ts';
import type { AttributeValues, Node } from './schema.ts';
import type { Constant } from './tensor.ts';
import type { Refused, Value } from './values.ts';

/** A node as a message names it, after “the”. */
export function label({ operator, domain, name }: Pick<Node, 'operator' | 'domain' | 'name'>): string {
  const which = quote(domain === '' ? operator : `${domain}.${operator}`).slice(1, -1);
  return name === '' ? `operator ${which}` : `operator ${which}, ${quote(name)},`;
}

/** @param what what is wrong, after the operator's name */
export const refusal = (node: Node, what: string): Refused => ({
  kind: 'refused',
  reason: `The ${label(node)} ${what}`,
});

/** Why an operator cannot stand where it does, or anywhere. */
export const misplaced =
  'has no such place in Sluice’s networks: layers of one GRU, LSTM or RNN, and one linear output of the topmost, can be carried over.';

/** What a node finds where it stands. */
export class Place {
  readonly node: Node;
  /** What is known of the values that it reads; `undefined` where it leaves one out. */
  readonly inputs: readonly (Value | undefined)[];
  /** The version of ONNX' operators. */
  readonly opset: number;

  constructor(node: Node, inputs: readonly (Value | undefined)[], opset: number) {
    this.node = node;
    this.inputs = inputs;
    this.opset = opset;
  }

  /** The value that is read first, or at `index`; every operator needs it. */
  input(index = 0): Value {
    const value = this.inputs[index];
    if (value === undefined) throw this.damaged('lacks something that it has to read');
    return value;
  }

  /** @param what what is wrong, after the operator's name */
  refuse(what: string): Refused {
    return refusal(this.node, what);
  }

  damaged(what: string): FileError {
    return damaged(`the ${label(this.node)} ${what}`);
  }

  /** An attribute's value, if the node has it. */
  attribute<Type extends keyof AttributeValues>(name: string, type: Type): AttributeValues[Type] | undefined {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type) throw this.damaged(`has an attribute ${name} that is not of the type ${type}`);
    return attribute.value as AttributeValues[Type];
  }

  /** Whole numbers that newer operators read as their input at `index`, and older ones have as an attribute. */
  integers(index: number, name: string, since: number): readonly number[] | undefined {
    if (this.opset < since) return this.attribute(name, 'ints');
    const value = this.inputs[index];
    return value === undefined ? undefined : integersIn(value);
  }
}

/** Whole numbers that are known, in a row. */
export function integersIn(value: Value): readonly number[] | undefined {
  if (value.kind === 'constant') return isRow(value) ? [...value.numbers] : undefined;
  if (value.kind !== 'sizes' || value.sizes === undefined) return undefined;
  const known = value.sizes.filter((size) => typeof size === 'number');
  return known.length === value.sizes.length ? known : undefined;
}

/** Whether it is one whole number, or a few in a row, as sizes and axes are. */
export const isRow = ({ dims, numbers }: Constant): boolean =>
  dims.length <= 1 && numbers instanceof Float64Array && numbers.length <= 64;
