/** What known mistakes make of a gradient at one timestep, where all that it is made of is still right. */

import { gatesOf, phasesOf, statesOf, tracedGates } from '../model/cells/cells.ts';
import type { Gate, Phase, StateName } from '../model/cells/description.ts';
import { layerSuffix } from '../model/parameters.ts';
import { sumName } from './by-parameter.ts';
import type { Expected } from './expected.ts';
import type { Candidate } from './mistakes.ts';

type Numbers = ArrayLike<number>;

/** A quantity that a file holds for each timestep. */
export interface Quantity {
  /** `da_z_l1` */
  readonly name: string;
  readonly layer: number;
  /** What it is the gradient by: a state, a gate's sum, or else the operand of a phase. */
  readonly state?: StateName;
  readonly gate?: Gate;
  readonly operand?: Phase['operand'];
}

/** All that the reference tells of each timestep, in the order in which the way back finds it: topmost layer first. */
export function quantitiesOf(expected: Expected): readonly Quantity[] {
  const { model } = expected;
  return Array.from({ length: model.layers }, (_, below) => {
    const layer = model.layers - 1 - below;
    const suffix = layerSuffix(layer);
    const states = statesOf(model).filter((state) => state.layer === layer);
    // Last phase first, and between two of them what the later one read.
    const between = [...phasesOf(model.cell)]
      .reverse()
      .flatMap(({ operand, gates }): Quantity[] => [
        ...[...gates].reverse().map((gate) => ({ name: sumName(expected, gate, suffix) + suffix, layer, gate })),
        ...(operand === 'h' ? [] : [{ name: `d${operand}${suffix}`, layer, operand }]),
      ]);
    return [...states.map(({ name }): Quantity => ({ name: `d${name}${suffix}`, layer, state: name })), ...between];
  }).flat();
}

/** The mistakes that can be made with a quantity at timestep t, `[B][H]` each. */
export function* byTimestep(expected: Expected, quantity: Quantity, t: number): Generator<Candidate> {
  if (quantity.state !== undefined) yield* byState(expected, quantity, quantity.state, t);
  else if (quantity.gate !== undefined) yield* byGate(expected, quantity, quantity.gate, t);
  else yield* byOperand(expected, quantity, t);
  const { timesteps } = expected;
  const own = timesteps.get(quantity.name)!;
  for (const [name, other] of timesteps) {
    if (name === quantity.name || other.shape[0] !== own.shape[0]) continue;
    yield ['another', `holds what belongs to ${name}`, slice(expected, other.data, t)];
  }
}

function* byGate(expected: Expected, quantity: Quantity, { letter }: Gate, t: number): Generator<Candidate> {
  const { gates, states } = expected.trace.layers[quantity.layer]!;
  const right = slice(expected, expected.timesteps.get(quantity.name)!.data, t);
  // What is made of a gate that is not traced is the next state.
  const [v, value] =
    letter in gates ? [letter, slice(expected, gates[letter]!, t)] : ['h′', slice(expected, states['h']!, t + 1)];
  const [σ, tanh] = [map((v) => v * (1 - v), value), map((v) => 1 - v * v, value)];
  const over = (a: Numbers, b: Numbers) => map((a, b) => a / b, a, b);
  yield ['derivative', `lacks σ′, ${v} ⊙ (1 − ${v})`, over(right, σ)];
  yield ['derivative', `lacks tanh′, 1 − ${v} ⊙ ${v}`, over(right, tanh)];
  yield ['derivative', 'has σ′ in the place of tanh′', map((d, s, h) => (d / h) * s, right, σ, tanh)];
  yield ['derivative', 'has tanh′ in the place of σ′', map((d, s, h) => (d / s) * h, right, σ, tanh)];
  yield ['derivative', `has 1 − ${v} in the place of 1 − ${v} ⊙ ${v}`, map((d, v) => d / (1 + v), right, value)];
  yield ['derivative', `lacks the 1 − ${v} of σ′, ${v} ⊙ (1 − ${v})`, map((d, v) => d / (1 - v), right, value)];
  for (const { letter: other } of tracedGates(expected.model.cell)) {
    yield ['term', `lacks the factor ${other}`, over(right, slice(expected, gates[other]!, t))];
    const left = map((v) => 1 - v, slice(expected, gates[other]!, t));
    yield [
      'term',
      `has 1 − ${other} in the place of ${other}`,
      map((d, v, w) => (d / v) * w, right, slice(expected, gates[other]!, t), left),
    ];
  }
  for (const [state, values] of Object.entries(states)) {
    yield ['term', `lacks the factor ${state}`, over(right, slice(expected, values, t))];
  }
}

