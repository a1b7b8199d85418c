import { label, type Place } from '../node.ts';
import { elementTypes } from '../schema.ts';
import {
  type Constant,
  concatenated,
  countOf,
  isFraction,
  mostDimensions,
  reshaped,
  strided,
  stridesOf,
} from '../tensor.ts';
import { type Axis, type Dimension, type Sequence, type Size, type Value, zeros } from '../values.ts';
import { isSizes, isZero, sizeOf, sizesIn, sizesOrNone, unknownSizes } from './known.ts';

/** Operators that arrange numbers, and change none of them. */

/**
 * What takes a part of a value, or repeats it. States may be cut from what a graph is given for all layers at once; of what
 * goes through the layers nothing may be cut.
 */
export function part(place: Place): Value {
  const value = place.input();
  switch (value.kind) {
    case 'zeros':
    case 'states':
    case 'last':
    case 'refused':
      return value;
    case 'constant':
      return isZero(value) ? zeros : place.refuse('arranges constants in a way that is not read here.');
    case 'sizes':
      return unknownSizes;
    case 'sequence':
      return stateOr(place, value, 'takes a part of what goes through the network, or repeats it');
  }
}

/** Vectors that go into a graph may be states, to which anything may be done before they are such. */
function stateOr(place: Place, { stage }: Sequence, does: string): Value {
  if (stage.at === 'input' && stage.inputs === 'vectors') {
    return {
      kind: 'states',
      inputs: new Set([stage.input]),
      reason: `The ${label(place.node)} ${does}: that cannot be carried over.`,
    };
  }
  return place.refuse(`${does}: that cannot be carried over.`);
}

/** Gives all dimensions of a value another order or grouping, if that is possible. */
function arrange(
  place: Place,
  ofConstant: (value: Constant) => Constant | undefined,
  ofSequence: (dimensions: readonly Dimension[]) => readonly Dimension[] | undefined,
): Value {
  const value = place.input();
  if (value.kind === 'constant') return ofConstant(value) ?? part(place);
  if (value.kind === 'sizes') return value;
  if (value.kind !== 'sequence') return part(place);
  const dimensions = ofSequence(value.dimensions);
  if (dimensions === undefined) return stateOr(place, value, 'arranges what goes through the network anew');
  return { ...value, dimensions };
}

/** Dimensions in another order. */
export function transpose(place: Place): Value {
  const order = (rank: number) => {
    const perm = place.attribute('perm', 'ints') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    return [...perm].sort().join() === Array.from({ length: rank }, (_, i) => i).join() ? perm : undefined;
  };
  return arrange(
    place,
    (value) => {
      const [perm, strides] = [order(value.dims.length), stridesOf(value.dims)];
      return (
        perm &&
        strided(
          value,
          perm.map((d) => value.dims[d]!),
          perm.map((d) => strides[d]!),
          0,
        )
      );
    },
    (dimensions) => order(dimensions.length)?.map((d) => dimensions[d]!),
  );
}

/** Dimensions counted from the end too, each once, of `rank`; `undefined` if there are no such. */
export function dimensionsOf(axes: readonly number[] | undefined, rank: number): ReadonlySet<number> | undefined {
  const counted = new Set(axes?.map((axis) => (axis < 0 ? axis + rank : axis)));
  const sound = axes !== undefined && rank <= mostDimensions && counted.size === axes.length;
  return sound && [...counted].every((axis) => axis >= 0 && axis < rank) ? counted : undefined;
}

/** Fewer dimensions of size 1. */
export function squeeze(place: Place): Value {
  const axes = place.integers(1, 'axes', 13);
  const without = <Of>(list: readonly Of[], isOne: (of: Of) => boolean) => {
    const dropped = dimensionsOf(axes, list.length);
    if (dropped === undefined || ![...dropped].every((d) => isOne(list[d]!))) return undefined;
    return list.filter((_, d) => !dropped.has(d));
  };
  return arrange(
    place,
    (value) => {
      const dims = without(value.dims, (size) => size === 1);
      return dims && reshaped(value, dims);
    },
    (dimensions) => without(dimensions, (dimension) => sizeOf(dimension) === 1),
  );
}

