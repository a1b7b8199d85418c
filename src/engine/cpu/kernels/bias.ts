/** A bias before a product, and its gradient after one. */

/** out[row] ← x: what a bias adds to every row. */
export function repeat(out: usize, stride: usize, x: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  for (let row = 0; row < rows; row++, out += stride) memory.copy(out, x, width);
}

/** total += Σ over rows of x, `[rows, columns]` */
export function sumRows(total: usize, x: usize, stride: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  for (let j: usize = 0; j < width; j += 32) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let row = 0, from = x + j; row < rows; row++, from += stride) {
      low = f32x4.add(low, v128.load(from));
      high = f32x4.add(high, v128.load(from, 16));
    }
    v128.store(total + j, f32x4.add(low, v128.load(total + j)));
    v128.store(total + j, f32x4.add(high, v128.load(total + j, 16)), 16);
  }
}
