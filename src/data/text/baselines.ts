/**
 * What simpler models than a network reach on the same text: the level lines of the training chart. Each is fitted to
 * the training text and measured on the held-out text, which begins where the training text ends.
 *
 * The strongest are n-grams with the interpolation of Witten and Bell ("The Zero-Frequency Problem", IEEE Transactions
 * on Information Theory 37, 1991; their method C). After a context h of n characters, the model of order n gives the
 * character c the probability
 *
 *     pₙ(c | h) = (count(h c) + kinds(h) · pₙ₋₁(c | h′)) / (count(h) + kinds(h))
 *
 * where kinds(h) is how many different characters were seen after h, and h′ is h without its farthest character. Order
 * 0 is the frequencies of single characters; below it stands the uniform p₋₁ = 1/V. A context that was never seen
 * tells nothing: there, pₙ = pₙ₋₁.
 */

import { sortByLongerContext } from './contexts.ts';

/** What one kind of model reaches. */
export interface Baseline {
  readonly name: string;
  /** Mean over the held-out text. */
  readonly bitsPerCharacter: number;
}

/** The longest context of an n-gram that is measured. */
export const highestOrder = 6;

/**
 * Measures one model after another, the simplest first. With nothing held out there is nothing to measure.
 *
 * @param training symbol ids below `vocabularySize`
 * @param validation the ids that follow them in the text
 * @param vocabularySize V
 */
export function* baselines(
  training: Uint32Array,
  validation: Uint32Array,
  vocabularySize: number,
): Generator<Baseline, void> {
  if (validation.length === 0) return;
  yield { name: `guessing among ${vocabularySize} characters`, bitsPerCharacter: Math.log2(vocabularySize) };
  let order = 0;
  for (const probabilities of nGramProbabilities(training, validation, vocabularySize)) {
    const name = order === 0 ? 'character frequencies' : `n-gram, order ${order}`;
    yield { name, bitsPerCharacter: meanSurprisal(probabilities) };
    order++;
  }
}

/**
 * What n-grams of order 0, 1 and so on to `highestOrder` say of each held-out character: its probability, after what stands before
 * it in the text.
 *
 * @returns `[validation]` for each order; the same array each time, with other values
 */
export function* nGramProbabilities(
  training: Uint32Array,
  validation: Uint32Array,
  vocabularySize: number,
): Generator<Float64Array<ArrayBuffer>, void> {
  const text = new Uint32Array(training.length + validation.length);
  text.set(training);
  text.set(validation, training.length);
  const counts = new Uint32Array(vocabularySize);
  const probabilities = new Float64Array(validation.length).fill(1 / vocabularySize);

  let places = text.map((_, place) => place);
  for (let order = 0; order <= highestOrder; order++) {
    if (order > 0) places = sortByLongerContext(places, text, vocabularySize);
    for (let start = 0, end = 0; start < places.length; start = end) {
      do end++;
      while (end < places.length && sameContext(text, order, places[start] as number, places[end] as number));
      interpolate(probabilities, counts, text, places.subarray(start, end));
    }
    yield probabilities;
  }
}

/** Whether the `order` characters before two places are the same. */
function sameContext(text: Uint32Array, order: number, one: number, other: number): boolean {
  for (let distance = 1; distance <= order; distance++) {
    if (text[one - distance] !== text[other - distance]) return false;
  }
  return true;
}

/**
 * Takes the probabilities of the held-out characters at places after one context from the next lower order to this.
 *
 * @param counts V zeros, which it leaves as zeros
 */
function interpolate(probabilities: Float64Array, counts: Uint32Array, text: Uint32Array, places: Uint32Array): void {
  const trainingLength = text.length - probabilities.length;
  let total = 0;
  let kinds = 0;
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    if (place >= trainingLength) continue;
    const symbol = text[place] as number;
    const count = counts[symbol] as number;
    if (count === 0) kinds++;
    counts[symbol] = count + 1;
    total++;
  }
  if (total === 0) return;
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    if (place < trainingLength) continue;
    const count = counts[text[place] as number] as number;
    const lower = probabilities[place - trainingLength] as number;
    probabilities[place - trainingLength] = (count + kinds * lower) / (total + kinds);
  }
  for (let i = 0; i < places.length; i++) counts[text[places[i] as number] as number] = 0;
}

/** Mean of −log₂ p. */
export function meanSurprisal(probabilities: Float64Array): number {
  return -probabilities.reduce((sum, probability) => sum + Math.log2(probability), 0) / probabilities.length;
}
