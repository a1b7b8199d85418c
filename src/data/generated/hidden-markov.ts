import type { Random } from '../../model/random.ts';
import type { Alternatives } from '../text/grammar.ts';

/**
 * A hidden Markov model of words: from state to state, each writes a letter, until the `end` comes up. Several states may write
 * the same letter, so that a word does not tell which states made it.
 */
export interface HiddenMarkov {
  /** In which states a word begins, with their weights. */
  readonly begin: Alternatives;
  readonly states: Readonly<Record<string, HiddenState>>;
}

/** What a state writes, and what comes after it: states by their names, or `end`. */
export interface HiddenState {
  readonly letters: Alternatives;
  readonly next: Alternatives;
}

/** Draws a word. */
export function drawWord({ begin, states }: HiddenMarkov, random: Random): string {
  let word = '';
  for (let at = drawOne(begin, random); at !== 'end'; at = drawOne(states[at]!.next, random)) {
    word += drawOne(states[at]!.letters, random);
  }
  return word;
}

/** Draws one alternative. */
function drawOne(alternatives: Alternatives, random: Random): string {
  let place = random.uniform() * totalWeight(alternatives);
  for (const name in alternatives) {
    place -= alternatives[name]!;
    if (place < 0) return name;
  }
  throw new RangeError('There is nothing to draw from.');
}

/**
 * log p(word), by the forward algorithm (Rabiner, “A tutorial on hidden Markov models and selected applications in speech
 * recognition”, Proceedings of the IEEE 77, 1989, equations 19 to 21): with a(s, s′) the chance that s′ comes after s, and b(s, x)
 * that s writes x,
 *
 *     α₁(s) = a(begin, s) b(s, x₁)    αₜ(s) = Σ_s′ αₜ₋₁(s′) a(s′, s) b(s, xₜ)    p(word) = Σ_s α_T(s) a(s, end)
 *
 * @returns −∞ if the model never writes the word
 */
export function logProbability(model: HiddenMarkov): (word: string) => number {
  const names = Object.keys(model.states);
  const begin = names.map((name) => share(model.begin, name));
  const states = names.map((name) => {
    const { letters, next } = model.states[name]!;
    return {
      next: names.map((other) => share(next, other)),
      end: share(next, 'end'),
      writes: new Map(Object.keys(letters).map((letter) => [letter, share(letters, letter)])),
    };
  });
  return (word) => {
    let chances: readonly number[] | undefined;
    for (const letter of word) {
      const before = chances;
      chances = states.map(({ writes }, to) => {
        const written = writes.get(letter) ?? 0;
        if (written === 0) return 0;
        const reached = before?.reduce((sum, chance, from) => sum + chance * states[from]!.next[to]!, 0);
        return written * (reached ?? begin[to]!);
      });
    }
    return Math.log((chances ?? []).reduce((sum, chance, state) => sum + chance * states[state]!.end, 0));
  };
}

/** The probability of one alternative. */
function share(alternatives: Alternatives, name: string): number {
  return (alternatives[name] ?? 0) / totalWeight(alternatives);
}

function totalWeight(alternatives: Alternatives): number {
  let total = 0;
  for (const name in alternatives) total += alternatives[name]!;
  return total;
}
