import { exp, logOnePlus } from './math';

/** out ← the one-hot vectors of targets, `[rows, columns]`; of a negative one, zeros. */
export function oneHot(out: usize, targets: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  memory.fill(out, 0, <usize>rows * width);
  for (let row = 0; row < rows; row++, out += width, targets += 4) {
    const target = load<i32>(targets);
    if (target >= 0) store<f32>(out + (<usize>target << 2), 1);
  }
}

/**
 * logits ← scale · ∂C/∂logits, `[rows, columns]`, for the cost C by which y misses the vectors t. Where y = σ(logits):
 *
 *     cross-entropy:  C = −Σ t log y + (1 − t) log(1 − y)    ∂C/∂logits = y − t
 *     squared error:  C = ½ Σ (y − t)²                       ∂C/∂logits = (y − t) ⊙ y ⊙ (1 − y)
 *
 * Where y = logits, the squared error: ∂C/∂logits = y − t.
 *
 * A row whose target is negative is none: its cost and gradient are zero. So are those of a padding column, whose logit is
 * −3 · 10³⁸ for σ, else 0.
 *
 * @param vectors t, `[rows, columns]`
 * @param parts for each row, what its loss is made of, as `softmax` has it: 1, and −C
 */
export function elementwiseCost(
  logits: usize,
  rows: i32,
  columns: i32,
  targets: usize,
  vectors: usize,
  sigmoid: bool,
  squared: bool,
  scale: f32,
  parts: usize,
): void {
  const width = <usize>columns << 2;
  const one = f32x4.splat(1);
  const scale4 = f32x4.splat(scale);
  for (let row = 0; row < rows; row++) {
    let cost4 = f32x4.splat(0);
    if (load<i32>(targets) < 0) {
      memory.fill(logits, 0, width);
    } else {
      for (let j: usize = 0; j < width; j += 16) {
        const logit = v128.load(logits + j);
        let t = v128.load(vectors + j);
        let cost: v128;
        let gradient: v128;
        if (sigmoid) {
          // Because σ(−a) = 1 − σ(a), a logit above 0 and its target can be mirrored. Below, nothing cancels or overflows.
          const mirrored = f32x4.gt(logit, f32x4.splat(0));
          const magnitude = f32x4.abs(logit);
          t = v128.bitselect(f32x4.sub(one, t), t, mirrored);
          const e = exp(f32x4.neg(magnitude));
          const y = f32x4.div(e, f32x4.add(one, e));
          const miss = f32x4.sub(y, t);
          if (squared) {
            cost = f32x4.mul(f32x4.mul(miss, miss), f32x4.splat(0.5));
            gradient = f32x4.mul(miss, f32x4.mul(y, f32x4.sub(one, y)));
          } else {
            // −t log y − (1 − t) log(1 − y) = log(1 + eᵃ) − t a, at a = −magnitude
            cost = f32x4.add(logOnePlus(e), f32x4.mul(t, magnitude));
            gradient = miss;
          }
          gradient = v128.xor(gradient, v128.and(mirrored, i32x4.splat(0x80000000)));
        } else {
          gradient = f32x4.sub(logit, t);
          cost = f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(0.5));
        }
        cost4 = f32x4.add(cost4, cost);
        v128.store(logits + j, f32x4.mul(gradient, scale4));
      }
    }
    store<f32>(parts, 1);
    const cost =
      f32x4.extract_lane(cost4, 0) +
      f32x4.extract_lane(cost4, 1) +
      (f32x4.extract_lane(cost4, 2) + f32x4.extract_lane(cost4, 3));
    store<f32>(parts, -cost, 4);
    logits += width;
    vectors += width;
    targets += 4;
    parts += 8;
  }
}
