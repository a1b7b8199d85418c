import { multiplyAdd } from './math';

/** Whether tiles of 6 rows are faster than those of 4: see `kernels.ts`. */
@external('env', 'tall')
declare const tall: bool;

/** Steps of the inner dimension that are taken at once: a panel of so many, 8 KiB, stays in the nearest cache. */
const block: i32 = 256;

/**
 * product ← from + left · right
 *
 * @param product `[rows, columns]`
 * @param left packed pairs of rows, `[rows / 2][depth][2]`
 * @param right packed panels of 8 columns, `[columns / 8][depth][8]`
 * @param from `[rows, columns]`: the product itself, to add to it; with a stride of 0 one row, a bias; 0 if there is nothing
 */
export function multiply(
  product: usize,
  stride: usize,
  left: usize,
  right: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  from: usize,
  fromStride: usize,
): void {
  const pair = <usize>depth << 3;
  const panel = <usize>depth << 5;
  // Rows in tiles of 6; what is left makes a tile of 4 rows, or one of 2 rows in every other panel.
  const talls = tall ? rows - (rows % 6) : 0;
  if (from == 0) fromStride = 0;
  for (let k = 0; k < depth; k += block) {
    const steps = min(block, depth - k);
    let b = right + (<usize>k << 5);
    for (let column: usize = 0; column < <usize>columns << 2; column += 32) {
      let a = left + (<usize>k << 3);
      let c = product + column;
      let start = from == 0 ? 0 : from + column;
      let row = 0;
      for (; row < talls; row += 6) {
        tile(c, stride, a, pair, b, steps, start, fromStride, true);
        a += 3 * pair;
        c += 6 * stride;
        start += 6 * fromStride;
      }
      for (; row + 4 <= rows; row += 4) {
        tile(c, stride, a, pair, b, steps, start, fromStride, false);
        a += 2 * pair;
        c += 4 * stride;
        start += 4 * fromStride;
      }
      if (row < rows) {
        if (column & 32) wideTile(c - 32, stride, a, b - panel, b, steps, from == 0 ? 0 : start - 32, fromStride);
        else if (column + 32 == <usize>columns << 2) lowTile(c, stride, a, b, steps, start, fromStride);
      }
      b += panel;
    }
    from = product;
    fromStride = stride;
  }
}

/**
 * A tile of 6 or 4 rows × 8 columns. Its sums fill most of the registers: 8 of them just hide each other's latency, 12 with
 * room to spare.
 */
@inline
function tile(
  c: usize,
  stride: usize,
  a: usize,
  pair: usize,
  b: usize,
  steps: i32,
  from: usize,
  fromStride: usize,
  six: bool,
): void {
  let a1 = a + pair;
  let a2 = a1 + pair;
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s40 = f32x4.splat(0);
  let s41 = f32x4.splat(0);
  let s50 = f32x4.splat(0);
  let s51 = f32x4.splat(0);
  for (const end = b + (<usize>steps << 5); b < end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = multiplyAdd(x0, b0, s00);
    s01 = multiplyAdd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4);
    s10 = multiplyAdd(x1, b0, s10);
    s11 = multiplyAdd(x1, b1, s11);
    const x2 = v128.load32_splat(a1);
    s20 = multiplyAdd(x2, b0, s20);
    s21 = multiplyAdd(x2, b1, s21);
    const x3 = v128.load32_splat(a1, 4);
    s30 = multiplyAdd(x3, b0, s30);
    s31 = multiplyAdd(x3, b1, s31);
    if (six) {
      const x4 = v128.load32_splat(a2);
      s40 = multiplyAdd(x4, b0, s40);
      s41 = multiplyAdd(x4, b1, s41);
      const x5 = v128.load32_splat(a2, 4);
      s50 = multiplyAdd(x5, b0, s50);
      s51 = multiplyAdd(x5, b1, s51);
      a2 += 8;
    }
    a += 8;
    a1 += 8;
  }
  put(c, from, s00, s01);
  put(c + stride, from + fromStride, s10, s11);
  put(c + 2 * stride, from + 2 * fromStride, s20, s21);
  put(c + 3 * stride, from + 3 * fromStride, s30, s31);
  if (six) {
    put(c + 4 * stride, from + 4 * fromStride, s40, s41);
    put(c + 5 * stride, from + 5 * fromStride, s50, s51);
  }
}

/** A tile of 2 rows × 16 columns, of two panels: 8 sums again. */
@inline
function wideTile(
  c: usize,
  stride: usize,
  a: usize,
  b: usize,
  next: usize,
  steps: i32,
  from: usize,
  fromStride: usize,
): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  for (const end = b + (<usize>steps << 5); b < end; b += 32) {
    const x0 = v128.load32_splat(a);
    const x1 = v128.load32_splat(a, 4);
    const b0 = v128.load(b);
    s00 = multiplyAdd(x0, b0, s00);
    s10 = multiplyAdd(x1, b0, s10);
    const b1 = v128.load(b, 16);
    s01 = multiplyAdd(x0, b1, s01);
    s11 = multiplyAdd(x1, b1, s11);
    const b2 = v128.load(next);
    s02 = multiplyAdd(x0, b2, s02);
    s12 = multiplyAdd(x1, b2, s12);
    const b3 = v128.load(next, 16);
    s03 = multiplyAdd(x0, b3, s03);
    s13 = multiplyAdd(x1, b3, s13);
    a += 8;
    next += 32;
  }
  put(c, from, s00, s01);
  put(c + 32, from == 0 ? 0 : from + 32, s02, s03);
  put(c + stride, from + fromStride, s10, s11);
  put(c + stride + 32, from == 0 ? 0 : from + fromStride + 32, s12, s13);
}

/** A tile of 2 rows × 8 columns, of a last panel that has no other beside it. */
@inline
function lowTile(c: usize, stride: usize, a: usize, b: usize, steps: i32, from: usize, fromStride: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  for (const end = b + (<usize>steps << 5); b < end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = multiplyAdd(x0, b0, s00);
    s01 = multiplyAdd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4);
    s10 = multiplyAdd(x1, b0, s10);
    s11 = multiplyAdd(x1, b1, s11);
    a += 8;
  }
  put(c, from, s00, s01);
  put(c + stride, from + fromStride, s10, s11);
}

/** A row of a tile. */
@inline
function put(c: usize, from: usize, s0: v128, s1: v128): void {
  if (from != 0) {
    s0 = f32x4.add(s0, v128.load(from));
    s1 = f32x4.add(s1, v128.load(from, 16));
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}
