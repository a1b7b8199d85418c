import { FileError } from '../../files/error.ts';
import type { TensorFile } from '../../files/safetensors.ts';
import { cells } from '../../model/cells/cells.ts';
import { quote } from '../../quote.ts';
import { type FusedLayer, foldEmbedding, type Matrix } from '../fused.ts';
import { assemble, type Imported, type ImportOptions } from '../network.ts';
import { namedAsEquations, readEquations } from './equations.ts';
import { pytorchGates } from './gates.ts';
import { type ModuleMapping, parseMapping } from './mapping.ts';
import { listed, matrixOf, remarkOnUnused, vectorOf } from './tensors.ts';

/**
 * A state dict: which of its tensors is what, by their shapes and the usual names. What else a module may have is refused,
 * because what it does is not in the file.
 *
 * @throws FileError if it is not the whole state dict of an optional embedding, a recurrent stack and a linear output
 */
export function readStateDict(file: TensorFile, options: ImportOptions): Imported {
  const mapping = options.map === undefined ? namedAsEquations(file, options) : parseMapping(options.map);
  if (mapping?.kind === 'equations') return readEquations(file, mapping, options);
  const { metadata } = file;
  const modules = mapping?.recurrent ?? [findModule(file.tensors)];
  const { layers, names } = readLayers(modules, file.tensors);
  const [first] = layers as [FusedLayer];
  const { rows, columns } = first.recurrent;
  const cell = cells.find((each) => pytorchGates[each]?.length === rows / columns);
  if (cell === undefined) {
    throw new FileError(`The recurrent matrix is ${rows} × ${columns}: neither nn.RNN, nn.GRU nor nn.LSTM has that.`);
  }
  const ends =
    mapping === undefined ? findEnds(file.tensors, names, first) : namedEnds(file.tensors, names, mapping, first);
  const { embedding, output } = ends;
  const input = embedding === undefined ? first.input : foldEmbedding(embedding.matrix, first.input);
  const told = {
    cell,
    ...(embedding !== undefined && { inputs: 'symbols' as const }),
    weights: { layers: [{ ...first, input }, ...layers.slice(1)], output },
    tags: metadata,
  };
  const remarks = [...ends.remarks];
  if (rows === columns && !metadata.has('cell')) {
    remarks.push('A state dict does not tell tanh from ReLU: it is taken for an nn.RNN with tanh.');
  }
  return { file: assemble(told, pytorchGates, options), remarks };
}

/** Parameters of recurrent modules: what stands before them, which they are, of which layer, and in which direction. */
const recurrentName = /^(.*?)(weight|bias)_(ih|hh|hr)(?:_l(\d+))?(_reverse)?$/;

/** The name of the one recurrent module. */
function findModule(tensors: TensorFile['tensors']): string {
  const found = [...tensors.keys()].flatMap((name) => {
    const match = recurrentName.exec(name);
    if (match?.[5]) throw new FileError(`${quote(name)} reads backwards: Sluice has no bidirectional networks.`);
    if (match?.[3] === 'hr')
      throw new FileError(`${quote(name)} is a projection: Sluice has none. Train without proj_size.`);
    return match ? [match[1]!] : [];
  });
  const modules = [...new Set(found)].map((stack) => stack.replace(/\.$/, ''));
  if (modules.length === 1) return modules[0]!;
  if (modules.length === 0) {
    throw new FileError(
      `The file has no weights of an nn.GRU, nn.LSTM or nn.RNN (weight_ih_l0 …), but ${listed(tensors.keys())}: give --map, a file that says which is which.`,
    );
  }
  throw new FileError(
    `The file has several recurrent modules, ${listed(modules)}: give --map, a file that says which are the layers.`,
  );
}

