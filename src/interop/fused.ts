import { FileError } from '../files/error.ts';
import { type Cell, gatesOf } from '../model/cells/cells.ts';
import type { Gate } from '../model/cells/description.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { layerSuffix, type ParameterPlace, parameterLayout, parameterViews } from '../model/parameters.ts';

/**
 * Weights as other frameworks keep them: the matrices of all gates of a layer one below the other, each row making one
 * number, and two biases. They order the gates each in a way of their own. And where Sluice's z is how much of the state is
 * replaced, h' = (1 − z) ⊙ h + z ⊙ c, theirs is how much stays: as 1 − σ(a) = σ(−a), U_z, W_z and b_z change their sign.
 */

/** Numbers in rows and columns, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** The weights of one layer of G gates. */
export interface FusedLayer {
  /** `[G·H, I]` */
  readonly input: Matrix;
  /** `[G·H, H]` */
  readonly recurrent: Matrix;
  /** `[G·H]`, added to the product of what goes in; without it nothing is. */
  readonly inputBias?: Float32Array<ArrayBuffer> | undefined;
  /** `[G·H]`, added to the recurrent product. */
  readonly recurrentBias?: Float32Array<ArrayBuffer> | undefined;
}

/** What makes the output of the topmost state. */
export interface FusedOutput {
  /** `[O, H]` */
  readonly weight: Matrix;
  /** `[O]` */
  readonly bias?: Float32Array<ArrayBuffer> | undefined;
}

/** All weights of a network. */
export interface FusedNetwork {
  readonly layers: readonly FusedLayer[];
  readonly output: FusedOutput;
}

/** The order in which a framework has the gates of each cell that it knows, by Sluice's letters. */
export type GateOrder = Readonly<Partial<Record<Cell, readonly string[]>>>;

/** A gate of other frameworks: what reads the input, and what reads the state, which Sluice may have as a gate of its own. */
interface GatePair {
  readonly input: Gate;
  readonly recurrent: Gate;
  /** Whether the other frameworks have it with the opposite sign. */
  readonly negative: boolean;
}

function pairsOf(cell: Cell, order: readonly string[]): GatePair[] {
  const gates = gatesOf(cell);
  const alone = gates.find(({ input }) => input === undefined);
  return order.map((letter) => {
    const input = gates.find((gate) => gate.letter === letter)!;
    const recurrent = input.recurrent === undefined ? alone! : input;
    return { input, recurrent, negative: letter === 'z' };
  });
}

/**
 * A network's parameters from another framework's weights. The two biases of a gate are added up where Sluice has one.
 *
 * @param order the framework's, of the network's cell
 * @returns the flat buffer of `parameterLayout(model)`
 */
export function unfuse(
  model: ModelConfiguration,
  order: readonly string[],
  { layers, output }: FusedNetwork,
): Float32Array<ArrayBuffer> {
  const { hiddenSize: H, outputSize: O } = model;
  const layout = parameterLayout(model);
  const flat = new Float32Array(layout.length);
  const views = parameterViews(layout, flat);
  for (const [index, layer] of layers.entries()) {
    const view = (name: string) => views[name + layerSuffix(index)]!;
    for (const [i, { input, recurrent, negative }] of pairsOf(model.cell, order).entries()) {
      const sign = negative ? -1 : 1;
      transposeInto(view(input.input!), layer.input, i * H, H, sign);
      transposeInto(view(recurrent.recurrent!), layer.recurrent, i * H, H, sign);
      if (layer.inputBias === undefined && layer.recurrentBias === undefined) continue;
      for (let j = 0; j < H; j++) {
        const ofInput = layer.inputBias?.[i * H + j] ?? nothing;
        const ofState = layer.recurrentBias?.[i * H + j] ?? nothing;
        if (input === recurrent) view(input.bias)[j] = sign * (ofInput + ofState);
        else {
          view(input.bias)[j] = sign * ofInput;
          view(recurrent.bias)[j] = sign * ofState;
        }
      }
    }
  }
  const [V, bias] = layout.places.slice(-2).map(({ name }) => views[name]!) as [Float32Array, Float32Array];
  transposeInto(V, output.weight, 0, O, 1);
  if (output.bias) bias.set(output.bias);
  return flat;
}

/**
 * A network's weights as another framework keeps them. The one bias of a gate goes with the product of what goes in.
 *
 * @param order the framework's, of the network's cell
 * @param parameters the flat buffer of `parameterLayout(model)`
 */
