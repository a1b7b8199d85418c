import { exp } from './math';

/**
 * logits ← scale · (softmax(logits) − one-hot(target)): ∂loss/∂logits, `[rows, columns]`. A row whose target is negative
 * is none: its gradient is zero.
 *
 * @param parts for each row, what its loss is made of: Σ exp(logit − largest), and target's logit − largest;
 *   loss = log of the first − the second
 */
export function softmax(logits: usize, rows: i32, columns: i32, targets: usize, scale: f32, parts: usize): void {
  const width = <usize>columns << 2;
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets);
    if (target < 0) {
      memory.fill(logits, 0, width);
      store<f32>(parts, 1);
      store<f32>(parts, 0, 4);
    } else {
      let largest4 = v128.load(logits);
      for (let j: usize = 16; j < width; j += 16) largest4 = f32x4.pmax(largest4, v128.load(logits + j));
      const largest = max(
        max(f32x4.extract_lane(largest4, 0), f32x4.extract_lane(largest4, 1)),
        max(f32x4.extract_lane(largest4, 2), f32x4.extract_lane(largest4, 3)),
      );
      largest4 = f32x4.splat(largest);
      store<f32>(parts, load<f32>(logits + (<usize>target << 2)) - largest, 4);
      let sum4 = f32x4.splat(0);
      for (let j: usize = 0; j < width; j += 16) {
        const e = exp(f32x4.sub(v128.load(logits + j), largest4));
        v128.store(logits + j, e);
        sum4 = f32x4.add(sum4, e);
      }
      const sum =
        f32x4.extract_lane(sum4, 0) +
        f32x4.extract_lane(sum4, 1) +
        (f32x4.extract_lane(sum4, 2) + f32x4.extract_lane(sum4, 3));
      store<f32>(parts, sum);
      const factor = f32x4.splat(scale / sum);
      for (let j: usize = 0; j < width; j += 16) v128.store(logits + j, f32x4.mul(v128.load(logits + j), factor));
      const place = logits + (<usize>target << 2);
      store<f32>(place, load<f32>(place) - scale);
    }
    logits += width;
    targets += 4;
    parts += 8;
  }
}