/** More dimensions of size 1. */
export function unsqueeze(place: Place): Value {
  const axes = place.integers(1, 'axes', 13);
  const between = <Of>(list: readonly Of[], one: Of) => {
    const added = dimensionsOf(axes, list.length + (axes?.length ?? 0));
    if (added === undefined) return undefined;
    const rest = [...list];
    return Array.from({ length: list.length + added.size }, (_, d) => (added.has(d) ? one : rest.shift()!));
  };
  return arrange(
    place,
    (value) => {
      const dims = between(value.dims, 1);
      return dims && reshaped(value, dims);
    },
    (dimensions) => between<Dimension>(dimensions, []),
  );
}

/** The same numbers in another shape. */
export function reshape(place: Place): Value {
  const sizes = sizesIn(place.input(1));
  const copies = place.attribute('allowzero', 'int') !== 1;
  return arrange(
    place,
    (value) => {
      const dims = sizes?.map((size, d) => (size === 0 && copies ? value.dims[d] : size));
      if (dims === undefined || dims.length > mostDimensions) return undefined;
      const rest =
        value.numbers.length / countOf(dims.map((size) => (typeof size === 'number' && size > 0 ? size : 1)));
      const whole = dims.map((size) => (size === -1 ? rest : size));
      const isSound = whole.every((size) => typeof size === 'number' && Number.isInteger(size) && size >= 0);
      return isSound && countOf(whole as number[]) === value.numbers.length
        ? reshaped(value, whole as number[])
        : undefined;
    },
    (dimensions) => (sizes === undefined ? undefined : regrouped(dimensions, sizes, copies)),
  );
}

/**
 * What lies along the dimensions of another shape. In memory the axes lie as before, so that each dimension has some that are
 * neighbours; `undefined` if they do not come out even.
 *
 * @param copies whether 0 stands for the size that a dimension had before
 */
function regrouped(
  dimensions: readonly Dimension[],
  sizes: readonly Size[],
  copies: boolean,
): readonly Dimension[] | undefined {
  if (sizes.length > mostDimensions) return undefined;
  const axes = dimensions.flat();
  const [front, back] = [[] as Dimension[], [] as Dimension[]];
  let [begin, end] = [0, axes.length];
  /** How many of the axes, which come in order, make up a size. */
  const count = (size: Size, d: number, next: readonly Axis[]): number | undefined => {
    const wanted = size === 0 && copies ? dimensions[d] : size;
    if (typeof wanted === 'object') {
      const taken = next.slice(0, wanted.length);
      return taken.length === wanted.length && taken.every((axis) => wanted.includes(axis)) ? taken.length : undefined;
    }
    if (wanted === 1) return next[0]?.size === 1 ? 1 : 0;
    let [n, taken] = [0, 1];
    while (wanted !== undefined && taken < wanted && n < next.length) taken *= next[n++]!.size ?? 0;
    return taken === wanted ? n : undefined;
  };
  const open = sizes.indexOf(-1);
  for (let d = 0; d < (open < 0 ? sizes.length : open); d++) {
    const n = count(sizes[d], d, axes.slice(begin, end));
    if (n === undefined) return undefined;
    front.push(axes.slice(begin, begin + n));
    begin += n;
  }
  for (let d = sizes.length - 1; d > open && open >= 0; d--) {
    const n = count(sizes[d], d, axes.slice(begin, end).reverse());
    if (n === undefined) return undefined;
    back.unshift(axes.slice(end - n, end));
    end -= n;
  }
  if (open >= 0) return [...front, axes.slice(begin, end), ...back];
  return begin === end ? front : undefined;
}

