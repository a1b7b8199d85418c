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
  readonly #told: () => void;
  readonly #listener = (signal: NodeJS.Signals) => {
    if (this.#exitCode === undefined) {
      this.#exitCode = exitCodeOf(signal);
      this.#since = performance.now();
      this.#told();
    } else if (performance.now() - this.#since > echo) process.exit(exitCodeOf(signal));
  };
  readonly #readerGone = ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') this.#exitCode ??= exitCodeOf('SIGPIPE');
  };

  /** @param told is called at the first signal */
  constructor(told: () => void) {
    this.#told = told;
    for (const signal of signals) process.on(signal, this.#listener);
    process.stdout.on('error', this.#readerGone);
  }

  /** The exit code that the program should end with, once it was asked to end. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** From here on signals do what they do to any program. */
  close(): void {
    for (const signal of signals) process.off(signal, this.#listener);
  }
}
