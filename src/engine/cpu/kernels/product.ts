import { multiplyAdd } from './math';

/** Steps of the inner dimension that are taken at once: a panel of so many, 8 KiB, stays in the nearest cache. */
const block: i32 = 256;

/**
 * product ← left · right, or product ← product + left · right.
 *
 * @param product `[rows, columns]`
 * @param left packed panels of 4 rows, `[rows / 4][depth][4]`
 * @param right packed panels of 8 columns, `[columns / 8][depth][8]`
 */
export function multiply(
  product: usize,
  stride: usize,
  left: usize,
  right: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  add: bool,
): void {
  const leftStride = <usize>depth << 4;
  const rightStride = <usize>depth << 5;
  for (let k = 0; k < depth; k += block) {
    const steps = min(block, depth - k);
    let b = right + (<usize>k << 5);
    for (let column = 0; column < columns; column += 8) {
      let a = left + (<usize>k << 4);
      let c = product + (<usize>column << 2);
      for (let row = 0; row < rows; row += 4) {
        tile(c, stride, a, b, steps, add || k > 0);
        a += leftStride;
        c += stride << 2;
      }
      b += rightStride;
    }
  }
}

/** A tile of 4 rows × 8 columns: its eight sums fill half of the registers, and hide each other's latency. */
@inline
function tile(c: usize, stride: usize, a: usize, b: usize, steps: i32, add: bool): void {
  const c1 = c + stride;
  const c2 = c1 + stride;
  const c3 = c2 + stride;
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  for (const end = b + (<usize>steps << 5); b < end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    s00 = multiplyAdd(a0, b0, s00);
    s01 = multiplyAdd(a0, b1, s01);
    const a1 = v128.load32_splat(a, 4);
    s10 = multiplyAdd(a1, b0, s10);
    s11 = multiplyAdd(a1, b1, s11);
    const a2 = v128.load32_splat(a, 8);
    s20 = multiplyAdd(a2, b0, s20);
    s21 = multiplyAdd(a2, b1, s21);
    const a3 = v128.load32_splat(a, 12);
    s30 = multiplyAdd(a3, b0, s30);
    s31 = multiplyAdd(a3, b1, s31);
    a += 16;
  }
  if (add) {
    s00 = f32x4.add(s00, v128.load(c));
    s01 = f32x4.add(s01, v128.load(c, 16));
    s10 = f32x4.add(s10, v128.load(c1));
    s11 = f32x4.add(s11, v128.load(c1, 16));
    s20 = f32x4.add(s20, v128.load(c2));
    s21 = f32x4.add(s21, v128.load(c2, 16));
    s30 = f32x4.add(s30, v128.load(c3));
    s31 = f32x4.add(s31, v128.load(c3, 16));
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}
