import { multiplyAdd } from './math';

/** total[i] += x[i], for lengths that are multiples of 4 */
export function addTo(total: usize, x: usize, length: i32): void {
  for (const end = total + (<usize>length << 2); total < end; total += 16, x += 16) {
    v128.store(total, f32x4.add(v128.load(total), v128.load(x)));
  }
}

/** Σ x[i]², in float64 so that no finite x overflows it; for lengths that are multiples of 4 */
export function squares(x: usize, length: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (const end = x + (<usize>length << 2); x < end; x += 16) {
    const four = v128.load(x);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * One step of Adam for part of the parameters, with the gradient times `scale`:
 *
 *     m ← β₁ m + (1 − β₁) g     v ← β₂ v + (1 − β₂) g² 
 *     parameter ← parameter − decay · parameter − rate · m / (√v · root + ε)
 *
 * @param rate learning rate / (1 − β₁ᵗ)
 * @param root 1 / √(1 − β₂ᵗ)
 */
export function adam(
  parameters: usize,
  m: usize,
  v: usize,
  gradient: usize,
  length: i32,
  scale: f32,
  rate: f32,
  root: f32,
  beta1: f32,
  beta1Rest: f32,
  beta2: f32,
  beta2Rest: f32,
  epsilon: f32,
  decay: f32,
): void {
  const end = parameters + (<usize>length << 2);
  for (; parameters < end; parameters += 16, m += 16, v += 16, gradient += 16) {
    const g = f32x4.mul(v128.load(gradient), f32x4.splat(scale));
    const first = multiplyAdd(f32x4.splat(beta1Rest), g, f32x4.mul(f32x4.splat(beta1), v128.load(m)));
    const second = multiplyAdd(
      f32x4.mul(f32x4.splat(beta2Rest), g),
      g,
      f32x4.mul(f32x4.splat(beta2), v128.load(v)),
    );
    v128.store(m, first);
    v128.store(v, second);
    const divisor = multiplyAdd(f32x4.sqrt(second), f32x4.splat(root), f32x4.splat(epsilon));
    const move = f32x4.div(f32x4.mul(f32x4.splat(rate), first), divisor);
    const parameter = v128.load(parameters);
    const decayed = f32x4.sub(parameter, f32x4.mul(f32x4.splat(decay), parameter));
    v128.store(parameters, f32x4.sub(decayed, move));
  }
}

/**
 * averaged[i] ← averaging · averaged[i] + (1 − averaging) · parameters[i], for lengths that are multiples of 4; in a form
 * that gives the parameter itself where both are the same, and where `averaging` is 0.
 */
export function average(averaged: usize, parameters: usize, length: i32, averaging: f32): void {
  for (const end = averaged + (<usize>length << 2); averaged < end; averaged += 16, parameters += 16) {
    const parameter = v128.load(parameters);
    const apart = f32x4.sub(v128.load(averaged), parameter);
    v128.store(averaged, multiplyAdd(f32x4.splat(averaging), apart, parameter));
  }
}