/** All layers of some modules, one above the other, and the names of their tensors. */
function readLayers(
  modules: readonly string[],
  tensors: TensorFile['tensors'],
): { layers: FusedLayer[]; names: ReadonlySet<string> } {
  const used = new Set<string>();
  const layers = modules.flatMap((module) => {
    const stack = module === '' ? '' : `${module}.`;
    const suffixes = tensors.has(`${stack}weight_ih`) ? [''] : [];
    if (suffixes.length === 0) {
      while (tensors.has(`${stack}weight_ih_l${suffixes.length}`)) suffixes.push(`_l${suffixes.length}`);
    }
    if (suffixes.length === 0) throw new FileError(`The file has no tensor ${quote(`${stack}weight_ih_l0`)}.`);
    const layers = suffixes.map((suffix): FusedLayer => {
      const name = (kind: string) => `${stack}${kind}${suffix}`;
      for (const kind of ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh']) used.add(name(kind));
      const bias = (kind: string) => (tensors.has(name(kind)) ? vectorOf(name(kind), tensors) : undefined);
      return {
        input: matrixOf(name('weight_ih'), tensors),
        recurrent: matrixOf(name('weight_hh'), tensors),
        inputBias: bias('bias_ih'),
        recurrentBias: bias('bias_hh'),
      };
    });
    const isAlone = (name: string) =>
      name.startsWith(stack) && recurrentName.exec(name)?.[1] === stack && !used.has(name);
    const alone = [...tensors.keys()].find(isAlone);
    if (alone !== undefined) throw new FileError(`${quote(alone)} belongs to no layer: a layer before it is missing.`);
    return layers;
  });
  return { layers, names: used };
}

/** What usual names of the two ends say. */
const usualEmbedding = /(^|[._])(encoder|embeddings?|embed|emb|wte|lookup)([._]|$)/i;
const usualOutput = /(^|[._])(decoder|fc\d*|linear|out|output|head|lm_head|proj|classifier|dense|h2o)([._]|$)/i;

interface Named {
  readonly name: string;
  readonly matrix: Matrix;
}

/** What is beside the recurrent module: an embedding, if there is one, and a linear output. */
interface Ends {
  readonly embedding?: Named | undefined;
  readonly output: { readonly weight: Matrix; readonly bias?: Float32Array<ArrayBuffer> | undefined };
  readonly remarks: readonly string[];
}

const biasOf = (weight: string) => weight.replace(/weight$/, 'bias');

/** The ends that a mapping names. */
function namedEnds(
  tensors: TensorFile['tensors'],
  recurrent: ReadonlySet<string>,
  { embedding, output }: ModuleMapping,
  first: FusedLayer,
): Ends {
  if (output === undefined && embedding === undefined) return findEnds(tensors, recurrent, first);
  if (output === undefined) throw new FileError('The mapping file names the embedding, but not the output: name both.');
  const weight = `${output}.weight`;
  const bias = tensors.has(biasOf(weight)) ? vectorOf(biasOf(weight), tensors) : undefined;
  const embeds = embedding === undefined ? undefined : `${embedding}.weight`;
  const used = new Set([...recurrent, weight, biasOf(weight), ...(embeds === undefined ? [] : [embeds])]);
  return {
    embedding: embeds === undefined ? undefined : { name: embeds, matrix: matrixOf(embeds, tensors) },
    output: { weight: matrixOf(weight, tensors), bias },
    remarks: remarkOnUnused(tensors, used),
  };
}

/** The ends by their shapes, and where these leave a choice, by the usual names. */
function findEnds(
  tensors: TensorFile['tensors'],
  recurrent: ReadonlySet<string>,
  { input, recurrent: { columns: H } }: FusedLayer,
): Ends {
  const others = [...tensors.keys()].filter((name) => !recurrent.has(name));
  const weights = others
    .filter((name) => /(^|\.)weight$/.test(name))
    .map((name): Named => ({ name, matrix: matrixOf(name, tensors) }));
  const biases = others.filter((name) => /(^|\.)bias$/.test(name));
  const stranger = others.find((name) => !/(^|\.)(weight|bias)$/.test(name));
  if (stranger !== undefined)
    throw new FileError(`What ${quote(stranger)} does is not known: give --map, or save without it.`);
  if (weights.length > 2 || weights.length === 0) {
    const found = listed(weights.map(({ name }) => name));
    throw new FileError(
      `Beside the recurrent module there may be an embedding and one linear output; there is ${found}.`,
    );
  }
  const mayEmbed = ({ name, matrix }: Named) => matrix.columns === input.columns && !biases.includes(biasOf(name));
  const mayPutOut = ({ matrix }: Named) => matrix.columns === H;
  const [a, b] = weights as [Named, Named?];
  let ends: { embedding?: Named; output: Named };
  if (b === undefined) {
    // Of two modules that share their weights, safetensors keeps one name; the output's bias is there beside.
    const isShared = mayEmbed(a) && mayPutOut(a) && (biases.length > 0 || usualEmbedding.test(a.name));
    if (!mayPutOut(a)) {
      throw new FileError(
        `${quote(a.name)} reads ${a.matrix.columns} numbers, not the ${H} of the state: no output is there.`,
      );
    }
    ends = isShared ? { embedding: a, output: a } : { output: a };
  } else {
    const ways = [
      { embedding: a, output: b },
      { embedding: b, output: a },
    ].filter(({ embedding, output }) => mayEmbed(embedding) && mayPutOut(output));
    const usual = ways.filter(
      ({ embedding, output }) => usualEmbedding.test(embedding.name) || usualOutput.test(output.name),
    );
    const way = ways.length === 1 ? ways[0] : usual.length === 1 ? usual[0] : undefined;
    if (way === undefined) {
      const why =
        ways.length === 0 ? 'do not fit as an embedding and an output' : 'may each be the embedding or the output';
      throw new FileError(`${quote(a.name)} and ${quote(b.name)} ${why}: give --map, a file that says which is which.`);
    }
    ends = way;
  }
  const isShared = ends.embedding === ends.output;
  const bias = isShared ? biases[0] : biases.find((name) => name === biasOf(ends.output.name));
  const left = biases.find((name) => name !== bias);
  if (left !== undefined) throw new FileError(`What ${quote(left)} is added to is not known: give --map.`);
  return {
    embedding: ends.embedding,
    output: { weight: ends.output.matrix, bias: bias === undefined ? undefined : vectorOf(bias, tensors) },
    remarks: isShared ? [`The output’s weights are those of the embedding ${quote(ends.output.name)}.`] : [],
  };
}
