import { masked, maskOrOne } from '../mask';
import { multiplyAdd, sigmoid, tanh } from '../math';

/**
 * The gated recurrent unit with its reset gate after the recurrent product, p = h W_h + b_hh. A row's gates lie in the order
 * z, r, p, c: see `../index.ts`.
 */

/** z ← σ(z), r ← σ(r), c ← tanh(c + r ⊙ p), h' ← h + z ⊙ (m ⊙ c − h) */
export function gru_after_forward(gates: usize, before: usize, after: usize, q: usize, mask: usize, rows: i32, hidden: i32): void {
  const H = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < H; j += 16) {
      v128.store(gates + j, sigmoid(v128.load(gates + j)));
      v128.store(gates + H + j, sigmoid(v128.load(gates + H + j)));
    }
    // In a loop of its own, because no processor looks so far ahead that it would find the next r while it waits for this.
    for (let j: usize = 0; j < H; j += 16) {
      const r = v128.load(gates + H + j);
      const c = tanh(multiplyAdd(r, v128.load(gates + 2 * H + j), v128.load(gates + 3 * H + j)));
      const h = v128.load(before + j);
      v128.store(gates + 3 * H + j, c);
      v128.store(after + j, multiplyAdd(v128.load(gates + j), f32x4.sub(masked(c, mask, row, j), h), h));
    }
    gates += 4 * H;
    before += H;
    after += H;
  }
}

/**
 * With g = ∂h':  z ← da_z = g ⊙ (m ⊙ c − h) ⊙ z ⊙ (1 − z),  c ← da_c = g ⊙ z ⊙ m ⊙ (1 − c²),  ∂h ← ∂h + g ⊙ (1 − z),
 * p ← ∂p = da_c ⊙ r,  r ← da_r = da_c ⊙ p ⊙ r ⊙ (1 − r)
 */
export function gru_after_backward(
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
      const g = v128.load(dafter + j);
      const z = v128.load(gates + j);
      const r = v128.load(gates + H + j);
      const p = v128.load(gates + 2 * H + j);
      const c = v128.load(gates + 3 * H + j);
      const kept = f32x4.mul(g, f32x4.sub(one, z));
      const m = maskOrOne(mask, row, j);
      const replaced = f32x4.mul(f32x4.mul(g, z), m);
      const da_c = f32x4.mul(replaced, f32x4.sub(one, f32x4.mul(c, c)));
      const dp = f32x4.mul(da_c, r);
      v128.store(dbefore + j, f32x4.add(v128.load(dbefore + j), kept));
      v128.store(gates + j, f32x4.mul(f32x4.mul(kept, z), f32x4.sub(f32x4.mul(m, c), v128.load(before + j))));
      v128.store(gates + H + j, f32x4.mul(f32x4.mul(dp, p), f32x4.sub(one, r)));
      v128.store(gates + 2 * H + j, dp);
      v128.store(gates + 3 * H + j, da_c);
    }
    gates += 4 * H;
    before += H;
    dbefore += H;
    dafter += H;
  }
}
