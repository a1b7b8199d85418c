/**
 * What a network has made of a Reber grammar, asked over strings that it never saw: does it know which symbols may come
 * next, and, in the embedded grammar, does it remember what decides the last symbol but one?
 */

import { type Automaton, allowedNext, decisivePlace, drawString, embeddedReber } from '../data/text/reber.ts';
import type { Network } from '../engine/engine.ts';
import { traceInPieces } from '../engine/pieces.ts';
import { Random } from '../model/random.ts';
import type { Vocabulary } from '../model/vocabulary.ts';

export interface ReberTrial {
  readonly automaton: Automaton;
  /** How many strings are drawn. */
  readonly strings: number;
  /** Not the one that the training text was drawn from. */
  readonly seed: number;
  /** A symbol is predicted if its output is above this: 0.3, as Cleeremans et al. have it, unless it is given. */
  readonly threshold?: number;
}

/** Shares between 0 and 1. */
export interface ReberScore {
  /**
   * Of the strings, those whose decisive symbol is the likeliest of all symbols when everything before it has been read;
   * `undefined` where the grammar has no decisive symbol.
   */
  readonly decisive: number | undefined;
  /** Of the places, those at which the predicted symbols are exactly the ones that the grammar allows. */
  readonly sets: number;
}

/**
 * Reads fresh strings and compares the predictions within each, from the one of its second symbol to the one of its last,
 * with the grammar. As in the text that the network learned, each string stands behind another one: from a zero state the
 * network reads a first string, which does not count, then the one that does. (A zero state alone says nothing of where
 * in a string one is, and the grammars have a B or an E within their strings as well.)
 *
 * @param vocabulary the network's symbols, which are the grammar's
 */
export async function scoreReber(
  network: Network,
  vocabulary: Vocabulary,
  { automaton, strings: count, seed, threshold = 0.3 }: ReberTrial,
): Promise<ReberScore> {
  const random = new Random(seed);
  const draw = () => drawString(automaton, random);
  const trials = Array.from({ length: count }, () => ({ before: draw(), string: draw() }));
  let [remembered, places, right] = [0, 0, 0];
  for (let first = 0; first < count; first += network.capacity.rows) {
    const rows = trials.slice(first, first + network.capacity.rows);
    const texts = rows.map(({ before, string }) => before + string);
    const predictions = await predict(network, vocabulary, texts);
    for (const [row, { before, string }] of rows.entries()) {
      const predicted = predictions[row]!.slice(before.length);
      const decisive = vocabulary.encode(string)[decisivePlace(string)];
      if (likeliest(predicted[decisivePlace(string) - 1]!) === decisive) remembered++;
      for (const [place, allowed] of allowedNext(automaton, string).slice(0, -1).entries()) {
        places++;
        const isAllowed = (symbol: number) => allowed.includes(vocabulary.symbols[symbol]!);
        if (predicted[place]!.every((y, symbol) => y > threshold === isAllowed(symbol))) right++;
      }
    }
  }
  return { decisive: automaton === embeddedReber ? remembered / count : undefined, sets: right / places };
}

/**
 * The outputs y as probabilities after each symbol of each text, `[text][place][V]`. The texts are padded to the length of
 * the longest.
 */
async function predict(network: Network, vocabulary: Vocabulary, texts: readonly string[]): Promise<number[][][]> {
  const ids = texts.map((text) => vocabulary.encode(text));
  const longest = Math.max(...ids.map(({ length }) => length));
  const [B, V] = [texts.length, vocabulary.size];
  const inputs = Uint32Array.from({ length: longest * B }, (_, i) => ids[i % B]![Math.floor(i / B)] ?? 0);
  const predictions: number[][][] = texts.map(() => []);
  for await (const { timesteps, outputs } of traceInPieces(network, inputs, B)) {
    for (let i = 0; i < timesteps * B; i++) predictions[i % B]!.push(Array.from(outputs.slice(i * V, (i + 1) * V)));
  }
  return predictions;
}

const likeliest = (probabilities: readonly number[]): number => probabilities.indexOf(Math.max(...probabilities));
