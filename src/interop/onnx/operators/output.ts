import type { Output } from '../../../model/configuration.ts';
import { type Matrix, transposed } from '../../fused.ts';
import { misplaced, type Place } from '../node.ts';
import { type Constant, countOf, matrixIn } from '../tensor.ts';
import type { Value } from '../values.ts';
import { dimensionsOf } from './arrange.ts';

/** Operators that make the output of the topmost states. */

/** The product of the topmost states and a matrix, which stands for a linear output that may still get a bias. */
function linear(
  place: Place,
  value: Value,
  weight: Matrix | undefined,
  bias?: Float32Array<ArrayBuffer> | undefined,
): Value {
  if (value.kind === 'last') {
    return place.refuse('reads the last state alone, but the outputs of Sluice’s networks read it at every timestep.');
  }
  if (value.kind !== 'sequence' || value.stage.at !== 'hidden' || weight === undefined) return place.refuse(misplaced);
  const last = value.dimensions.at(-1);
  if (last?.length !== 1 || last[0] !== value.features) {
    return place.refuse('does not read the states of a layer as the last dimension.');
  }
  if (weight.columns !== last[0]!.size) {
    throw place.damaged(`reads ${weight.columns} numbers, but the states are ${last[0]!.size}`);
  }
  const features = { size: weight.rows };
  const dimensions = [...value.dimensions.slice(0, -1), [features]];
  return { ...value, dimensions, features, stage: { at: 'made', stack: value.stage.stack, weight, bias } };
}

/** The product of the states and a matrix `[H, O]`. */
export function matMul(place: Place): Value {
  const [value, weight] = [place.input(0), place.input(1)];
  const matrix = weight.kind === 'constant' ? matrixIn(weight) : undefined;
  return linear(place, value, matrix && transposed(matrix));
}

/** The same for states in rows, with a bias; the matrix may be `[O, H]`. */
export function gemm(place: Place): Value {
  const [value, weight, added] = [place.input(0), place.input(1), place.inputs[2]];
  const matrix = weight.kind === 'constant' ? matrixIn(weight) : undefined;
  const ones = [
    place.attribute('alpha', 'float') ?? 1,
    added === undefined ? 1 : (place.attribute('beta', 'float') ?? 1),
  ];
  if (ones.some((factor) => factor !== 1) || (place.attribute('transA', 'int') ?? 0) !== 0) {
    return place.refuse('scales or turns what it reads (alpha, beta, transA): that cannot be carried over.');
  }
  if (value.kind === 'sequence' && value.dimensions.length !== 2) return place.refuse(misplaced);
  const turned = (place.attribute('transB', 'int') ?? 0) !== 0;
  const rows = matrix && (turned ? matrix : transposed(matrix));
  const bias = rows && added ? biasIn(added, rows.rows) : undefined;
  if (added !== undefined && rows !== undefined && bias === undefined) {
    return place.refuse('adds something else than one number for each output.');
  }
  return linear(place, value, rows, bias);
}

/** A constant of one number for each output, which a tensor of more dimensions is added to at every place. */
function biasIn(value: Value, outputs: number): Float32Array<ArrayBuffer> | undefined {
  const isBias = value.kind === 'constant' && countOf(value.dims.slice(0, -1)) === 1 && value.dims.at(-1) === outputs;
  return isBias && value.numbers instanceof Float32Array ? value.numbers : undefined;
}

/** The bias. */
export function add(place: Place): Value {
  const [a, b] = [place.input(0), place.input(1)];
  const [value, added] = a.kind === 'constant' ? [b, a] : [a, b];
  if (value.kind !== 'sequence' || value.stage.at !== 'made' || value.stage.bias || value.stage.output) {
    return place.refuse(misplaced);
  }
  const bias = biasIn(added, value.stage.weight.rows);
  const last = value.dimensions.at(-1);
  const isLast = last?.length === 1 && last[0] === value.features;
  if (bias === undefined || !isLast || (added as Constant).dims.length > value.dimensions.length) {
    return place.refuse('adds something else than one number for each output.');
  }
  return { ...value, stage: { ...value.stage, bias } };
}

/** A value of which nothing has been made yet becomes the network's output. */
function made(place: Place, output: Output, softmax = false): Value {
  const value = place.input();
  if (value.kind !== 'sequence' || value.stage.at !== 'made' || value.stage.output) return place.refuse(misplaced);
  return { ...value, stage: { ...value.stage, output, softmax } };
}

/** A softmax over the outputs of each place, or its logarithm. */
export function softmax(place: Place): Value {
  const value = place.input();
  const output = made(place, 'log-softmax', place.node.operator === 'Softmax');
  if (value.kind !== 'sequence' || output.kind === 'refused') return output;
  const rank = value.dimensions.length;
  // Up to version 12 the dimensions from the axis on are taken together: that is the same where it is the last.
  const older = place.opset < 13;
  const [axis] = dimensionsOf([place.attribute('axis', 'int') ?? (older ? 1 : -1)], rank) ?? [];
  const along = axis === undefined ? undefined : value.dimensions[axis];
  if (along?.length === 1 && along[0] === value.features && (!older || axis === rank - 1)) return output;
  return place.refuse('is not taken over the outputs of each place, but along another axis.');
}

/** The logarithm of a softmax. */
export function log(place: Place): Value {
  const value = place.input();
  if (value.kind !== 'sequence' || value.stage.at !== 'made' || !value.stage.softmax) return place.refuse(misplaced);
  return { ...value, stage: { ...value.stage, softmax: false } };
}

/** σ of each output. */
export function sigmoid(place: Place): Value {
  return made(place, 'sigmoid');
}
