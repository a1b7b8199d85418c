import type { Grammar } from '../../../src/data/text/grammar.ts';

/** A second opinion on grammars: everything here looks at the texts, and knows nothing of how they are drawn. */

const firstReference = /^([^{]*)\{([^}]+)\}(.*)$/s;

/** The alternatives of a name, with their probabilities. */
function choices(grammar: Grammar, name: string): { readonly alternative: string; readonly probability: number }[] {
  const alternatives = Object.entries(grammar[name] ?? {});
  const total = alternatives.reduce((sum, [, weight]) => sum + weight, 0);
  return alternatives.map(([alternative, weight]) => ({ alternative, probability: weight / total }));
}

interface Outcome {
  readonly text: string;
  readonly probability: number;
}

/** Every text that a name may become; one that has several derivations stands there once, with their sum. */
export function texts(grammar: Grammar, name: string): Outcome[] {
  const probabilities = new Map<string, number>();
  const spell = (written: string, ahead: string, probability: number) => {
    const [, literal = ahead, inner, rest = ''] = firstReference.exec(ahead) ?? [];
    const text = written + literal;
    if (inner === undefined) return void probabilities.set(text, (probabilities.get(text) ?? 0) + probability);
    for (const choice of choices(grammar, inner)) {
      spell(text, choice.alternative + rest, probability * choice.probability);
    }
  };
  spell('', `{${name}}`, 1);
  return Array.from(probabilities, ([text, probability]) => ({ text, probability }));
}

/** In bits per text. */
export function textEntropy(all: readonly Outcome[]): number {
  return -all.reduce((sum, { probability }) => sum + probability * Math.log2(probability), 0);
}

/** How many derivations a text has from a name, and −log₂ of the probability of all of them together. */
export function parse(grammar: Grammar, name: string, text: string): { derivations: number; surprisal: number } {
  const known = new Map<string, Reading[]>();

  /** Where, begun at `start`, a text of `{inner}` may end. */
  const readName = (inner: string, start: number): Reading[] => {
    const key = `${start} ${inner}`;
    const readings =
      known.get(key) ??
      choices(grammar, inner).flatMap(({ alternative, probability }) =>
        readTemplate(alternative, { end: start, derivations: 1, probability }),
      );
    known.set(key, readings);
    return readings;
  };

  const readTemplate = (template: string, before: Reading): Reading[] => {
    const [, literal = template, inner, rest = ''] = firstReference.exec(template) ?? [];
    if (!text.startsWith(literal, before.end)) return [];
    const end = before.end + literal.length;
    if (inner === undefined) return [{ ...before, end }];
    return readName(inner, end).flatMap((reading) =>
      readTemplate(rest, {
        end: reading.end,
        derivations: before.derivations * reading.derivations,
        probability: before.probability * reading.probability,
      }),
    );
  };

  const whole = readName(name, 0).filter(({ end }) => end === text.length);
  return {
    derivations: whole.reduce((sum, { derivations }) => sum + derivations, 0),
    surprisal: -Math.log2(whole.reduce((sum, { probability }) => sum + probability, 0)),
  };
}

interface Reading {
  readonly end: number;
  readonly derivations: number;
  readonly probability: number;
}

/**
 * The pairs of alternatives of one name of which one can become a text that the other's begins with. Where there are
 * none, each choice can be read off the text, and no text has two derivations.
 */
export function confusable(grammar: Grammar): string[] {
  const known = new Map<string, boolean>();

  /** Whether a text of one template may be the beginning of a text of the other. */
  const mayAgree = (one: string, other: string): boolean => {
    let same = 0;
    while (same < one.length && one[same] === other[same] && one[same] !== '{') same++;
    const [left, right] = [one.slice(same), other.slice(same)];
    if (left === '' || right === '') return true;
    if (!left.startsWith('{')) return right.startsWith('{') && mayAgree(right, left);
    const key = `${left}\0${right}`;
    const [, , inner = '', rest = ''] = firstReference.exec(left) ?? [];
    const agrees =
      known.get(key) ?? choices(grammar, inner).some(({ alternative }) => mayAgree(alternative + rest, right));
    known.set(key, agrees);
    return agrees;
  };

  return Object.keys(grammar).flatMap((name) => {
    const alternatives = choices(grammar, name).map(({ alternative }) => alternative);
    return alternatives.flatMap((one, i) =>
      alternatives.slice(i + 1).flatMap((other) => (mayAgree(one, other) ? [`${name}: ${one} | ${other}`] : [])),
    );
  });
}
