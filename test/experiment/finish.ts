/** What a generator returns in the end; the shares that it tells on the way must grow from 0 to 1. */
export function finish<Result>(work: Generator<number, Result>): Result {
  for (let before = 0; ; ) {
    const { done, value } = work.next();
    if (done) return value;
    if (!(value >= before && value <= 1)) throw new Error(`A share of ${value} comes after ${before}.`);
    before = value;
  }
}
