import { sigmoid } from '../math';

/** The textbook's recurrent cell. Its only gate is s: see `../index.ts`. */

/** h' ← σ(s), and exactly 0 where that would not be a normal number: in a padding unit, whose s is −3 · 10³⁸. */
export function rnn_forward(gates: usize, before: usize, after: usize, q: usize, mask: usize, rows: i32, hidden: i32): void {
  const length = <usize>(rows * hidden) << 2;
  for (let j: usize = 0; j < length; j += 16) {
    const s = v128.load(gates + j);
    v128.store(after + j, v128.andnot(sigmoid(s), f32x4.lt(s, f32x4.splat(-87.33))));
  }
}

/** s ← ds = ∂h' ⊙ h' ⊙ (1 − h') */
export function rnn_backward(
  gates: usize,
  before: usize,
  after: usize,
  q: usize,
  dbefore: usize,
  dafter: usize,
  dq: usize,
  mask: usize,
  rows: i32,
  hidden: i32,
): void {
  const length = <usize>(rows * hidden) << 2;
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < length; j += 16) {
    const h = v128.load(after + j);
    v128.store(gates + j, f32x4.mul(v128.load(dafter + j), f32x4.mul(h, f32x4.sub(one, h))));
  }
}
