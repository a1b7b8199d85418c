import { masked, maskOrOne } from '../mask';
import { multiplyAdd, sigmoid, tanh } from '../math';

/**
 * The gated recurrent unit with its reset gate before the recurrent product. A row's gates lie in the order z, r, c: see
 * `../index.ts`.
 */

/** z ← σ(z), r ← σ(r), q ← r ⊙ h */
export function gru_forward(gates: usize, before: usize, after: usize, q: usize, mask: usize, rows: i32, hidden: i32): void {
  const H = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < H; j += 16) {
      v128.store(gates + j, sigmoid(v128.load(gates + j)));
      const r = sigmoid(v128.load(gates + H + j));
      v128.store(gates + H + j, r);
      v128.store(q + j, f32x4.mul(r, v128.load(before + j)));
    }
    gates += 3 * H;
    before += H;
    q += H;
  }
}

/** c ← tanh(c), h' ← h + z ⊙ (m ⊙ c − h) */
export function gru_forward_second(gates: usize, before: usize, after: usize, q: usize, mask: usize, rows: i32, hidden: i32): void {
  const H = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < H; j += 16) {
      const c = tanh(v128.load(gates + 2 * H + j));
      v128.store(gates + 2 * H + j, c);
      const h = v128.load(before + j);
      v128.store(after + j, multiplyAdd(v128.load(gates + j), f32x4.sub(masked(c, mask, row, j), h), h));
    }
    gates += 3 * H;
    before += H;
    after += H;
  }
}

/**
 * With g = ∂h':  z ← da_z = g ⊙ (m ⊙ c − h) ⊙ z ⊙ (1 − z),  c ← da_c = g ⊙ z ⊙ m ⊙ (1 − c²),  ∂h ← ∂h + g ⊙ (1 − z)
 */
export function gru_backward_second(
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
      const c = v128.load(gates + 2 * H + j);
      const kept = f32x4.mul(g, f32x4.sub(one, z));
      const m = maskOrOne(mask, row, j);
      const replaced = f32x4.mul(f32x4.mul(g, z), m);
      v128.store(dbefore + j, f32x4.add(v128.load(dbefore + j), kept));
      v128.store(gates + j, f32x4.mul(f32x4.mul(kept, z), f32x4.sub(f32x4.mul(m, c), v128.load(before + j))));
      v128.store(gates + 2 * H + j, f32x4.mul(replaced, f32x4.sub(one, f32x4.mul(c, c))));
    }
    gates += 3 * H;
    before += H;
    dbefore += H;
    dafter += H;
  }
}

/** r ← da_r = ∂q ⊙ h ⊙ r ⊙ (1 − r),  ∂h ← ∂h + ∂q ⊙ r */
export function gru_backward(
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
      const r = v128.load(gates + H + j);
      const passed = f32x4.mul(v128.load(dq + j), r);
      v128.store(dbefore + j, f32x4.add(v128.load(dbefore + j), passed));
      v128.store(gates + H + j, f32x4.mul(f32x4.mul(passed, v128.load(before + j)), f32x4.sub(one, r)));
    }
    gates += 3 * H;
    before += H;
    dbefore += H;
    dq += H;
  }
}
