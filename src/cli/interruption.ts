import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm hands on the Ctrl-C that the terminal has sent already: what comes this soon, in milliseconds, is the same one. */
const echo = 100;

/** What a shell gives as the exit code of a program that a signal has ended. */
const exitCodeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal];

/** Whether, and how, the program was asked to end: at the first signal it may finish what it does; the second ends it. */
export class Interruption {
  #exitCode: number | undefined;
  #since = 0;
  readonly #asked = new AbortController();
  readonly #told: () => void;
  readonly #listener = (signal: NodeJS.Signals) => {
    if (this.#exitCode === undefined) {
      this.#exitCode = exitCodeOf(signal);
      this.#since = performance.now();
      this.#asked.abort();
      this.#told();
      return;
    }
    // A terminal that is closed may say so several times, and nobody means by it that what is unsaved may be lost.
    if (signal !== 'SIGHUP' && performance.now() - this.#since > echo) process.exit(exitCodeOf(signal));
  };

  /** @param told is called at the first signal */
  constructor(told = () => {}) {
    this.#told = told;
    for (const signal of signals) process.on(signal, this.#listener);
  }

  /** The exit code that the program should end with, once it was asked to end. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Aborted once the program was asked to end. */
  get signal(): AbortSignal {
    return this.#asked.signal;
  }

  /** From here on signals do what they do to any program, unless this one is ending as it was asked to. */
  close(): void {
    if (this.#exitCode !== undefined) return;
    for (const signal of signals) process.off(signal, this.#listener);
  }
}
