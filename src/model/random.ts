/**
 * A hash of 32-bit words, and what is built on it. Everything random in Sluice comes from here, so that a
 * seed fixes everything; the shaders compute the same hash (`shaders/parts/hash.wgsl`), so that a seed means the same on
 * every engine.
 */

/** The PCG output permutation (Jarzynski and Olano, "Hash Functions for GPU Rendering", 2020): 32 bits to 32 bits. */
export function hash(value: number): number {
  const state = (Math.imul(value, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** A number in [0, 1) for draw `index` of stream `stream` under `seed`; 24 bits, exact in float32. */
export function uniformAt(seed: number, stream: number, index: number): number {
  return (hash(hash(hash(seed >>> 0) ^ (stream >>> 0)) ^ (index >>> 0)) >>> 8) / 2 ** 24;
}

/**
 * Gumbel noise for one symbol of one draw: adding it to log-probabilities and taking the largest draws from them.
 * 23 bits go into it, so that every step up to the logarithm is exact in float32.
 */
export function gumbelAt(seed: number, sequence: number, index: number, symbol: number): number {
  const key = hash(hash(hash(seed >>> 0) ^ (sequence >>> 0)) ^ (index >>> 0));
  const u = ((hash(key ^ symbol) >>> 9) + 0.5) / 2 ** 23;
  return -Math.log(-Math.log1p(-u));
}

/** A sequence of random numbers that is fixed by a seed, and by how many were drawn: both can be saved. */
export class Random {
  readonly seed: number;
  /** How many numbers were drawn so far. Setting it moves the generator to that place of its sequence. */
  position: number;

  constructor(seed: number, position = 0) {
    this.seed = seed >>> 0;
    this.position = position;
  }

  /** The next number, uniform in [0, 1). */
  uniform(): number {
    const high = Math.floor(this.position / 2 ** 32);
    const value = uniformAt(this.seed, high, this.position);
    this.position++;
    return value;
  }

  /** The next whole number, uniform in [0, count), for count up to 2⁵³. */
  integer(count: number): number {
    const value = this.uniform() + this.uniform() / 2 ** 24;
    return Math.floor(value * count);
  }

  /**
   * The next number from the normal distribution with mean 0 and variance 1 (Box and Muller, “A Note on the Generation of Random
   * Normal Deviates”, 1958).
   */
  normal(): number {
    // The logarithm of 0, which may be drawn, is not finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
