import { assertModelConfiguration, type Cell, type ModelConfiguration } from './configuration.ts';
import { Random } from './random.ts';

/**
 * The parameters of each cell by the names of the equations, in the order in which they lie in the flat buffer: what meets
 * the input, what meets the state, the biases of both, what makes the output of the state, and its bias.
 */
const names = {
  gru: {
    input: ['U_z', 'U_r', 'U_h'],
    recurrent: ['W_z', 'W_r', 'W_h'],
    bias: ['b_z', 'b_r', 'b_h'],
    output: ['V'],
    outputBias: ['b_y'],
  },
  rnn: { input: ['U'], recurrent: ['W'], bias: ['b'], output: ['V'], outputBias: ['c'] },
} as const;

/** What a parameter does. */
export type Role = keyof (typeof names)[Cell];
type NameOf<C extends Cell> = (typeof names)[C][Role][number];
export type GruParameterName = NameOf<'gru'>;
export type RnnParameterName = NameOf<'rnn'>;
export type ParameterName = GruParameterName | RnnParameterName;

/** The names of a cell's parameters that do the same: one for each gate, or just one. */
export const parametersOf = (cell: Cell, role: Role): readonly ParameterName[] => names[cell][role];

/** The names of all parameters of a cell, in order. */
export const parameterNames = (cell: Cell): readonly ParameterName[] => Object.values(names[cell]).flat();

/** One parameter's place in the flat buffer. A matrix `[rows, columns]` is stored row by row. */
export interface ParameterPlace {
  readonly name: ParameterName;
  readonly role: Role;
  readonly shape: readonly number[];
  /** Where it starts, in elements from the start of the flat buffer. */
  readonly offset: number;
  /** How many elements it has. */
  readonly length: number;
}

/** Where each parameter lies in the one flat buffer that holds them all. */
export interface ParameterLayout {
  readonly model: ModelConfiguration;
  readonly places: readonly ParameterPlace[];
  /** Elements in the whole flat buffer. */
  readonly length: number;
}

/** The shape of each parameter: rows are inputs, columns are outputs, so that a row vector goes in from the left. */
const shapes: Readonly<Record<Role, (model: ModelConfiguration) => readonly number[]>> = {
  input: ({ inputSize: I, hiddenSize: H }) => [I, H],
  recurrent: ({ hiddenSize: H }) => [H, H],
  bias: ({ hiddenSize: H }) => [H],
  output: ({ hiddenSize: H, outputSize: O }) => [H, O],
  outputBias: ({ outputSize: O }) => [O],
};

const roles = Object.keys(shapes) as readonly Role[];

/**
 * Lays the parameters out one behind the other.
 *
 * @param alignment elements to whose multiple each parameter's start, and the whole length, is rounded up; the gaps
 *   hold zeros.
 */
export function parameterLayout(model: ModelConfiguration, alignment = 1): ParameterLayout {
  assertModelConfiguration(model);
  const align = (elements: number) => Math.ceil(elements / alignment) * alignment;
  let offset = 0;
  const places = roles.flatMap((role) =>
    parametersOf(model.cell, role).map((name): ParameterPlace => {
      const shape = shapes[role](model);
      const place = { name, role, shape, offset, length: shape.reduce((product, size) => product * size, 1) };
      offset = align(offset + place.length);
      return place;
    }),
  );
  return { model, places, length: offset };
}

/** Each parameter of the layout's cell as a view into `flat`: writing to the view writes to the buffer. */
export function parameterViews<Flat extends Float32Array | Float64Array>(
  layout: ParameterLayout,
  flat: Flat,
): Record<ParameterName, Flat> {
  if (flat.length !== layout.length) {
    throw new RangeError(`The flat buffer has ${flat.length} elements; this network has ${layout.length}.`);
  }
  const views = layout.places.map(({ name, offset, length }) => [name, flat.subarray(offset, offset + length)]);
  return Object.fromEntries(views) as Record<ParameterName, Flat>;
}

/**
 * Parameters to start training from, as PyTorch initialises `nn.Linear`: uniform in ±1/√fan_in, where fan_in is the
 * number of inputs of the product that a parameter belongs to (I for a `U`, H for all others; a gate's bias goes with
 * its recurrent product).
 *
 * @returns the flat buffer of `parameterLayout(model)`
 */
export function initialParameters(model: ModelConfiguration, seed: number): Float32Array<ArrayBuffer> {
  const layout = parameterLayout(model);
  const flat = new Float32Array(layout.length);
  const random = new Random(seed);
  for (const { role, offset, length } of layout.places) {
    const fanIn = role === 'input' ? model.inputSize : model.hiddenSize;
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = offset; i < offset + length; i++) flat[i] = bound * (2 * random.uniform() - 1);
  }
  return flat;
}
