import { choiceLabel, formatCount } from '../../format.ts';
import type { ReberString, ReberTest } from '../../training/looks/reber.ts';

/** What the tests on a Reber grammar say, in words and figures. */

/** A symbol counts as predicted above this. */
export const threshold = 0.3;

/** A share of right answers, never rounded up to all of them: 99.3 % */
export function formatRight(share: number): string {
  return share === 1 ? '100\u00a0%' : `${(Math.floor(1000 * share) / 10).toFixed(1)}\u00a0%`;
}

/** What a test has found, in a sentence. */
export function verdictOf({ cell, step, strings, decisive, sets }: ReberTest): string {
  const opening = `The ${choiceLabel(cell)} at step ${formatCount(step)}, on ${formatCount(strings)} strings that it never saw:`;
  const places = `at ${formatRight(sets)} of the places it expects exactly the symbols that the grammar allows`;
  if (decisive === undefined) return `${opening} ${places}.`;
  return `${opening} it has the decisive symbol right in ${formatRight(decisive)} of the strings, and ${places}. Without remembering the second symbol the first would be about 50 %.`;
}

/** The picture of a string, in a sentence. */
export function summaryOf({ string, symbols, outputs, allowed, isEmbedded }: ReberString): string {
  const V = symbols.length;
  // After its last symbol another string begins, whatever this one was.
  const places = allowed.slice(0, -1);
  const right = places.filter((allowed, place) =>
    symbols.every((symbol, id) => outputs[place * V + id]! > threshold === allowed.includes(symbol)),
  ).length;
  const opening = `In ${string} the network expects exactly the allowed symbols at ${right} of ${places.length} places.`;
  if (!isEmbedded) return opening;
  const decided = string.length - 2;
  const wanted = outputs[(decided - 1) * V + symbols.indexOf(string[decided]!)]!;
  return `${opening} The ${string[1]} in second place decides the last symbol but one: the network gives that ${formatRight(wanted)}.`;
}
