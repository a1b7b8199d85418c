/** Four at a time: a multiply-add, and exp, σ, tanh and softplus within 3 · 2⁻²⁴ of the true value, relative to it. */

/** a b + c; in one rounding where relaxed SIMD fuses it. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** eˣ = 2ⁿ eʳ for x from −87.33 to 88.37, with n the nearest integer to x / ln 2, and eʳ as Cephes' `expf` has it. */
@inline
function power(x: v128): v128 {
  // Next to 1.5 · 2²³ a number has no places behind the point: so n is rounded, and stands in the lowest bits.
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  // ln 2 in two parts, of which the first has so few bits that its product with n is exact.
  let r = multiplyAdd(n, f32x4.splat(-0.693359375), x);
  r = multiplyAdd(n, f32x4.splat(2.12194440e-4), r);
  let p = f32x4.splat(1.9875691500e-4);
  p = multiplyAdd(p, r, f32x4.splat(1.3981999507e-3));
  p = multiplyAdd(p, r, f32x4.splat(8.3334519073e-3));
  p = multiplyAdd(p, r, f32x4.splat(4.1665795894e-2));
  p = multiplyAdd(p, r, f32x4.splat(1.6666665459e-1));
  p = multiplyAdd(p, r, f32x4.splat(5.0000001201e-1));
  p = multiplyAdd(p, f32x4.mul(r, r), r);
  p = f32x4.add(p, f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23));
}

/** x within the bounds of `power`. The first operand of pmin and pmax is the one that passes a NaN on. */
@inline
function bounded(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.37)), f32x4.splat(-87.33));
}

/** eˣ. What would be less than the least normal number is 0; more than e^88.37 is that; what is not a number stays so. */
@inline
export function exp(x: v128): v128 {
  return v128.andnot(power(bounded(x)), f32x4.lt(x, f32x4.splat(-87.33)));
}

/** σ(x) = 1 / (1 + e⁻ˣ) */
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, power(bounded(f32x4.neg(x)))));
}

/** tanh x: Cephes' polynomial where 1 − 2 / (e²ˣ + 1) would cancel, that elsewhere. */
@inline
export function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  const magnitude = f32x4.abs(x);
  const e = power(f32x4.pmin(f32x4.add(magnitude, magnitude), f32x4.splat(88.37)));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  const s = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = multiplyAdd(p, s, f32x4.splat(2.06390887954e-2));
  p = multiplyAdd(p, s, f32x4.splat(-5.37397155531e-2));
  p = multiplyAdd(p, s, f32x4.splat(1.33314422036e-1));
  p = multiplyAdd(p, s, f32x4.splat(-3.33332819422e-1));
  const near = multiplyAdd(f32x4.mul(p, s), x, x);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(magnitude, f32x4.splat(0.625)));
}

/** log(1 + e) for e from 0 to 1: Cephes' `logf`, whose polynomial is for 1 + x between √½ and √2. */
@inline
export function logOnePlus(e: v128): v128 {
  const near = f32x4.lt(e, f32x4.splat(0.41421356));
  // log(1 + e) = log 2 + log(1 + (e − 1) / 2)
  const x = v128.bitselect(e, f32x4.mul(f32x4.sub(e, f32x4.splat(1)), f32x4.splat(0.5)), near);
  let p = f32x4.splat(7.0376836292e-2);
  p = multiplyAdd(p, x, f32x4.splat(-1.1514610310e-1));
  p = multiplyAdd(p, x, f32x4.splat(1.1676998740e-1));
  p = multiplyAdd(p, x, f32x4.splat(-1.2420140846e-1));
  p = multiplyAdd(p, x, f32x4.splat(1.4249322787e-1));
  p = multiplyAdd(p, x, f32x4.splat(-1.6668057665e-1));
  p = multiplyAdd(p, x, f32x4.splat(2.0000714765e-1));
  p = multiplyAdd(p, x, f32x4.splat(-2.4999993993e-1));
  p = multiplyAdd(p, x, f32x4.splat(3.3333331174e-1));
  const s = f32x4.mul(x, x);
  const log = f32x4.add(x, multiplyAdd(f32x4.mul(p, x), s, f32x4.mul(s, f32x4.splat(-0.5))));
  return f32x4.add(log, v128.andnot(f32x4.splat(0.69314718056), near));
}

/** x[i] ← eˣ⁽ⁱ⁾, for a test over the whole range; likewise the others; softplus(x) is log(1 + eˣ). */
export function expAll(x: usize, length: i32): void {
  for (const end = x + (<usize>length << 2); x < end; x += 16) v128.store(x, exp(v128.load(x)));
}

export function sigmoidAll(x: usize, length: i32): void {
  for (const end = x + (<usize>length << 2); x < end; x += 16) v128.store(x, sigmoid(v128.load(x)));
}

export function tanhAll(x: usize, length: i32): void {
  for (const end = x + (<usize>length << 2); x < end; x += 16) v128.store(x, tanh(v128.load(x)));
}

export function softplusAll(x: usize, length: i32): void {
  for (const end = x + (<usize>length << 2); x < end; x += 16) {
    const a = v128.load(x);
    const log = logOnePlus(exp(f32x4.neg(f32x4.abs(a))));
    v128.store(x, f32x4.add(log, f32x4.pmax(a, f32x4.splat(0))));
  }
}
