import type { AdamSettings } from '../engine.ts';
import type { Vector } from './vectors.ts';

/** ‖g‖₂ over all parameters together. */
export const globalNorm = (gradient: Vector): number => Math.sqrt(gradient.reduce((total, g) => total + g * g, 0));

/** What a gradient of this norm is multiplied with, as PyTorch's `clip_grad_norm_` has it. */
export const clipScale = (norm: number, clipNorm: number): number => Math.min(1, clipNorm / (norm + 1e-6));

/**
 * Step number `step` (from 1) of Adam, in place: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015,
 * algorithm 1, with ε outside the root.
 */
export function adam(
  parameters: Vector,
  m: Vector,
  v: Vector,
  gradient: Vector,
  step: number,
  { learningRate, beta1, beta2, epsilon, clipNorm }: AdamSettings,
): void {
  const scale = clipScale(globalNorm(gradient), clipNorm);
  for (let i = 0; i < parameters.length; i++) {
    const g = scale * gradient[i]!;
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    const mHat = m[i]! / (1 - beta1 ** step);
    const vHat = v[i]! / (1 - beta2 ** step);
    parameters[i]! -= (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
  }
}
