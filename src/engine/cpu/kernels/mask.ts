/**
 * Masks, which leave units out at random. A mask is of some rows at one timestep: 16 times the byte below which a unit is left
 * out, four times what the others are multiplied with, and of each row the word that its units' random words are drawn from.
 */

/** The hash that everything random comes from: `src/model/random.ts`. */
@inline
function hash(value: u32): u32 {
  const state = value * 747796405 + 2891336453;
  const word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737;
  return (word >> 22) ^ word;
}

/**
 * Makes the mask of rows at a timestep, as `src/engine/dropout.ts` has it.
 *
 * @param key what a layer's masks are drawn from
 * @param first the number of the first row in the whole batch
 * @param t 0 where a row leaves out the same at each timestep
 * @param below a unit is left out if its byte is below this
 * @param scale what the others are multiplied with
 */
export function drawMask(mask: usize, key: u32, first: u32, t: u32, rows: i32, below: i32, scale: f32): void {
  v128.store(mask, i8x16.splat(<i8>below));
  v128.store(mask, f32x4.splat(scale), 16);
  for (let row = 0; row < rows; row++) {
    store<u32>(mask + (<usize>row << 2), hash(hash(key ^ (first + row)) ^ t), 32);
  }
}

/** m of a row's four units from byte j of its numbers on. */
@inline
export function maskAt(mask: usize, row: i32, j: usize): v128 {
  const word = hash(load<u32>(mask + (<usize>row << 2), 32) ^ <u32>(j >> 4));
  const kept = i8x16.ge_u(i32x4.splat(word), v128.load(mask));
  return v128.and(v128.load(mask, 16), v128.shuffle<i8>(kept, kept, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
}

/** m likewise, or where nothing is left out, and the mask is 0, 1. */
@inline
export function maskOrOne(mask: usize, row: i32, j: usize): v128 {
  return mask == 0 ? f32x4.splat(1) : maskAt(mask, row, j);
}

/** m ⊙ x for a row's four units from byte j of its numbers on; x where nothing is left out, and the mask is 0. */
@inline
export function masked(x: v128, mask: usize, row: i32, j: usize): v128 {
  return mask == 0 ? x : f32x4.mul(maskAt(mask, row, j), x);
}

/** out ← m ⊙ x, `[rows, columns]` */
export function leaveOut(
  out: usize,
  outStride: usize,
  x: usize,
  stride: usize,
  mask: usize,
  rows: i32,
  columns: i32,
): void {
  const width = <usize>columns << 2;
  for (let row = 0; row < rows; row++, out += outStride, x += stride) {
    for (let j: usize = 0; j < width; j += 16) {
      v128.store(out + j, f32x4.mul(maskAt(mask, row, j), v128.load(x + j)));
    }
  }
}
