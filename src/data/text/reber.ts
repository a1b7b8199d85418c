/**
 * The Reber grammar (Reber, “Implicit learning of artificial grammars”, 1967; the test for recurrent networks since
 * Cleeremans, Servan-Schreiber and McClelland, “Finite state automata and simple recurrent networks”, Neural Computation
 * 1, 1989), and the embedded one (Hochreiter and Schmidhuber, “Long short-term memory”, Neural Computation 9, 1997), in
 * which a whole Reber string stands between a T or P and the same letter again. What decides the last letter but one is
 * therefore the second, with everything that may be forgotten in between.
 *
 * A string's E is followed by the next string's B. Both grammars are machines in which a state and a symbol fix the next
 * state, so who has read a text from its start knows the state, and the chances of the next symbol given the text are
 * those given the state. With n(s) the expected visits to state s within a string, and p(k | s) the chance of symbol k,
 *
 *     entropy         = Σ_s n(s) Σ_k −p(k | s) log₂ p(k | s) / Σ_s n(s), in bits per symbol
 *     binary entropy  = Σ_s n(s) Σ_k [−p log₂ p − (1 − p) log₂(1 − p)] / Σ_s n(s), with p = p(k | s)
 *
 * The first is the entropy rate of such a source (Shannon, “A mathematical theory of communication”, 1948, section 7), and
 * the least that −log p of the next symbol can be on average. The second is the same for outputs that are each asked only
 * whether the next symbol is theirs: the mean of −t log y − (1 − t) log(1 − y) over t is least at y = p(k | s).
 */

import { Random } from '../../model/random.ts';
import type { Corpus } from './corpus.ts';

/**
 * A grammar as a machine: for each state, the symbols that may come next, all equally likely, each with the state that
 * it leads to. A string begins in state 0, and its last symbol leads back there.
 */
export type Automaton = readonly Readonly<Record<string, number>>[];

/** B, then the letters of a walk through five states, then E: on average 8 symbols. */
export const reber: Automaton = [
  { B: 1 },
  { T: 2, P: 3 },
  { S: 2, X: 4 },
  { T: 3, V: 5 },
  { X: 3, S: 6 },
  { P: 4, V: 6 },
  { E: 0 },
];

/** B T ⟨Reber string⟩ T E, or B P ⟨Reber string⟩ P E: on average 12 symbols. */
export const embeddedReber: Automaton = embed(reber);

function embed(inner: Automaton): Automaton {
  const [afterT, afterP] = [2, 3 + inner.length];
  const last = afterP + inner.length + 1;
  /** The machine with its states counted from `start`, so that its strings end just behind it. */
  const from = (start: number) =>
    inner.map((arcs) => mapValues(arcs, (next) => start + (next === 0 ? inner.length : next)));
  return [{ B: 1 }, { T: afterT, P: afterP }, ...from(afterT), { T: last }, ...from(afterP), { P: last }, { E: 0 }];
}

/** Draws one string. */
export function drawString(automaton: Automaton, random: Random): string {
  let text = '';
  let state = 0;
  do {
    const arcs = Object.entries(automaton[state]!);
    const [symbol, next] = arcs[random.integer(arcs.length)]!;
    text += symbol;
    state = next;
  } while (state !== 0);
  return text;
}

/**
 * Which symbols may come next, after each symbol of a text of one string or of several.
 *
 * @throws RangeError naming the first symbol that the grammar does not allow
 */
export function allowedNext(automaton: Automaton, text: string): string[][] {
  let state = 0;
  return Array.from(text, (symbol, place) => {
    const next = automaton[state]![symbol];
    if (next === undefined) {
      const allowed = Object.keys(automaton[state]!).join(' or ');
      throw new RangeError(`“${symbol}” at place ${place} is not in the grammar: ${allowed} may stand there.`);
    }
    state = next;
    return Object.keys(automaton[state]!);
  });
}

/** The place, from 0, of the symbol of an embedded string that its second symbol decides: the last but one. */
export const decisivePlace = (string: string): number => string.length - 2;

/** What a grammar's texts are like on average. */
export interface Figures {
  /** Symbols in a string. */
  readonly length: number;
  /** In bits per symbol. */
  readonly entropy: number;
  /** In bits per symbol, summed over the symbols. */
  readonly binaryEntropy: number;
}

/** Exact up to rounding: sums over the states, weighted with how often a string is expected to visit each. */
export function figures(automaton: Automaton): Figures {
  const visits = expectedVisits(automaton);
  const length = visits.reduce((sum, n) => sum + n);
  const mean = (of: (probability: number) => number) =>
    visits.reduce((sum, n, state) => {
      const choices = Object.keys(automaton[state]!).length;
      return sum + n * choices * of(1 / choices);
    }, 0) / length;
  const surprise = (p: number) => (p === 0 ? 0 : -p * Math.log2(p));
  return { length, entropy: mean(surprise), binaryEntropy: mean((p) => surprise(p) + surprise(1 - p)) };
}

/** How often a string is expected to visit each state: the sum over all places of the chances to be there. */
function expectedVisits(automaton: Automaton): number[] {
  const visits = automaton.map(() => 0);
  let chances = automaton.map((_, state) => Number(state === 0));
  // The chance that a string is still going on falls geometrically, so the sum soon has all its digits.
  while (chances.some((chance) => chance > 2 ** -70)) {
    const next = automaton.map(() => 0);
    for (const [state, arcs] of automaton.entries()) {
      visits[state]! += chances[state]!;
      const successors = Object.values(arcs).filter((successor) => successor !== 0);
      for (const successor of successors) next[successor]! += chances[state]! / Object.keys(arcs).length;
    }
    chances = next;
  }
  return visits;
}

/** In symbols. The string that reaches it is the last. */
const leastLength = 200_000;

/** Strings of the Reber grammar, one behind the other. */
export const reberText = (seed = 1): Corpus => corpusOf('Reber grammar', reber, seed);

/** Strings of the embedded Reber grammar, one behind the other. */
export const embeddedReberText = (seed = 1): Corpus => corpusOf('Embedded Reber grammar', embeddedReber, seed);

function corpusOf(name: string, automaton: Automaton, seed: number): Corpus {
  const random = new Random(seed);
  let text = '';
  while (text.length < leastLength) text += drawString(automaton, random);
  const { entropy, binaryEntropy } = figures(automaton);
  return { kind: 'text', name, text, entropy, binaryEntropy };
}

function mapValues(arcs: Readonly<Record<string, number>>, to: (state: number) => number) {
  return Object.fromEntries(Object.entries(arcs).map(([symbol, state]) => [symbol, to(state)]));
}
