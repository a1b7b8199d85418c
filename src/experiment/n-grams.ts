import { sortByLongerContext } from '../data/text/contexts.ts';

/** Contexts looked up between two words about the progress. */
const stretch = 2000;

/**
 * What n-grams predict: after each prime the symbol that most often followed the last n symbols in the text, then the
 * next one after that, and so on; of equals the first in the vocabulary. A context that the text never goes on from is
 * shortened, at its far end, until it does.
 *
 * Nothing is counted but the contexts that come up: the text's places are sorted by what stands before them, so that the
 * places after any context, of n symbols or fewer, stand side by side and a binary search finds them.
 *
 * @param text symbol ids below `vocabularySize`, at least one
 * @param orders n of each model: how many symbols it looks back on
 * @returns the predictions, `[orders][primes]`, each of `length` symbols; on the way, the share of the work that is done
 */
export function* greedyPredictions(
  text: Uint32Array,
  vocabularySize: number,
  primes: readonly Uint32Array[],
  length: number,
  orders: readonly number[],
): Generator<number, readonly (readonly Uint32Array[])[]> {
  // Sorting takes about as long a pass as an order's predictions.
  const passes = Math.max(0, ...orders);
  const work = passes + orders.length;
  let places = text.map((_, place) => place);
  for (let pass = 1; pass <= passes; pass++) {
    places = sortByLongerContext(places, text, vocabularySize);
    yield pass / work;
  }

  const followers = new Followers(text, vocabularySize, places);
  const predictions: Uint32Array[][] = [];
  for (const [done, order] of orders.entries()) {
    const known = new Map<string, number>();
    const ofOrder: Uint32Array[] = [];
    predictions.push(ofOrder);
    for (const [i, prime] of primes.entries()) {
      const sequence = new Uint32Array(prime.length + length);
      sequence.set(prime);
      for (let end = prime.length; end < sequence.length; end++) {
        const context = sequence.subarray(Math.max(0, end - order), end);
        const key = context.join();
        const symbol = known.get(key) ?? followers.commonest(context);
        known.set(key, symbol);
        sequence[end] = symbol;
      }
      ofOrder.push(sequence.subarray(prime.length));
      if ((i + 1) % Math.ceil(stretch / length) === 0) yield (passes + done + (i + 1) / primes.length) / work;
    }
  }
  return predictions;
}

/** What follows the contexts of a text. */
class Followers {
  readonly #text: Uint32Array;
  /** Sorted by the symbols before them, the nearest first. */
  readonly #places: Uint32Array;
  /** V zeros between two calls. */
  readonly #counts: Uint32Array;

  constructor(text: Uint32Array, vocabularySize: number, places: Uint32Array) {
    this.#text = text;
    this.#places = places;
    this.#counts = new Uint32Array(vocabularySize);
  }

  /** The symbol that most often follows the longest end of a context that anything follows. */
  commonest(context: Uint32Array): number {
    let low = 0;
    let high = this.#places.length;
    for (let distance = 1; distance <= context.length; distance++) {
      const symbol = context[context.length - distance]!;
      const start = this.#search(low, high, distance, symbol);
      const end = this.#search(start, high, distance, symbol + 1);
      if (start === end) break;
      low = start;
      high = end;
    }
    let commonest = 0;
    let most = 0;
    for (let i = low; i < high; i++) {
      const symbol = this.#text[this.#places[i]!]!;
      const count = ++this.#counts[symbol]!;
      if (count < most || (count === most && symbol > commonest)) continue;
      commonest = symbol;
      most = count;
    }
    for (let i = low; i < high; i++) this.#counts[this.#text[this.#places[i]!]!] = 0;
    return commonest;
  }

  /** The first of the sorted places from `low` to `high` before which, at a distance, stands `symbol` or a later one. */
  #search(low: number, high: number, distance: number, symbol: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const place = this.#places[middle]! - distance;
      // Before the text's first symbol stands nothing, which comes before every symbol.
      if (place >= 0 && this.#text[place]! >= symbol) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
