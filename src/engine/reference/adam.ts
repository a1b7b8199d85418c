import { isMatrix, type ParameterLayout } from '../../model/parameters.ts';
import type { AdamSettings } from '../engine.ts';
import type { Vector } from './vectors.ts';

/** ‖g‖₂ over all parameters together. */
export const globalNorm = (gradient: Vector): number => Math.sqrt(gradient.reduce((total, g) => total + g * g, 0));

/** What a gradient of this norm is multiplied with, as PyTorch's `clip_grad_norm_` has it. */
export const clipScale = (norm: number, clipNorm: number): number => Math.min(1, clipNorm / (norm + 1e-6));

/** What a step of Adam moves, each as the flat buffer of a layout. */
export interface Moved {
  readonly parameters: Vector;
  readonly m: Vector;
  readonly v: Vector;
  /** The averaged parameters, where they are kept. */
  readonly averaged?: Vector | undefined;
}

/**
 * Step number `step` (from 1) of Adam, in place: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015,
 * algorithm 1, with ε outside the root. Matrices decay before they move: Loshchilov and Hutter, "Decoupled Weight Decay
 * Regularization", 2019, algorithm 2, as PyTorch's `AdamW` has it.
 */
export function adam(
  { places }: ParameterLayout,
  { parameters, m, v, averaged }: Moved,
  gradient: Vector,
  step: number,
  { learningRate, beta1, beta2, epsilon, clipNorm, weightDecay = 0, averaging = 0 }: AdamSettings,
): void {
  const scale = clipScale(globalNorm(gradient), clipNorm);
  for (const place of places) {
    const kept = isMatrix(place) ? 1 - learningRate * weightDecay : 1;
    for (let i = place.offset; i < place.offset + place.length; i++) {
      const g = scale * gradient[i]!;
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const mHat = m[i]! / (1 - beta1 ** step);
      const vHat = v[i]! / (1 - beta2 ** step);
      parameters[i] = kept * parameters[i]! - (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
    }
  }
  averaged?.forEach((average, i) => {
    averaged[i] = averaging * average + (1 - averaging) * parameters[i]!;
  });
}
