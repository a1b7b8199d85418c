import { multiplyAdd, sigmoid, tanh } from './math';

/**
 * What stands between the products of the GRU, in the notation of `docs/architecture.md`. The two gates of a row lie
 * side by side, `[rows][z, r]`; everything else is `[rows, hidden]`.
 */

/** out[row] ← U[token of row] + b: what a one-hot input adds. `stride` is `out`'s. */
export function inputs(out: usize, stride: usize, tokens: usize, rows: i32, U: usize, b: usize, hidden: i32): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    const x = U + <usize>load<u32>(tokens + (<usize>row << 2)) * width;
    for (let j: usize = 0; j < width; j += 16) v128.store(out + j, f32x4.add(v128.load(x + j), v128.load(b + j)));
    out += stride;
  }
}

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
 * With g = ∂h + fromNext:  z ← da_z = g ⊙ (c − h) ⊙ z ⊙ (1 − z),  c ← da_c = g ⊙ z ⊙ (1 − c²),  fromNext ← g ⊙ (1 − z)
 */
export function candidateGradients(
  zr: usize,
  c: usize,
  h: usize,
  dh: usize,
  fromNext: usize,
  rows: i32,
  hidden: i32,
): void {
  const width = <usize>hidden << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < width; j += 16) {
      const g = f32x4.add(v128.load(dh + j), v128.load(fromNext + j));
      const z = v128.load(zr + j);
      const candidate = v128.load(c + j);
      const kept = f32x4.mul(g, f32x4.sub(one, z));
      const replaced = f32x4.mul(g, z);
      v128.store(fromNext + j, kept);
      v128.store(zr + j, f32x4.mul(f32x4.mul(kept, z), f32x4.sub(candidate, v128.load(h + j))));
      v128.store(c + j, f32x4.mul(replaced, f32x4.sub(one, f32x4.mul(candidate, candidate))));
    }
    zr += 2 * width;
    c += width;
    h += width;
    dh += width;
    fromNext += width;
  }
}

/** r ← da_r = dq ⊙ h ⊙ r ⊙ (1 − r),  fromNext ← fromNext + dq ⊙ r */
export function resetGradients(zr: usize, h: usize, dq: usize, fromNext: usize, rows: i32, hidden: i32): void {
  const width = <usize>hidden << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < width; j += 16) {
      const r = v128.load(zr + width + j);
      const passed = f32x4.mul(v128.load(dq + j), r);
      v128.store(fromNext + j, f32x4.add(v128.load(fromNext + j), passed));
      v128.store(zr + width + j, f32x4.mul(f32x4.mul(passed, v128.load(h + j)), f32x4.sub(one, r)));
    }
    zr += 2 * width;
    h += width;
    dq += width;
    fromNext += width;
  }
}

/** dU[token of row] += da[row] */
export function inputGradients(dU: usize, tokens: usize, da: usize, stride: usize, rows: i32, hidden: i32): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    const x = dU + <usize>load<u32>(tokens + (<usize>row << 2)) * width;
    for (let j: usize = 0; j < width; j += 16) v128.store(x + j, f32x4.add(v128.load(x + j), v128.load(da + j)));
    da += stride;
  }
}

/** out[row] ← x: what a bias adds to every row. */
export function repeat(out: usize, x: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  for (let row = 0; row < rows; row++, out += width) memory.copy(out, x, width);
}

/** total += Σ over rows of x, `[rows, columns]` */
export function sumRows(total: usize, x: usize, stride: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  for (let j: usize = 0; j < width; j += 16) {
    let sum = f32x4.splat(0);
    for (let row = 0, from = x + j; row < rows; row++, from += stride) sum = f32x4.add(sum, v128.load(from));
    v128.store(total + j, f32x4.add(sum, v128.load(total + j)));
  }
}