export function fuse(
  model: ModelConfiguration,
  order: readonly string[],
  parameters: Float32Array<ArrayBuffer>,
): FusedNetwork {
  const { inputSize: I, hiddenSize: H, outputSize: O } = model;
  const layout = parameterLayout(model);
  const views = parameterViews(layout, parameters);
  const pairs = pairsOf(model.cell, order);
  const rows = pairs.length * H;
  const layers = Array.from({ length: model.layers }, (_, index): FusedLayer => {
    const view = (name: string) => views[name + layerSuffix(index)]!;
    const columns = index === 0 ? I : H;
    const input = { rows, columns, data: new Float32Array(rows * columns) };
    const recurrent = { rows, columns: H, data: new Float32Array(rows * H) };
    const inputBias = new Float32Array(rows);
    const recurrentBias = new Float32Array(rows).fill(nothing);
    for (const [i, pair] of pairs.entries()) {
      const sign = pair.negative ? -1 : 1;
      transposeFrom(view(pair.input.input!), input, i * H, H, sign);
      transposeFrom(view(pair.recurrent.recurrent!), recurrent, i * H, H, sign);
      inputBias.set(
        view(pair.input.bias).map((value) => sign * value),
        i * H,
      );
      if (pair.input !== pair.recurrent) recurrentBias.set(view(pair.recurrent.bias), i * H);
    }
    return { input, recurrent, inputBias, recurrentBias };
  });
  const [V, bias] = layout.places.slice(-2) as [ParameterPlace, ParameterPlace];
  const weight = { rows: O, columns: H, data: new Float32Array(O * H) };
  transposeFrom(views[V.name]!, weight, 0, O, 1);
  return { layers, output: { weight, bias: views[bias.name]!.slice() as Float32Array<ArrayBuffer> } };
}

/** What changes no number that it is added to: 0 would make +0 of −0. */
const nothing = -0;

/** target[column][row] ← sign · matrix[first + row][column] */
function transposeInto(
  target: Float32Array,
  { columns, data }: Matrix,
  first: number,
  rows: number,
  sign: 1 | -1,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      target[column * rows + row] = sign * data[(first + row) * columns + column]!;
    }
  }
}

/** matrix[first + row][column] ← sign · source[column][row] */
function transposeFrom(
  source: Float32Array,
  { columns, data }: Matrix,
  first: number,
  rows: number,
  sign: 1 | -1,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      data[(first + row) * columns + column] = sign * source[column * rows + row]!;
    }
  }
}

/** The same numbers with rows and columns exchanged. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column]!;
  }
  return { rows: columns, columns: rows, data: turned };
}

/** The square matrix that changes nothing that it is multiplied with. */
export function identity(size: number): Matrix {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return { rows: size, columns: size, data };
}

const isIdentity = ({ rows, columns, data }: Matrix): boolean =>
  rows === columns && data.every((value, i) => value === (i % (columns + 1) === 0 ? 1 : 0));

/** The most numbers that an embedding and a matrix may become together, for both can be small and their product large; */
const mostFolded = 2 ** 27;
/** and the most multiplications for it, which take some ten seconds. */
const mostMultiplications = 2 ** 34;

/**
 * The first layer's matrix for one-hot symbols, from one for their embeddings: input · embeddingᵀ, so that the network reads
 * symbols and computes the same. The sums are float64. What is multiplied with the identity keeps its bits.
 *
 * @param embedding `[V, E]`
 * @param input `[G·H, E]`
 * @returns `[G·H, V]`
 * @throws FileError if one does not fit the other, or there are more symbols than such a network can read one by one
 */
export function foldEmbedding(embedding: Matrix, input: Matrix): Matrix {
  const { rows: symbols, columns: size } = embedding;
  if (input.columns !== size) {
    throw new FileError(`The embedding has ${size} numbers for a symbol, but the first layer reads ${input.columns}.`);
  }
  if (isIdentity(embedding)) return input;
  if (isIdentity(input)) return transposed(embedding);
  const folded = symbols * input.rows;
  if (folded > mostFolded || folded * size > mostMultiplications) {
    throw new FileError(`The embedding has ${symbols} symbols: more than a network of this size can read one by one.`);
  }
  const data = new Float32Array(folded);
  for (let row = 0; row < input.rows; row++) {
    for (let symbol = 0; symbol < symbols; symbol++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += input.data[row * size + i]! * embedding.data[symbol * size + i]!;
      data[row * symbols + symbol] = sum;
    }
  }
  return { rows: input.rows, columns: symbols, data };
}
