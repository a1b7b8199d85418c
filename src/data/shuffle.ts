import type { Random } from '../model/random.ts';

/** Puts numbers into a random order, each order as likely as any other, in place (Fisher and Yates; Knuth's algorithm P). */
export function shuffle<Numbers extends Uint32Array | number[]>(numbers: Numbers, random: Random): Numbers {
  for (let last = numbers.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const kept = numbers[last]!;
    numbers[last] = numbers[other]!;
    numbers[other] = kept;
  }
  return numbers;
}
