/**
 * A matrix laid out for `multiply`, which reads it front to back: a left operand's rows in pairs, a right operand's columns
 * in panels of 8, and within each one step of the inner dimension after the other.
 */

/** Steps of the inner dimension that are taken over at once, so that whole cache lines are read and written. */
const few: i32 = 8;

/** Packs a left operand, `[rows, depth]`: packed[p][k][i] = source[2p + i][k]. */
export function packLeft(packed: usize, source: usize, stride: usize, rows: i32, depth: i32): void {
  for (let row = 0; row < rows; row += 2, source += 2 * stride) {
    for (let from = source, end = source + (<usize>depth << 2); from < end; from += 16, packed += 32) {
      const a = v128.load(from);
      const b = v128.load(from + stride);
      v128.store(packed, v128.shuffle<f32>(a, b, 0, 4, 1, 5));
      v128.store(packed, v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
    }
  }
}

/** Packs a left operand from its transpose, `[depth, rows]`: packed[p][k][i] = source[k][2p + i]. */
export function packLeftTransposed(packed: usize, source: usize, stride: usize, rows: i32, depth: i32): void {
  const pair = <usize>depth << 3;
  for (let k = 0; k < depth; k += few) {
    const steps = <usize>min(few, depth - k);
    for (let row = 0; row < rows; row += 4) {
      let from = source + (<usize>row << 2);
      let to = packed + <usize>(row >> 1) * pair;
      for (const end = to + (steps << 3); to < end; to += 8, from += stride) {
        const four = v128.load(from);
        v128.store64_lane(to, four, 0);
        v128.store64_lane(to + pair, four, 1);
      }
    }
    packed += <usize>few << 3;
    source += <usize>few * stride;
  }
}

/**
 * Packs a right operand, `[depth, columns]`: packed[p][k][j] = source[k][8p + j].
 *
 * @param panel the address of the first panel
 * @param panelStride from one panel to the next, which is more than this takes where it packs only some rows of a matrix
 */
export function packRight(
  panel: usize,
  panelStride: usize,
  source: usize,
  stride: usize,
  columns: i32,
  depth: i32,
): void {
  for (let k = 0; k < depth; k += few) {
    const steps = <usize>min(few, depth - k);
    for (let column: usize = 0; column < <usize>columns; column += 8) {
      let from = source + (column << 2);
      let to = panel + (column >> 3) * panelStride;
      for (const end = to + (steps << 5); to < end; to += 32, from += stride) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    }
    panel += <usize>few << 5;
    source += <usize>few * stride;
  }
}

/** Packs a right operand from its transpose, `[columns, depth]`: packed[p][k][j] = source[8p + j][k]. See `packRight`. */
export function packRightTransposed(
  panel: usize,
  panelStride: usize,
  source: usize,
  stride: usize,
  columns: i32,
  depth: i32,
): void {
  for (let column = 0; column < columns; column += 8, source += 8 * stride, panel += panelStride) {
    for (let half: usize = 0; half < 2; half++) {
      let from = source + 4 * half * stride;
      let to = panel + 16 * half;
      for (const end = from + (<usize>depth << 2); from < end; from += 16, to += 128) transpose(to, from, stride);
    }
  }
}

/** A block of 4 × 4, into panels of 8. */
@inline
function transpose(to: usize, from: usize, stride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7), 96);
}
