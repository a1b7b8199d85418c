import { DataError } from './dataset.ts';

/**
 * The error for a fault in a line of a file.
 *
 * @param line from 1
 * @param part where in the line, if that can be said: “column “price””, “character 12”
 * @param complaint what is wrong and what to do, as the rest of a sentence
 */
export const fault = (file: string, line: number, part: string | undefined, complaint: string): DataError =>
  new DataError(`${file}, line ${line}${part === undefined ? '' : `, ${part}`}: ${complaint}`);

/** Names in quotes, as a sentence lists them: “a”, “b” and “c” */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Lets whatever else waits have its turn: a page that draws, a message that wants to be heard. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
