import { tanh } from '../math';

/** The plain recurrent cell with tanh. Its only gate is s: see `../index.ts`. */

/** h' ← tanh(s) */
export function rnn_tanh_forward(gates: usize, before: usize, after: usize, q: usize, mask: usize, rows: i32, hidden: i32): void {
  const length = <usize>(rows * hidden) << 2;
  for (let j: usize = 0; j < length; j += 16) v128.store(after + j, tanh(v128.load(gates + j)));
}

/** s ← ds = ∂h' ⊙ (1 − h'²) */
export function rnn_tanh_backward(
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
    v128.store(gates + j, f32x4.mul(v128.load(dafter + j), f32x4.sub(one, f32x4.mul(h, h))));
  }
}
