import { sigmoid } from './math';

/** What stands between the products of the RNN, in the notation of `docs/architecture.md`. */

/** next ← σ(s), and exactly 0 where that would not be a normal number: in a padding unit, whose s is −3 · 10³⁸. */
export function squash(s: usize, next: usize, length: i32): void {
  for (const end = s + (<usize>length << 2); s < end; s += 16, next += 16) {
    const x = v128.load(s);
    v128.store(next, v128.andnot(sigmoid(x), f32x4.lt(x, f32x4.splat(-87.33))));
  }
}

/** With g = ∂loss/∂h':  s ← ds = g ⊙ h' ⊙ (1 − h') */
export function squashGradients(s: usize, next: usize, g: usize, length: i32): void {
  const one = f32x4.splat(1);
  for (const end = s + (<usize>length << 2); s < end; s += 16, next += 16, g += 16) {
    const h = v128.load(next);
    v128.store(s, f32x4.mul(v128.load(g), f32x4.mul(h, f32x4.sub(one, h))));
  }
}