/** A part of constants and of sizes. */
export function slice(place: Place): Value {
  const value = place.input();
  const starts = place.integers(1, 'starts', 10);
  const ends = place.integers(2, 'ends', 10);
  const axes = place.integers(3, 'axes', 10) ?? starts?.map((_, i) => i);
  const steps = place.integers(4, 'steps', 10) ?? starts?.map(() => 1);
  const isOfSizes = value.kind === 'sizes' || value.kind === 'constant';
  if (!isOfSizes || !starts || !ends || !axes || steps?.some((step) => step !== 1) !== false) return part(place);
  const ranges = (dims: readonly number[]) => {
    const counted = dimensionsOf(axes, dims.length);
    if (counted === undefined || starts.length !== axes.length || ends.length !== axes.length) return undefined;
    const all = dims.map((size): [number, number] => [0, size]);
    for (const [i, d] of [...counted].entries()) {
      const clamp = (at: number) => Math.max(0, Math.min(dims[d]!, at < 0 ? at + dims[d]! : at));
      all[d] = [clamp(starts[i]!), Math.max(clamp(starts[i]!), clamp(ends[i]!))];
    }
    return all;
  };
  if (value.kind === 'sizes') {
    const range = value.sizes && ranges([value.sizes.length])?.[0];
    return range ? sizesOrNone(value.sizes!.slice(...range)) : unknownSizes;
  }
  const all = ranges(value.dims);
  if (all === undefined) return part(place);
  const strides = stridesOf(value.dims);
  const offset = all.reduce((sum, [begin], d) => sum + begin * strides[d]!, 0);
  return strided(
    value,
    all.map(([begin, end]) => end - begin),
    strides,
    offset,
  );
}

/** Constants, sizes or states, one behind the other. */
export function concat(place: Place): Value {
  const values = place.inputs.map((_, i) => place.input(i));
  const constants = values.filter((value) => value.kind === 'constant');
  if (constants.length === values.length) {
    const [axis] = dimensionsOf([place.attribute('axis', 'int') ?? 0], constants[0]?.dims.length ?? 0) ?? [];
    return (axis === undefined ? undefined : concatenated(constants, axis)) ?? part(place);
  }
  if (values.every(isSizes)) return sizesOrNone(values.flatMap((value) => sizesIn(value) ?? [undefined]));
  const last = values.filter((value) => value.kind === 'last');
  if (last.length === values.length)
    return { kind: 'last', layers: new Set(last.flatMap(({ layers }) => [...layers])) };
  // What is zero if the states that are given are.
  const does = 'puts together what none of Sluice’s networks does';
  const states = values.map((value) => {
    if (value.kind === 'constant') return isZero(value) ? zeros : value;
    return value.kind === 'sequence' ? stateOr(place, value, does) : value;
  });
  const given = states.filter((value) => value.kind === 'states');
  const [first] = given;
  if (!states.every(({ kind }) => kind === 'zeros' || kind === 'states')) return place.refuse(`${does}.`);
  return first === undefined ? zeros : { ...first, inputs: new Set(given.flatMap(({ inputs }) => [...inputs])) };
}

/** Makes numbers of another width, but not of another kind. */
export function cast(place: Place): Value {
  const value = place.input();
  const type = place.attribute('to', 'int') ?? 0;
  const isWhole = ([elementTypes.int32, elementTypes.int64] as number[]).includes(type);
  const change = () => place.refuse(`makes numbers of another kind, ONNX’ type ${type}: that cannot be carried over.`);
  if (value.kind === 'sizes') return isWhole ? value : change();
  if (value.kind === 'constant') {
    const { dims, numbers } = value;
    if (isFraction(type)) return { kind: 'constant', dims, numbers: Float32Array.from(numbers) };
    return isWhole && numbers instanceof Float64Array ? value : change();
  }
  if (value.kind !== 'sequence') return isFraction(type) ? value : change();
  const { stage } = value;
  const symbols = stage.at === 'input' && stage.inputs === 'symbols';
  const isOneHot = stage.at === 'embedded' && stage.embedding === undefined;
  return (symbols && isWhole) || (!symbols && isFraction(type)) || (isOneHot && isWhole) ? value : change();
}

/** In use it lets everything through; what it would leave out is its second output. */
export function dropout(place: Place): Value | readonly Value[] {
  const training = place.inputs[2];
  const isOff = training === undefined || (training.kind === 'constant' && isZero(training));
  if (!isOff) return place.refuse('is on: export the network for use, after eval(), and not for training.');
  return [place.input(), place.refuse('tells what it leaves out, which nothing in a network reads.')];
}
