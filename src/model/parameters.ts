import { assertModelConfiguration, type ModelConfiguration } from './configuration.ts';
import { Random } from './random.ts';

/** The GRU's parameters by the names of the equations, in the order in which they lie in the flat buffer. */
export const parameterNames = ['U_z', 'U_r', 'U_h', 'W_z', 'W_r', 'W_h', 'b_z', 'b_r', 'b_h', 'V', 'b_y'] as const;

export type ParameterName = (typeof parameterNames)[number];

/** One parameter's place in the flat buffer. A matrix `[rows, columns]` is stored row by row. */
export interface ParameterPlace {
  readonly name: ParameterName;
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
export function parameterShape(model: ModelConfiguration, name: ParameterName): readonly number[] {
  const { vocabularySize: V, hiddenSize: H } = model;
  switch (name) {
    case 'U_z':
    case 'U_r':
    case 'U_h':
      return [V, H];
    case 'W_z':
    case 'W_r':
    case 'W_h':
      return [H, H];
    case 'b_z':
    case 'b_r':
    case 'b_h':
      return [H];
    case 'V':
      return [H, V];
    case 'b_y':
      return [V];
  }
}

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
  const places = parameterNames.map((name): ParameterPlace => {
    const shape = parameterShape(model, name);
    const place = { name, shape, offset, length: shape.reduce((product, size) => product * size, 1) };
    offset = align(offset + place.length);
    return place;
  });
  return { model, places, length: offset };
}

/** Each parameter as a view into `flat`: writing to the view writes to the buffer. */
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
 * number of inputs of the product that a parameter belongs to (V for a `U`, H for all others; a gate's bias goes with
 * its recurrent product).
 *
 * @returns the flat buffer of `parameterLayout(model)`
 */
export function initialParameters(model: ModelConfiguration, seed: number): Float32Array<ArrayBuffer> {
  const layout = parameterLayout(model);
  const flat = new Float32Array(layout.length);
  const random = new Random(seed);
  for (const { name, offset, length } of layout.places) {
    const fanIn = name.startsWith('U_') ? model.vocabularySize : model.hiddenSize;
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = offset; i < offset + length; i++) flat[i] = bound * (2 * random.uniform() - 1);
  }
  return flat;
}
