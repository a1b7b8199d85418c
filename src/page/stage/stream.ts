import type { Passage } from '../state.ts';

/** Characters a second: as fast as one reads along. */
const pace = 40;
/** Seconds for which a passage stands when it is written out. */
const rest = 0.5;

/** What is to be seen of a passage. */
export interface Scene {
  readonly passage: Passage;
  /** How many of its characters are written by now, without its prime. */
  readonly written: number;
}

/** Passages one after the other, at reading speed: each is written to its end, and faster the more of them wait. */
export class Stream {
  #waiting: Passage[] = [];
  #passage: Passage | undefined;
  #written = 0;

  /** Whether there is more to be written. */
  get isMoving(): boolean {
    return this.#waiting.length > 0 || (this.#passage !== undefined && this.#written < charactersOf(this.#passage));
  }

  add(passage: Passage): void {
    this.#waiting.push(passage);
  }

  /** What comes next is written at once, in place of all that waits and is not written out. */
  hurry(): void {
    this.#waiting = [];
    this.#written = Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.hurry();
    this.#passage = undefined;
  }

  /** What is to be seen after so many more seconds. */
  advance(seconds: number): Scene | undefined {
    const speed = pace * (1 + 2 * this.#waiting.length);
    this.#written += seconds * speed;
    const length = this.#passage === undefined ? 0 : charactersOf(this.#passage);
    if (this.#waiting.length > 0 && (this.#passage === undefined || this.#written >= length + rest * speed)) {
      this.#passage = this.#waiting.shift()!;
      this.#written = 0;
    }
    return this.#passage && { passage: this.#passage, written: Math.floor(this.#written) };
  }
}

const charactersOf = ({ text }: Passage): number => wholeWords(text).length;

/** A text without the part of a word that it ends in, unless that is all there is. */
export function wholeWords(text: string): string {
  const end = text.search(/\s\S*$/);
  return end > 0 ? text.slice(0, end) : text;
}
