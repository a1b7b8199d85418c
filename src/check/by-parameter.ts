/** What known mistakes make of the gradient by a parameter. */

import { describeCell, gatesOf, phasesOf, tracedGates } from '../model/cells/cells.ts';
import type { Gate } from '../model/cells/description.ts';
import { layerSuffix, type ParameterPlace } from '../model/parameters.ts';
import type { Expected } from './expected.ts';
import type { Candidate } from './mistakes.ts';

/** Rows of a flat buffer, one for each place `[T][B]`, and what the equations call them. */
interface Rows {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** What a file calls the gradient by a gate's sum: da_z; ds and dp where there is no such activation. */
export const sumName = ({ timesteps }: Expected, { letter }: Gate, suffix: string): string =>
  [`da_${letter}`, `d${letter}`].find((name) => timesteps.has(name + suffix))!;

/** The gate that a parameter belongs to; none if that is the output's. */
export const gateOf = ({ model }: Expected, { name, role, layer }: ParameterPlace): Gate | undefined =>
  role === 'output' || role === 'outputBias'
    ? undefined
    : gatesOf(model.cell).find((gate) => gate[role] !== undefined && gate[role] + layerSuffix(layer) === name);

/** The mistakes that can be made with a parameter. */
export function* byParameter(expected: Expected, place: ParameterPlace): Generator<Candidate> {
  const { layout, flat, alone, batch } = expected;
  const { name, shape, offset, length } = place;
  const own = flat.subarray(offset, offset + length);
  if (shape.length === 2) yield ['transposed', 'is transposed', transposed(own, shape)];
  for (const other of layout.places) {
    if (other.name === name || other.length !== length) continue;
    yield ['another', `holds what belongs to ${other.name}`, flat.subarray(other.offset, other.offset + length)];
  }
  const cut = (values: Float64Array) => values.subarray(offset, offset + length);
  const last = alone.at(-1);
  if (last !== undefined && batch.lengths === undefined) {
    yield ['truncated', 'holds the last timestep alone: the sum over the others is missing', cut(last.flat)];
  }
  const sum = new Float64Array(length);
  for (const each of alone) if (each) for (const [i, g] of cut(each.flat).entries()) sum[i]! += g;
  yield ['truncated', 'is cut off in time: nothing comes back from a timestep to the one before', sum];
  yield* bySum(expected, place);
}

/** The mistakes with the sum over the places, Σ xᵀ da: another x, another da, places left out. */
function* bySum(expected: Expected, place: ParameterPlace): Generator<Candidate> {
  const { model, timesteps, flat, batch } = expected;
  const { role, layer, offset, length } = place;
  const gate = gateOf(expected, place);
  if (gate === undefined) return;
  const suffix = layerSuffix(layer);
  const H = model.hiddenSize;
  const rowsOf = (name: string): Rows => ({ name: name + suffix, values: timesteps.get(name + suffix)!.data });
  const da = rowsOf(sumName(expected, gate, suffix));
  const own = flat.subarray(offset, offset + length);
  const width = length / H;
  const operands = operandsOf(expected, place);
  const right = operands.find(({ values }) => isSame(outer(values, da.values, width, H), own));
  // Of a cell whose operand is made in a way that is not tried here, nothing is said of its sums.
  if (right === undefined) return;
  const operand = role === 'recurrent' ? operandOf(expected, gate) : right.name;
  const belongs = role === 'bias' ? `Σ ${da.name}` : `Σ ${operand}ᵀ ${da.name}`;
  const named = operand === right.name ? operand : `${operand} = ${right.name}`;
  for (const other of operands) {
    if (other === right) continue;
    const words = `has ${other.name} in the place of ${named}: ${belongs} belongs there`;
    yield ['operand', words, outer(other.values, da.values, width, H)];
  }
  for (const other of gatesOf(model.cell).map((each) => rowsOf(sumName(expected, each, suffix)))) {
    if (other.name === da.name) continue;
    const words = `has ${other.name} in the place of ${da.name}: ${belongs} belongs there`;
    yield ['gradient', words, outer(right.values, other.values, width, H)];
    for (const { name, values } of operands) {
      if (values === right.values) continue;
      const words = `is Σ (${name})ᵀ ${other.name}, where ${belongs} belongs`;
      yield ['operand', words, outer(values, other.values, width, H)];
    }
  }
  const { rows: B, timesteps: T } = batch;
  yield ['truncated', 'lacks the first timestep', outer(right.values, da.values, width, H, B)];
  yield ['truncated', 'lacks the last timestep', outer(right.values, da.values, width, H, 0, (T - 1) * B)];
  if (role !== 'recurrent') return;
  yield ['truncated', 'holds the last timestep alone', outer(right.values, da.values, width, H, (T - 1) * B)];
}

/** What the recurrent product of a gate reads, in the equations' words. */
const operandOf = ({ model }: Expected, gate: Gate) =>
  phasesOf(model.cell).find(({ gates }) => gates.includes(gate))!.operand;

/** All that may be taken for what a parameter meets, and what it does meet, one row for each place. */
function operandsOf(expected: Expected, { role, layer }: ParameterPlace): readonly Rows[] {
  const { model, batch, trace } = expected;
  const size = batch.rows * model.hiddenSize;
  const places = batch.rows * batch.timesteps;
  const before = (layer: number, state = 'h') =>
    trace.layers[layer]!.states[state]!.subarray(0, places * model.hiddenSize);
  const after = (layer: number) => trace.layers[layer]!.states['h']!.subarray(size);
  if (role === 'bias') return [{ name: '1', values: new Float64Array(places).fill(1) }];
  if (role === 'input') {
    const read: Rows =
      layer === 0
        ? { name: 'x', values: inputs(expected) }
        : { name: 'h′ of the layer below', values: after(layer - 1) };
    // The input of the timestep before, as where a list is off by one.
    const late = Float64Array.from(read.values, (_, i) => read.values[i - read.values.length / batch.timesteps] ?? 0);
    return [read, { name: `${read.name} of the timestep before`, values: late }];
  }
  const h = before(layer);
  // q is what the phase before made of the state: h, let through by one of its gates. The sum tells which one.
  const products = tracedGates(model.cell).map(({ letter }): Rows => {
    const values = trace.layers[layer]!.gates[letter]!;
    return { name: `${letter} ⊙ h`, values: Float64Array.from(h, (h, i) => h * values[i]!) };
  });
  const others = describeCell(model.cell).states.slice(1);
  return [
    { name: 'h', values: h },
    ...products,
    { name: 'h′', values: after(layer) },
    ...others.map((state) => ({ name: state, values: before(layer, state) })),
  ];
}

/** The inputs `[T][B][I]`, symbols as one-hot vectors. */
function inputs({ model, batch }: Expected): ArrayLike<number> {
  if (model.inputs === 'vectors') return batch.inputs;
  const vectors = new Float64Array(batch.inputs.length * model.inputSize);
  for (const [place, symbol] of batch.inputs.entries()) vectors[place * model.inputSize + symbol] = 1;
  return vectors;
}

/** Σ xᵀ a over the places from `first` to before `end`, `[width][H]`, with x `[…][width]` and a `[…][H]`. */
function outer(
  x: ArrayLike<number>,
  a: ArrayLike<number>,
  width: number,
  H: number,
  first = 0,
  end = a.length / H,
): Float64Array {
  const sum = new Float64Array(width * H);
  for (let place = first; place < end; place++) {
    for (let j = 0; j < width; j++) {
      const factor = x[place * width + j]!;
      if (factor !== 0) for (let k = 0; k < H; k++) sum[j * H + k]! += factor * a[place * H + k]!;
    }
  }
  return sum;
}

function isSame(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < other.length; i++) {
    difference += (one[i]! - other[i]!) ** 2;
    norm += other[i]! ** 2;
  }
  return difference <= 1e-18 * norm;
}

/** The elements of a matrix `[rows, columns]`, column by column. */
export const transposed = (values: ArrayLike<number>, [rows, columns]: readonly number[]): Float64Array =>
  Float64Array.from(values, (_, i) => values[(i % rows!) * columns! + Math.floor(i / rows!)]!);
