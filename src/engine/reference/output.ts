/** From the topmost state to the loss, and back: what each timestep of any network ends in. */

import type { ModelConfiguration } from '../../model/configuration.ts';
import { elementwise, type Input, type Matrix, oneHot, sum, times, type Vector, σ } from './vectors.ts';

/** V `[H, O]` and the bias `[O]`, or the gradients by them. */
export interface OutputLayer {
  readonly V: Matrix;
  readonly bias: Vector;
}

/** h′ V + bias, `[O]`. */
export const logits = ({ V, bias }: OutputLayer, next: Vector): Vector => sum(times(next, V, bias.length), bias);

/** y: the logarithm of each symbol's probability, `[O]`. */
export function logSoftmax(logits: Vector): Vector {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const logSum = largest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - largest), 0));
  return logits.map((logit) => logit - logSum);
}

/** What comes out, as probabilities where it is some, `[O]`. */
export function outputs({ output }: ModelConfiguration, logits: Vector): Vector {
  switch (output) {
    case 'log-softmax':
      return logSoftmax(logits).map(Math.exp);
    case 'sigmoid':
      return logits.map(σ);
    case 'linear':
      return logits;
  }
}

/** The logarithms of numbers that symbols are drawn in proportion to, `[O]`. */
export function scores({ output }: ModelConfiguration, logits: Vector): Vector {
  // log σ(a) = −log(1 + e⁻ᵃ)
  return output === 'sigmoid' ? logits.map((a) => -softplus(-a)) : logSoftmax(logits);
}

/** The cost C(y, t) of one timestep. */
export function cost(model: ModelConfiguration, logits: Vector, target: Input): number {
  if (model.output === 'log-softmax') return -logSoftmax(logits)[target as number]!;
  const t = oneHot(target, logits.length);
  if (model.cost === 'squared-error') {
    return total(elementwise((t, y) => (y - t) ** 2 / 2, t, outputs(model, logits)));
  }
  // −t log σ(a) − (1 − t) log(1 − σ(a)) = log(1 + eᵃ) − t a
  return total(elementwise((t, a) => softplus(a) - t * a, t, logits));
}

/** ∂C/∂logits of one timestep, `[O]`. */
export function costBackward(model: ModelConfiguration, logits: Vector, target: Input): Vector {
  const t = oneHot(target, logits.length);
  const y = outputs(model, logits);
  return model.output === 'sigmoid' && model.cost === 'squared-error'
    ? elementwise((y, t) => (y - t) * y * (1 - y), y, t)
    : elementwise((y, t) => y - t, y, t);
}

/** log(1 + eᵃ), where eᵃ would overflow too. */
const softplus = (a: number): number => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

const total = (x: Vector): number => x.reduce((a, b) => a + b, 0);
