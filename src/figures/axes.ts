/** Where ticks and names stand along an axis. */

/** Round values from `low` to `high` at equal distances of at least `least`, about as many as wanted. */
export function linearTicks(low: number, high: number, wanted: number, least = 0): number[] {
  const rough = Math.max((high - low) / wanted, least);
  const decade = 10 ** Math.floor(Math.log10(rough) + 1e-9);
  const step = [1, 2, 5, 10].find((digit) => digit * decade >= rough * 0.999)! * decade;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

/** Round values from `low` to `high`, no more than wanted: of each power of ten some digits, or of the powers every so many. */
export function logarithmicTicks(low: number, high: number, wanted: number): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const ofDigits = (digits: readonly number[], every = 1) =>
    powers
      .filter((power) => power % every === 0)
      .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
      .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const denser = [
    [1, 1.5, 2, 3, 4, 5, 6, 8],
    [1, 2, 3, 5],
    [1, 2, 5],
    [1, 3],
  ].map((digits) => ofDigits(digits));
  return denser.find(({ length }) => length <= wanted) ?? ofDigits([1], Math.ceil(powers.length / wanted));
}

/**
 * Where to write the labels of lines so that none covers another: as near to the lines as `gap` allows, in the same
 * order, between `top` and `bottom`.
 *
 * With i·gap taken off the i-th place, “at least a gap apart” becomes “not decreasing”, and the nearest such places are
 * found by pooling neighbours that are out of order into their mean.
 *
 * @param lines in increasing order
 */
export function placeLabels(lines: readonly number[], gap: number, top: number, bottom: number): number[] {
  const pools: { sum: number; count: number }[] = [];
  lines.forEach((line, i) => {
    let pool = { sum: line - i * gap, count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  });
  const highest = Math.max(top, bottom - (lines.length - 1) * gap);
  const places = pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count));
  return places.map((place, i) => Math.min(Math.max(place, top), highest) + i * gap);
}
