import type { Place } from '../node.ts';
import type { Value } from '../values.ts';
import { cast, concat, dropout, part, reshape, slice, squeeze, transpose, unsqueeze } from './arrange.ts';
import { constant, constantOfShape, product, shape } from './known.ts';
import { recurrent } from './layers.ts';
import { add, gemm, log, matMul, sigmoid, softmax } from './output.ts';
import { gather, oneHot } from './symbols.ts';

/** An operator that the graphs of recurrent networks have. */
interface Operator {
  /** The attributes that it may have: all others are refused. */
  readonly attributes: readonly string[];
  /**
   * What comes out of it, in order, from what is known of what goes in. A single value stands for each of its outputs.
   * Nothing that goes in has been refused.
   */
  run(place: Place): Value | readonly Value[];
}

const operator = (attributes: string, run: Operator['run']): Operator => ({
  attributes: attributes.split(' '),
  run,
});

/** All operators that may lead to the layers, and from them to the output. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['Constant', operator('value value_float value_floats value_int value_ints', constant)],
  ['ConstantOfShape', operator('value', constantOfShape)],
  ['Shape', operator('start end', shape)],
  ['Mul', operator('', product)],
  ['Identity', operator('', (place) => place.input())],
  ['Dropout', operator('ratio seed', dropout)],
  ['Cast', operator('to saturate', cast)],
  ['Transpose', operator('perm', transpose)],
  ['Squeeze', operator('axes', squeeze)],
  ['Unsqueeze', operator('axes', unsqueeze)],
  ['Reshape', operator('allowzero', reshape)],
  ['Slice', operator('starts ends axes steps', slice)],
  ['Split', operator('axis split num_outputs', (place) => part(place))],
  ['Expand', operator('', (place) => part(place))],
  ['Concat', operator('axis', concat)],
  ['Gather', operator('axis', gather)],
  ['OneHot', operator('axis', oneHot)],
  [
    'GRU',
    operator(
      'activations activation_alpha activation_beta clip direction hidden_size layout linear_before_reset',
      recurrent,
    ),
  ],
  [
    'LSTM',
    operator('activations activation_alpha activation_beta clip direction hidden_size layout input_forget', recurrent),
  ],
  ['RNN', operator('activations activation_alpha activation_beta clip direction hidden_size layout', recurrent)],
  ['MatMul', operator('', matMul)],
  ['Gemm', operator('alpha beta transA transB', gemm)],
  ['Add', operator('', add)],
  ['LogSoftmax', operator('axis', softmax)],
  ['Softmax', operator('axis', softmax)],
  ['Log', operator('', log)],
  ['Sigmoid', operator('', sigmoid)],
]);
