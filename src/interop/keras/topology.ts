import { FileError } from '../../files/error.ts';
import { asObject, type JsonObject } from '../../json-object.ts';
import { quote } from '../../quote.ts';
import { shown } from './format.ts';

/** A layer as the file describes it. */
export interface Layer {
  readonly className: string;
  /** Its own name first; then that of the layer that it wraps and stands for, if it does. */
  readonly names: readonly string[];
  readonly config: JsonObject;
  /** What a `.keras` file calls it: its class, and how many of that class come before it. */
  readonly path: string;
}

/** What a message calls a layer. */
export const describe = ({ className, names }: Layer): string => `The layer ${quote(names[0]!)} (${quote(className)})`;

/**
 * The layers from what goes in to what comes out.
 *
 * @param topology a `modelTopology`, as Keras' converter or TensorFlow.js writes it
 * @throws FileError if they do not follow one after the other
 */
export function layersOf(topology: JsonObject): readonly Layer[] {
  const model = asObject(topology.get('model_config')) ?? topology;
  const className = model.get('class_name');
  const config = model.get('config');
  if (className !== 'Sequential' && className !== 'Functional' && className !== 'Model') {
    throw new FileError(`The model.json describes ${shown(className)}, neither a Sequential nor a Functional model.`);
  }
  const listed = Array.isArray(config) ? config : asObject(config)?.get('layers');
  if (!Array.isArray(listed)) throw new FileError('The model.json lists no layers of its network: it is damaged.');
  const counts = new Map<string, number>();
  const names = new Set<string>();
  const entries = listed.map((value) => {
    const fields = asObject(value) ?? new Map<string, unknown>();
    const layer = readLayer(fields, counts);
    const name = layer.names[0]!;
    if (names.has(name)) throw new FileError(`The model.json has two layers named ${quote(name)}: it is damaged.`);
    names.add(name);
    return { layer, fields };
  });
  if (className === 'Sequential') return entries.map(({ layer }) => layer);
  return chain(entries, asObject(config)?.get('output_layers'));
}

function readLayer(fields: JsonObject, counts: Map<string, number>): Layer {
  const className = fields.get('class_name');
  const config = asObject(fields.get('config'));
  const name = config?.get('name') ?? fields.get('name');
  if (typeof className !== 'string' || config === undefined || typeof name !== 'string' || name === '') {
    throw new FileError('A layer of the model.json has no class_name, config and name: the file is damaged.');
  }
  const kind = snakeCase(className);
  const before = counts.get(kind) ?? 0;
  counts.set(kind, before + 1);
  const path = before === 0 ? kind : `${kind}_${before}`;
  return { className, names: [name], config, path };
}

/** As Keras writes the name of a class: `SimpleRNN` as `simple_rnn`. */
const snakeCase = (className: string): string => className.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();

interface Entry {
  readonly layer: Layer;
  readonly fields: JsonObject;
}

/** The layers of a graph, if each reads what the one before puts out. */
function chain(entries: readonly Entry[], outputs: unknown): readonly Layer[] {
  const byName = new Map(entries.map((entry) => [entry.layer.names[0]!, entry]));
  const listed = Array.isArray(outputs) && typeof outputs[0] === 'string' ? [outputs] : outputs;
  if (!Array.isArray(listed) || listed.length !== 1) {
    throw new FileError('The file’s network has not exactly one output, as Sluice’s have: make a model of that one.');
  }
  const layers: Layer[] = [];
  const fault = 'The file’s network is not a chain of layers, each of which reads the one before';
  let name: string | undefined = tensorName(listed[0]);
  while (name !== undefined) {
    const entry = byName.get(name);
    if (entry === undefined) throw new FileError(`${fault}: none of them is ${quote(name)}.`);
    // What was there is taken out: a chain that bites its tail ends here as well.
    byName.delete(name);
    layers.push(entry.layer);
    name = sourceOf(entry);
  }
  const [left] = byName.keys();
  if (left !== undefined) throw new FileError(`${fault}: ${quote(left)} is aside of it.`);
  return layers.reverse();
}

/** The name of the layer that another one reads; `undefined` if it reads none. */
function sourceOf({ layer, fields }: Entry): string | undefined {
  const nodes = fields.get('inbound_nodes');
  if (!Array.isArray(nodes)) throw new FileError(`${describe(layer)} does not say what it reads: the file is damaged.`);
  if (nodes.length === 0) return undefined;
  if (nodes.length > 1)
    throw new FileError(`${describe(layer)} is used ${nodes.length} times: Sluice has no such network.`);
  const node = asObject(nodes[0]);
  const [read, options] = node === undefined ? olderNode(nodes[0]) : [listOf(node.get('args')), node.get('kwargs')];
  if (read.length !== 1) {
    throw new FileError(
      `${describe(layer)} reads ${read.length} things, such as initial states: it may read one alone.`,
    );
  }
  for (const [option, value] of asObject(options) ?? []) {
    if (value === null || value === false) continue;
    throw new FileError(`${describe(layer)} is called with ${quote(option)}, which Sluice’s networks do not have.`);
  }
  const tensor = asObject(read[0]);
  return tensorName(tensor === undefined ? read[0] : asObject(tensor.get('config'))?.get('keras_history'));
}

/** What a node of Keras 2 reads, `[["gru", 0, 0, {}]]`, and how it is called. */
function olderNode(node: unknown): [read: unknown[], options: unknown] {
  const list = listOf(node);
  const read = typeof list[0] === 'string' ? [list] : list;
  return [read, listOf(read[0])[3]];
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The layer of `["gru", 0, 0]`: the first use of a layer, and the first of what it puts out there. */
function tensorName(tensor: unknown): string {
  const [name, use, which] = listOf(tensor);
  if (typeof name === 'string' && use === 0 && which === 0) return name;
  throw new FileError(
    'A layer of the model.json reads something else than what another puts out first: Sluice cannot.',
  );
}
