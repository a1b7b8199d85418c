import { masked } from '../mask';
import { multiplyAdd, sigmoid, tanh } from '../math';

/** Long short-term memory. A row's gates lie in the order i, f, g, o, its states in the order h, c: see `../index.ts`. */

/** i ← σ(i), f ← σ(f), g ← tanh(g), o ← σ(o), c' ← f ⊙ c + i ⊙ m ⊙ g, h' ← o ⊙ tanh(c') */
export function lstm_forward(gates: usize, before: usize, after: usize, q: usize, mask: usize, rows: i32, hidden: i32): void {
  const H = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < H; j += 16) {
      const i = sigmoid(v128.load(gates + j));
      const f = sigmoid(v128.load(gates + H + j));
      const g = tanh(v128.load(gates + 2 * H + j));
      const o = sigmoid(v128.load(gates + 3 * H + j));
      const c = multiplyAdd(f, v128.load(before + H + j), f32x4.mul(i, masked(g, mask, row, j)));
      v128.store(gates + j, i);
      v128.store(gates + H + j, f);
      v128.store(gates + 2 * H + j, g);
      v128.store(gates + 3 * H + j, o);
      v128.store(after + H + j, c);
    }
    // In a loop of its own, because no processor looks so far ahead that it would find the next c' while it waits for this.
    for (let j: usize = 0; j < H; j += 16) {
      v128.store(after + j, f32x4.mul(v128.load(gates + 3 * H + j), tanh(v128.load(after + H + j))));
    }
    gates += 4 * H;
    before += 2 * H;
    after += 2 * H;
  }
}

/**
 * With y = tanh(c') and d = ∂c' + ∂h' ⊙ o ⊙ (1 − y²):  i ← da_i = d ⊙ m ⊙ g ⊙ i ⊙ (1 − i),  f ← da_f = d ⊙ c ⊙ f ⊙ (1 − f),
 * g ← da_g = d ⊙ i ⊙ m ⊙ (1 − g²),  o ← da_o = ∂h' ⊙ y ⊙ o ⊙ (1 − o),  ∂c ← d ⊙ f
 */
export function lstm_backward(
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
  const H = <usize>hidden << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < H; j += 16) {
      const i = v128.load(gates + j);
      const f = v128.load(gates + H + j);
      const g = v128.load(gates + 2 * H + j);
      const o = v128.load(gates + 3 * H + j);
      const y = tanh(v128.load(after + H + j));
      const shown = f32x4.mul(v128.load(dafter + j), o);
      const d = multiplyAdd(shown, f32x4.sub(one, f32x4.mul(y, y)), v128.load(dafter + H + j));
      const written = masked(f32x4.mul(d, i), mask, row, j);
      const kept = f32x4.mul(d, f);
      v128.store(gates + j, f32x4.mul(f32x4.mul(written, g), f32x4.sub(one, i)));
      v128.store(gates + H + j, f32x4.mul(f32x4.mul(kept, v128.load(before + H + j)), f32x4.sub(one, f)));
      v128.store(gates + 2 * H + j, f32x4.mul(written, f32x4.sub(one, f32x4.mul(g, g))));
      v128.store(gates + 3 * H + j, f32x4.mul(f32x4.mul(shown, y), f32x4.sub(one, o)));
      v128.store(dbefore + H + j, kept);
    }
    gates += 4 * H;
    before += 2 * H;
    after += 2 * H;
    dbefore += 2 * H;
    dafter += 2 * H;
  }
}