function* byOperand(expected: Expected, quantity: Quantity, t: number): Generator<Candidate> {
  const suffix = layerSuffix(quantity.layer);
  const readers = phasesOf(expected.model.cell).filter(({ operand }) => operand === quantity.operand);
  const gates = readers.flatMap(({ gates }) => gates).filter(({ recurrent }) => recurrent !== undefined);
  const turned = gates.map((gate) => through(expected, gate, quantity.layer, t, false));
  const names = gates.map(({ recurrent }) => `${recurrent}${suffix}`).join(', ');
  yield [
    'transposed',
    `has ${names} in the place of its transpose`,
    map((...terms) => terms.reduce((a, b) => a + b), ...turned),
  ];
}

function* byState(expected: Expected, quantity: Quantity, state: StateName, t: number): Generator<Candidate> {
  const { model, batch, alone, timesteps, trace } = expected;
  const { layer, name } = quantity;
  const suffix = layerSuffix(layer);
  const right = slice(expected, timesteps.get(name)!.data, t);
  const size = batch.rows * model.hiddenSize;
  const s = statesOf(model).findIndex((other) => other.layer === layer && other.name === state);
  const shown = t === 0 ? undefined : alone[t - 1]?.byState.subarray(s * size, (s + 1) * size);
  if (shown !== undefined) {
    yield ['truncated', 'holds what its own timestep gives alone: nothing comes back from the one after', shown];
    yield ['term', 'lacks what its own timestep gives', map((d, own) => d - own, right, shown)];
  }
  if (t === batch.timesteps) return;
  for (const gate of gatesOf(model.cell)) {
    if (gate.recurrent === undefined || state !== 'h') continue;
    const da = sumName(expected, gate, suffix) + suffix;
    const W = gate.recurrent + suffix;
    const back = through(expected, gate, layer, t, true);
    const turned = through(expected, gate, layer, t, false);
    yield ['term', `lacks ${da} ${W}ᵀ`, map((d, back) => d - back, right, back)];
    yield [
      'transposed',
      `has ${da} ${W} in the place of ${da} ${W}ᵀ`,
      map((d, a, b) => d - a + b, right, back, turned),
    ];
  }
  // What goes past the products: the next state's gradient, or an operand's, times a gate or what that leaves.
  const operands = phasesOf(model.cell).flatMap(({ operand }) => (operand === 'h' ? [] : `d${operand}${suffix}`));
  for (const source of [name, ...operands]) {
    const isNext = source === name;
    const values = slice(expected, timesteps.get(source)!.data, isNext ? t + 1 : t);
    const called = isNext ? `${source}′` : source;
    for (const { letter } of tracedGates(model.cell)) {
      const gate = slice(expected, trace.layers[layer]!.gates[letter]!, t);
      yield ['term', `lacks ${called} ⊙ ${letter}`, map((d, g, v) => d - g * v, right, values, gate)];
      yield ['term', `lacks ${called} ⊙ (1 − ${letter})`, map((d, g, v) => d - g * (1 - v), right, values, gate)];
      const instead = `has ${called} in the place of ${called} ⊙`;
      yield ['term', `${instead} ${letter}`, map((d, g, v) => d + g * (1 - v), right, values, gate)];
      yield ['term', `${instead} (1 − ${letter})`, map((d, g, v) => d + g * v, right, values, gate)];
      const turned = `has ${letter} in the place of 1 − ${letter} beside ${called}`;
      yield ['term', turned, map((d, g, v) => d - g * (1 - v) + g * v, right, values, gate)];
    }
  }
}

/** da Wᵀ of a gate at timestep t, `[B][H]`; da W if it is not on its way back. */
function through(expected: Expected, gate: Gate, layer: number, t: number, back: boolean): Float64Array {
  const { model, parameters, layout, timesteps } = expected;
  const suffix = layerSuffix(layer);
  const H = model.hiddenSize;
  const { offset } = layout.places.find(({ name }) => name === gate.recurrent + suffix)!;
  const da = slice(expected, timesteps.get(sumName(expected, gate, suffix) + suffix)!.data, t);
  return Float64Array.from({ length: da.length }, (_, i) => {
    const [row, j] = [Math.floor(i / H), i % H];
    let sum = 0;
    for (let k = 0; k < H; k++) sum += da[row * H + k]! * parameters[offset + (back ? j * H + k : k * H + j)]!;
    return sum;
  });
}

/** What stands at timestep t of `[…][B][H]`. */
export function slice({ model, batch }: Expected, values: Float32Array | Float64Array, t: number) {
  const size = batch.rows * model.hiddenSize;
  return values.subarray(t * size, (t + 1) * size);
}

const map = (f: (...elements: number[]) => number, ...vectors: readonly Numbers[]): Float64Array =>
  Float64Array.from(vectors[0]!, (_, i) => f(...vectors.map((vector) => vector[i]!)));
