import { describeCell, gatesOf } from './cells/cells.ts';
import { assertModelConfiguration, type ModelConfiguration } from './configuration.ts';
import { Random } from './random.ts';

/**
 * What a parameter does: U meets what goes into a layer, W the state, b is the bias of both; V and its bias make the output
 * of the topmost state.
 */
export const roles = ['input', 'recurrent', 'bias', 'output', 'outputBias'] as const;
/** What a parameter does. */
export type Role = (typeof roles)[number];

/** A parameter, by its name in the equations: `W_z`, in the second layer `W_z_l1`. */
export type ParameterName = string;

/** One parameter's place in the flat buffer. A matrix `[rows, columns]` is stored row by row. */
export interface ParameterPlace {
  readonly name: ParameterName;
  readonly role: Role;
  /** Counted from 0; the output's parameters belong to the last layer. */
  readonly layer: number;
  readonly shape: readonly number[];
  /** Where it starts, in elements from the start of the flat buffer. */
  readonly offset: number;
  /** How many elements it has. */
  readonly length: number;
}

/** Whether a parameter is a matrix, and not a bias. */
export const isMatrix = ({ shape }: ParameterPlace): boolean => shape.length === 2;

/** Whether training moves a parameter: the biases of a network without any are 0 and stay so. */
export const isLearned = ({ biases }: Pick<ModelConfiguration, 'biases'>, place: ParameterPlace): boolean =>
  biases !== false || isMatrix(place);

/** Where each parameter lies in the one flat buffer that holds them all. */
export interface ParameterLayout {
  readonly model: ModelConfiguration;
  readonly places: readonly ParameterPlace[];
  /** Elements in the whole flat buffer. */
  readonly length: number;
}

type Named = Pick<ParameterPlace, 'name' | 'role' | 'layer'>;

/** What stands behind the names of a layer's parameters, as in PyTorch; nothing in the first layer. */
export const layerSuffix = (layer: number): string => (layer === 0 ? '' : `_l${layer}`);

/** All parameters of a network, in the order in which they lie in the flat buffer: layer by layer, role by role. */
function named({ cell, layers }: Pick<ModelConfiguration, 'cell' | 'layers'>): Named[] {
  const gates = gatesOf(cell);
  const ofLayers = Array.from({ length: layers }, (_, layer) =>
    (['input', 'recurrent', 'bias'] as const).flatMap((role) =>
      gates.flatMap((gate): Named[] => {
        const name = gate[role];
        return name === undefined ? [] : [{ name: name + layerSuffix(layer), role, layer }];
      }),
    ),
  );
  const layer = layers - 1;
  return [
    ...ofLayers.flat(),
    { name: 'V', role: 'output', layer },
    { name: describeCell(cell).outputBias, role: 'outputBias', layer },
  ];
}

/** The names of all parameters of a network, in order. */
export const parameterNames = (model: Pick<ModelConfiguration, 'cell' | 'layers'>): readonly ParameterName[] =>
  named(model).map(({ name }) => name);

/** The shape of each parameter: rows are inputs, columns are outputs, so that a row vector goes in from the left. */
function shapeOf({ role, layer }: Named, model: ModelConfiguration): readonly number[] {
  const { inputSize: I, hiddenSize: H, outputSize: O } = model;
  switch (role) {
    case 'input':
      return [layer === 0 ? I : H, H];
    case 'recurrent':
      return [H, H];
    case 'bias':
      return [H];
    case 'output':
      return [H, O];
    case 'outputBias':
      return [O];
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
  const places = named(model).map((parameter): ParameterPlace => {
    const shape = shapeOf(parameter, model);
    const place = { ...parameter, shape, offset, length: shape.reduce((product, size) => product * size, 1) };
    offset = align(offset + place.length);
    return place;
  });
  return { model, places, length: offset };
}

/** How many numbers a network learns. */
export const learnedCount = (model: ModelConfiguration): number =>
  parameterLayout(model).places.reduce((sum, place) => sum + (isLearned(model, place) ? place.length : 0), 0);

/** Each parameter of a layout as a view into `flat`: writing to the view writes to the buffer. */
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
 * number of inputs of the product that a parameter belongs to (I for a `U` of the first layer, H for all others; a gate's
 * bias goes with its recurrent product). A network without biases begins with the matrices that it would have with them.
 *
 * @returns the flat buffer of `parameterLayout(model)`
 */
export function initialParameters(model: ModelConfiguration, seed: number): Float32Array<ArrayBuffer> {
  const layout = parameterLayout(model);
  const flat = new Float32Array(layout.length);
  const random = new Random(seed);
  for (const place of layout.places) {
    const { role, layer, offset, length } = place;
    const fanIn = role === 'input' && layer === 0 ? model.inputSize : model.hiddenSize;
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = offset; i < offset + length; i++) flat[i] = bound * (2 * random.uniform() - 1);
    if (!isLearned(model, place)) flat.fill(0, offset, offset + length);
  }
  return flat;
}
