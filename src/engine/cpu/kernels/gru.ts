import { multiplyAdd, sigmoid, tanh } from './math';

/**
 * What stands between the products of the GRU, in the notation of `docs/architecture.md`. The two gates of a row lie
 * side by side, `[rows][z, r]`; everything else is `[rows, hidden]`.
 */

/** z ← σ(z), r ← σ(r), q ← r ⊙ h */
export function gates(zr: usize, h: usize, q: usize, rows: i32, hidden: i32): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < width; j += 16) {
      v128.store(zr + j, sigmoid(v128.load(zr + j)));
      const r = sigmoid(v128.load(zr + width + j));
      v128.store(zr + width + j, r);
      v128.store(q + j, f32x4.mul(r, v128.load(h + j)));
    }
    zr += 2 * width;
    h += width;
    q += width;
  }
}

/** c ← tanh(c), next ← h + z ⊙ (c − h) */
export function nextState(zr: usize, c: usize, h: usize, next: usize, rows: i32, hidden: i32): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < width; j += 16) {
      const candidate = tanh(v128.load(c + j));
      v128.store(c + j, candidate);
      const state = v128.load(h + j);
      v128.store(next + j, multiplyAdd(v128.load(zr + j), f32x4.sub(candidate, state), state));
    }
    zr += 2 * width;
    c += width;
    h += width;
    next += width;
  }
}

/**
 * With g = ∂loss/∂h':  z ← da_z = g ⊙ (c − h) ⊙ z ⊙ (1 − z),  c ← da_c = g ⊙ z ⊙ (1 − c²),  dh ← dh + g ⊙ (1 − z)
 */
export function candidateGradients(
  zr: usize,
  c: usize,
  h: usize,
  dnext: usize,
  dh: usize,
  rows: i32,
  hidden: i32,
): void {
  const width = <usize>hidden << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < width; j += 16) {
      const g = v128.load(dnext + j);
      const z = v128.load(zr + j);
      const candidate = v128.load(c + j);
      const kept = f32x4.mul(g, f32x4.sub(one, z));
      const replaced = f32x4.mul(g, z);
      v128.store(dh + j, f32x4.add(v128.load(dh + j), kept));
      v128.store(zr + j, f32x4.mul(f32x4.mul(kept, z), f32x4.sub(candidate, v128.load(h + j))));
      v128.store(c + j, f32x4.mul(replaced, f32x4.sub(one, f32x4.mul(candidate, candidate))));
    }
    zr += 2 * width;
    c += width;
    h += width;
    dnext += width;
    dh += width;
  }
}

/** r ← da_r = dq ⊙ h ⊙ r ⊙ (1 − r),  dh ← dh + dq ⊙ r */
export function resetGradients(zr: usize, h: usize, dq: usize, dh: usize, rows: i32, hidden: i32): void {
  const width = <usize>hidden << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < width; j += 16) {
      const r = v128.load(zr + width + j);
      const passed = f32x4.mul(v128.load(dq + j), r);
      v128.store(dh + j, f32x4.add(v128.load(dh + j), passed));
      v128.store(zr + width + j, f32x4.mul(f32x4.mul(passed, v128.load(h + j)), f32x4.sub(one, r)));
    }
    zr += 2 * width;
    h += width;
    dq += width;
    dh += width;
  }
}
