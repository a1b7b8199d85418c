import { FileError } from '../../files/error.ts';
import { quote } from '../../quote.ts';
import { misplaced, Place, refusal } from './node.ts';
import { operators } from './operators/operators.ts';
import { damaged } from './protobuf.ts';
import { elementTypes, type Graph, type Node, type Tensor, type ValueInfo } from './schema.ts';
import { constantOf, isFraction, mostDimensions } from './tensor.ts';
import type { Made, Value } from './values.ts';

/**
 * Finds out which network a graph computes: not by how it looks, but by taking what is known of each value through all nodes,
 * in their order. What no network of Sluice computes is refused where it reaches one of the graph's outputs; nodes that reach
 * none do not matter.
 *
 * @param opset the version of ONNX' operators
 * @param bytes how many the file has, which limits what is made of its constants
 * @throws FileError naming the operator that cannot be carried over
 */
export function traceGraph(graph: Graph, opset: number, bytes: number): { made: Made; remarks: string[] } {
  const known = new Map<string, Value | Tensor>();
  for (const tensor of graph.initializers) {
    if (known.has(tensor.name)) throw damaged(`it has two constants ${quote(tensor.name)}`);
    known.set(tensor.name, tensor);
  }
  // An input that has an initializer is a constant, unless someone gives another.
  for (const input of graph.inputs) if (!known.has(input.name)) known.set(input.name, inputOf(input));
  const valueNamed = (name: string): Value | undefined => {
    const value = known.get(name);
    if (value === undefined || 'kind' in value) return value;
    const constant = constantOf(value);
    known.set(name, constant);
    return constant;
  };
  /** How many numbers of constants may still be read, and made: several times as many as the file has. */
  const left = { read: 16 * bytes, made: 2 * bytes };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => {
      const value = name === '' ? undefined : valueNamed(name);
      if (name !== '' && value === undefined) throw damaged(`nothing in it makes ${quote(name)}, which a node reads`);
      return value;
    });
    for (const value of inputs) if (value?.kind === 'constant') left.read -= value.numbers.length;
    if (left.read < 0 || left.made < 0) {
      throw new FileError('The graph computes its weights from one another: export it with them as constants.');
    }
    const outputs = run(node, inputs, opset);
    for (const [i, name] of node.outputs.entries()) {
      if (name === '') continue;
      if (known.has(name)) throw damaged(`two nodes of it make ${quote(name)}`);
      const value = outputs[i] ?? refusal(node, 'makes more than is known of it here.');
      if (value.kind === 'constant') left.made -= value.numbers.length;
      known.set(name, value);
    }
  }
  return outcome(graph, valueNamed);
}

/** What comes out of a node. */
function run(node: Node, inputs: readonly (Value | undefined)[], opset: number): readonly Value[] {
  const same = (value: Value) => node.outputs.map(() => value);
  const refused = inputs.find((value) => value?.kind === 'refused');
  if (refused !== undefined) return same(refused);
  const operator = node.domain === '' ? operators.get(node.operator) : undefined;
  if (operator === undefined) return same(refusal(node, misplaced));
  const unknown = [...node.attributes.keys()].find((name) => !operator.attributes.includes(name));
  if (unknown !== undefined) return same(refusal(node, `has an attribute ${quote(unknown)}, which is not known here.`));
  const outcome = operator.run(new Place(node, inputs, opset));
  return 'kind' in outcome ? same(outcome) : outcome;
}

/** What goes into a graph: symbols, if it is whole numbers; else vectors, or states. */
function inputOf({ name, type, shape }: ValueInfo): Value {
  const isSymbols = type === elementTypes.int64 || type === elementTypes.int32;
  if ((!isSymbols && !isFraction(type)) || shape === undefined || shape.length > mostDimensions) {
    return {
      kind: 'refused',
      reason: `The graph’s input ${quote(name)} is neither whole nor real numbers of a known rank.`,
    };
  }
  const dimensions = shape.map((size) => [{ size: typeof size === 'number' && size > 0 ? size : undefined }]);
  return {
    kind: 'sequence',
    dimensions,
    stage: { at: 'input', input: name, inputs: isSymbols ? 'symbols' : 'vectors' },
  };
}

/** The states of each layer, and an output or two. */
const mostOutputs = 100;

/** The network that a graph's outputs are of: one of them is the network's, the others may be states. */
function outcome(
  { outputs }: Graph,
  valueNamed: (name: string) => Value | undefined,
): { made: Made; remarks: string[] } {
  if (outputs.length > mostOutputs) throw damaged(`its graph has more than ${mostOutputs} outputs`);
  const values = outputs.map(({ name }) => {
    const value = valueNamed(name);
    if (value === undefined) throw damaged(`nothing in it makes its output ${quote(name)}`);
    if (value.kind === 'refused') throw new FileError(value.reason);
    return { name, value };
  });
  const made = values.flatMap(({ name, value }) =>
    value.kind === 'sequence' && value.stage.at === 'made' ? { name, stage: value.stage } : [],
  );
  const [first, second] = made;
  if (first === undefined) {
    const isRecurrent = values.some(
      ({ value }) => value.kind === 'last' || (value.kind === 'sequence' && value.stage.at === 'hidden'),
    );
    throw new FileError(
      isRecurrent
        ? 'The graph ends in the states of a layer: it has no linear output of them, a MatMul or a Gemm, as Sluice’s networks have.'
        : 'The graph has no GRU, LSTM or RNN whose states lead to an output: it is no recurrent network.',
    );
  }
  if (second !== undefined) {
    throw new FileError(
      `The graph has several outputs, ${quote(first.name)} and ${quote(second.name)}: export it with one, and states if you like.`,
    );
  }
  const { layers } = first.stage.stack;
  const remarks: string[] = [];
  for (const { name, value } of values) {
    const isOurs =
      value.kind === 'last'
        ? [...value.layers].every((layer) => layers.includes(layer))
        : value.kind !== 'sequence' || value.stage.at !== 'hidden' || layers.includes(value.stage.stack.layers.at(-1)!);
    if (!isOurs) throw new FileError(`The graph’s output ${quote(name)} is of other layers than ${quote(first.name)}.`);
    if (value.kind === 'sequence' && value.stage.at !== 'made') {
      remarks.push(`The graph’s output ${quote(name)}, which is not what the network says at the end, is left away.`);
    }
  }
  return { made: first.stage, remarks };
}
