import { integersIn, isRow, misplaced, type Place } from '../node.ts';
import { type Constant, constantOf, countOf, mostDimensions } from '../tensor.ts';
import { type Dimension, type Size, type Value, zeros } from '../values.ts';

/** Operators of what is known before a graph runs: constants, and the sizes of other values. */

/** A node that makes a constant. */
export function constant(place: Place): Value {
  const tensor = place.attribute('value', 'tensor');
  if (tensor !== undefined) return constantOf(tensor);
  const [one, several] = [place.attribute('value_int', 'int'), place.attribute('value_ints', 'ints')];
  if (one !== undefined) return { kind: 'constant', dims: [], numbers: Float64Array.of(one) };
  if (several) return { kind: 'constant', dims: [several.length], numbers: Float64Array.from(several) };
  const [float, floats] = [place.attribute('value_float', 'float'), place.attribute('value_floats', 'floats')];
  if (float !== undefined) return { kind: 'constant', dims: [], numbers: Float32Array.of(float) };
  if (floats) return { kind: 'constant', dims: [floats.length], numbers: Float32Array.from(floats) };
  throw place.damaged('has no value');
}

/** One number in a shape that is known when the graph runs; zeros have any. */
export function constantOfShape(place: Place): Value {
  const value = place.attribute('value', 'tensor');
  if (value === undefined || isZero(constantOf(value))) return zeros;
  return place.refuse('makes other constants than zeros of the size of the batch: states can only start from zero.');
}

export const isZero = ({ numbers }: Constant) => numbers.every((value) => value === 0);

export const unknownSizes: Value = { kind: 'sizes', sizes: undefined };

/** More sizes in a row than this has no shape. */
const mostSizes = 64;

export const sizesOrNone = (sizes: readonly Size[]): Value => ({
  kind: 'sizes',
  sizes: sizes.length > mostSizes ? undefined : sizes,
});

/** The sizes of a value's dimensions, or of some of them. */
export function shape(place: Place): Value {
  const value = place.input();
  const whole =
    value.kind === 'constant' ? value.dims : value.kind === 'sequence' ? value.dimensions.map(sizeOf) : undefined;
  if (whole === undefined) return unknownSizes;
  return sizesOrNone(whole.slice(place.attribute('start', 'int') ?? 0, place.attribute('end', 'int')));
}

/** How many numbers lie along a dimension. */
export function sizeOf(dimension: Dimension): Size {
  const known = dimension.flatMap(({ size }) => size ?? []);
  return known.length === dimension.length ? countOf(known) : dimension;
}

/** The sizes that a value holds, if it holds such. */
export function sizesIn(value: Value): readonly Size[] | undefined {
  return value.kind === 'sizes' ? value.sizes : integersIn(value);
}

/** Whether a value is sizes, or whole numbers that may be such. */
export function isSizes(value: Value): boolean {
  return value.kind === 'sizes' || (value.kind === 'constant' && isRow(value));
}

/** The product of two sizes. */
export function product(place: Place): Value {
  const [a, b] = [place.input(0), place.input(1)];
  if (!isSizes(a) || !isSizes(b)) return place.refuse(misplaced);
  const [left, right] = [sizesIn(a), sizesIn(b)];
  if (left?.length !== 1 || right?.length !== 1) return unknownSizes;
  const [x, y] = [left[0], right[0]];
  if (typeof x === 'number' && typeof y === 'number') return sizesOrNone([x * y]);
  const axes = [x, y].map((size) => (size === 1 ? [] : size));
  if (!axes.every((size) => typeof size === 'object')) return unknownSizes;
  return sizesOrNone([axes.flat().length > mostDimensions ? undefined : axes.flat()]);
}
