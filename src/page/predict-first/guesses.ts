/** What somebody guessed of a panel, and whether what came out was shown. */
export interface Guess {
  readonly guess: string;
  readonly shown: boolean;
}

const key = 'sluice-guesses';

/** The guesses by panel, kept as long as the tab lives, over any reload. */
export class Guesses {
  readonly #guesses: Record<string, Guess> = read();

  of(panel: string): Guess | undefined {
    return this.#guesses[panel];
  }

  keep(panel: string, guess: Guess): void {
    this.#guesses[panel] = guess;
    try {
      sessionStorage.setItem(key, JSON.stringify(this.#guesses));
    } catch {
      // A browser that keeps nothing has them until the page is left.
    }
  }
}

function read(): Record<string, Guess> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}');
  } catch {
    return {};
  }
}
