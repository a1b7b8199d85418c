/** A prime, and what a model predicts to follow it. */
export interface Continuation {
  readonly prime: Uint32Array;
  readonly prediction: Uint32Array;
}

/** How long a prediction agrees with a text. */
export interface Match {
  /** How often the prime occurs in the text; occurrences may overlap. */
  readonly occurrences: number;
  /** The occurrence after which the text agrees longest, the first of equals; −1 if the prime does not occur. */
  readonly place: number;
  /** For how many symbols the text agrees with the prediction there. */
  readonly length: number;
}

/** Symbols between two words about the progress. */
const stretch = 2 ** 18;
/** Slots of the table for each prime: so many that nearly all places of a text are settled by a look at an empty one. */
const slotsPerPrime = 64;
const multiplier = 0x01000193;
/** Spreads a hash over its upper bits: 2³² divided by the golden ratio (Knuth, volume 3, 6.4). */
const spread = 0x9e3779b1;

/**
 * Finds every occurrence of every prime in one pass over the text, and how long what follows agrees with each
 * prediction. A hash of the last m symbols rolls along the text (Karp and Rabin, “Efficient randomized pattern-matching
 * algorithms”, 1987); where it leads to a prime, the symbols themselves are compared.
 *
 * @param text symbol ids
 * @param continuations with primes of one and the same length m, at least 1
 * @returns a match for each continuation; on the way, the share of the text that is done
 */
export function* longestMatches(
  text: Uint32Array,
  continuations: readonly Continuation[],
): Generator<number, readonly Match[]> {
  if (continuations.length === 0) return [];
  const primes = new Map<string, Prime>();
  const wanted = continuations.map(({ prime, prediction }) => {
    const key = prime.join();
    const known = primes.get(key) ?? new Prime(prime);
    primes.set(key, known);
    return [known, known.predicts(prediction)] as const;
  });
  const candidates = [...primes.values()];
  const m = candidates[0]!.symbols.length;

  const shift = 32 - Math.ceil(Math.log2(slotsPerPrime * candidates.length));
  const slotOf = (hash: number) => Math.imul(hash, spread) >>> shift;
  // A slot has the first of the primes that fall into it, each of them the next; −1 ends the chain.
  const first = new Int32Array(2 ** (32 - shift)).fill(-1);
  const next = candidates.map(({ symbols }, prime) => {
    const slot = slotOf(symbols.reduce(roll, 0));
    const other = first[slot]!;
    first[slot] = prime;
    return other;
  });

  let leaving = 1;
  for (let i = 1; i < m; i++) leaving = Math.imul(leaving, multiplier);
  let hash = text.subarray(0, m - 1).reduce(roll, 0);
  for (let start = m - 1; start < text.length; start += stretch) {
    const end = Math.min(start + stretch, text.length);
    for (let i = start; i < end; i++) {
      const place = i - m + 1;
      hash = roll(hash, text[i]!);
      for (let prime = first[slotOf(hash)]!; prime >= 0; prime = next[prime]!) candidates[prime]!.meet(text, place);
      hash = (hash - Math.imul(leaving, text[place]!)) | 0;
    }
    yield end / text.length;
  }
  return wanted.map(([{ occurrences }, { place, length }]) => ({ occurrences, place, length }));
}

/** The hash of one symbol more: a polynomial modulo 2³². */
function roll(hash: number, symbol: number): number {
  return (Math.imul(hash, multiplier) + symbol) | 0;
}

/** What is predicted to follow a prime, and how long a text has been found to agree. */
interface Prediction {
  readonly symbols: Uint32Array;
  place: number;
  length: number;
}

/** A prime and all its predictions, each once: what is drawn often may occur often. */
class Prime {
  readonly symbols: Uint32Array;
  readonly #predictions = new Map<string, Prediction>();
  occurrences = 0;

  constructor(symbols: Uint32Array) {
    this.symbols = symbols;
  }

  predicts(symbols: Uint32Array): Prediction {
    const key = symbols.join();
    const prediction = this.#predictions.get(key) ?? { symbols, place: -1, length: 0 };
    this.#predictions.set(key, prediction);
    return prediction;
  }

  /** Takes a place into account at which the prime may stand. */
  meet(text: Uint32Array, place: number): void {
    if (agreement(text, place, this.symbols) < this.symbols.length) return;
    this.occurrences++;
    const after = place + this.symbols.length;
    for (const prediction of this.#predictions.values()) {
      const { symbols, length: longest } = prediction;
      // Only where it could be longer is it measured.
      const known = prediction.place >= 0;
      if (known && (longest === symbols.length || text[after + longest] !== symbols[longest])) continue;
      const length = agreement(text, after, symbols);
      if (known && length <= longest) continue;
      prediction.place = place;
      prediction.length = length;
    }
  }
}

/** For how many symbols the text from `place` on is the same as `symbols`. */
function agreement(text: Uint32Array, place: number, symbols: Uint32Array): number {
  const most = Math.min(symbols.length, text.length - place);
  let length = 0;
  while (length < most && text[place + length] === symbols[length]) length++;
  return length;
}
