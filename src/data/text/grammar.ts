import type { Random } from '../../model/random.ts';

/**
 * A probabilistic context-free grammar: for each name, the texts it may become. In such a text `{name}` stands for what
 * that name becomes; all else is meant literally. No name may lead back to itself.
 */
export type Grammar = Readonly<Record<string, Alternatives>>;

/** Each alternative with its weight, a whole number: its probability is its share of their sum. */
export type Alternatives = Readonly<Record<string, number>>;

/** Alternatives of equal weight. */
export function evenly(...alternatives: readonly string[]): Alternatives {
  return Object.fromEntries(alternatives.map((alternative) => [alternative, 1]));
}

/** A `{name}` within an alternative. */
export const reference = /\{([^}]+)\}/g;

/**
 * Draws one of the texts that `name` may become.
 *
 * @throws RangeError if a name has no rule.
 */
export function draw(grammar: Grammar, name: string, random: Random): string {
  const alternatives = grammar[name] ?? {};
  let place = random.uniform() * totalWeight(alternatives);
  for (const [alternative, weight] of Object.entries(alternatives)) {
    place -= weight;
    if (place < 0) return alternative.replace(reference, (_, inner: string) => draw(grammar, inner, random));
  }
  throw new RangeError(`The grammar has no rule for “${name}”.`);
}

/** What the texts of one name are like on average. */
export interface Expectation {
  /** −log₂ of the probability of all the choices that made a text, in bits. */
  readonly surprisal: number;
  /** Characters of a text. */
  readonly length: number;
}

/**
 * The mean over all the texts that `name` may become: exact, since nothing is sampled. Along an alternative expectations
 * add up, because no name knows what its neighbours become; over alternatives they are weighted by probability
 * (Grenander, "Syntax-Controlled Probabilities", 1967).
 */
export function expectation(grammar: Grammar, name: string): Expectation {
  const alternatives = grammar[name] ?? {};
  const total = totalWeight(alternatives);
  let surprisal = 0;
  let length = 0;
  for (const [alternative, weight] of Object.entries(alternatives)) {
    const probability = weight / total;
    surprisal -= probability * Math.log2(probability);
    length += probability * alternative.replace(reference, '').length;
    for (const [, inner = ''] of alternative.matchAll(reference)) {
      const expected = expectation(grammar, inner);
      surprisal += probability * expected.surprisal;
      length += probability * expected.length;
    }
  }
  return { surprisal, length };
}

function totalWeight(alternatives: Alternatives): number {
  return Object.values(alternatives).reduce((sum, weight) => sum + weight, 0);
}
