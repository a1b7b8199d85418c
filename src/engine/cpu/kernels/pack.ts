/**
 * A matrix laid out for `multiply`, which reads it front to back: panels of `width` rows or columns (4 for a left
 * operand's rows, 8 for a right operand's columns), within a panel one step of the inner dimension after the other.
 */

/**
 * Packs a matrix whose panels lie along its rows: packed[p][k][j] = source[k][p · width + j].
 *
 * @param panel the address of the first panel
 * @param panels how many
 * @param panelStride from one panel to the next
 * @param depth how many rows the source has: the length of the inner dimension
 */
export function pack(
  panel: usize,
  panelStride: usize,
  source: usize,
  stride: usize,
  panels: i32,
  depth: i32,
  width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let p = 0; p < panels; p++) {
    let from = source;
    let to = panel;
    if (width == 8) {
      for (let k = 0; k < depth; k++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += stride;
        to += 32;
      }
    } else {
      for (let k = 0; k < depth; k++) {
        v128.store(to, v128.load(from));
        from += stride;
        to += 16;
      }
    }
    source += bytes;
    panel += panelStride;
  }
}

/** Packs a matrix whose panels lie across its rows: packed[p][k][j] = source[p · width + j][k]. See `pack`. */
export function packTransposed(
  panel: usize,
  panelStride: usize,
  source: usize,
  stride: usize,
  panels: i32,
  depth: i32,
  width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let p = 0; p < panels; p++) {
    for (let half: usize = 0; half < bytes; half += 16) {
      let from = source + (half >> 2) * stride;
      let to = panel + half;
      for (let k = 0; k < depth; k += 4) {
        transpose(to, bytes, from, stride);
        from += 16;
        to += bytes << 2;
      }
    }
    source += <usize>width * stride;
    panel += panelStride;
  }
}

/** A block of 4 × 4. */
@inline
function transpose(to: usize, toStride: usize, from: usize, stride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7));
}
