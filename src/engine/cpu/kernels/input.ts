/** What a symbol adds on its way in, and what comes back to it: a one-hot product is a row of the matrix. */

/** out[row] ← U[token of row] + b: what a one-hot input adds. `stride` is `out`'s. */
export function inputs(out: usize, stride: usize, tokens: usize, rows: i32, U: usize, b: usize, hidden: i32): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < rows; row++) {
    const x = U + <usize>load<u32>(tokens + (<usize>row << 2)) * width;
    for (let j: usize = 0; j < width; j += 16) v128.store(out + j, f32x4.add(v128.load(x + j), v128.load(b + j)));
    out += stride;
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
