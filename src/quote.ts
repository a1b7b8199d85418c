/** A word of a file as a message may show it: on one line, and not at any length. */
export function quote(word: string): string {
  const shown = word.length > 40 ? `${word.slice(0, 40)}…` : word;
  return `“${shown.replace(/[\p{Control}\p{Format}\p{Surrogate}\p{Zl}\p{Zp}]/gu, '\uFFFD')}”`;
}
