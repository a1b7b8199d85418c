import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { reasonOf } from './reasons.ts';

/**
 * What a file says, as a terminal may be shown it: what would move its cursor, change its colours or turn the direction of
 * writing around is a sign for unknown instead. Line ends and tabs stay.
 */
export const readable = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');

/** The same on one line. */
const onOneLine = (sentence: string): string => readable(sentence).replace(/[\n\t]/g, '\uFFFD');

/** JSON on one line, in which only what a terminal can be shown stands for itself. */
const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * One of the two places where a command's words go. When it fails, because a disk is full, a reader has gone or a terminal
 * was closed, it goes quiet, and the command goes on.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #failure: NodeJS.ErrnoException | undefined;

  /** @param failed is called once, with the reason, unless all that happened is that the reader has read enough */
  constructor(stream: NodeJS.WriteStream, failed: (reason: string) => void = () => {}) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#failure !== undefined) return;
      this.#failure = error;
      if (this.failure !== undefined) failed(this.failure);
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  /** Whether nothing can be written any more. */
  get isQuiet(): boolean {
    return this.#failure !== undefined;
  }

  /** Why something was not written that somebody would have read. */
  get failure(): string | undefined {
    if (this.#failure === undefined || this.#failure.code === 'EPIPE') return undefined;
    return this.isTerminal && this.#failure.code === 'EIO' ? 'the terminal is gone' : reasonOf(this.#failure);
  }

  /** A line, or several. */
  print(text: string): void {
    this.write(`${this.isTerminal ? readable(text) : text}\n`);
  }

  /** Something told in a sentence, which is one line wherever it goes. */
  tell(sentence: string): void {
    this.write(`${onOneLine(sentence)}\n`);
  }

  /** On a terminal, a line that takes the place of the last one told so; without words it is gone. */
  tellProgress(words = ''): void {
    if (this.isTerminal) this.write(`\r\x1b[2K${words}`);
  }

  /** A value as one line of JSON. */
  printJson(value: unknown): void {
    this.write(`${jsonLine(value)}\n`);
  }

  /** Text just as it is, which may move a terminal's cursor. */
  write(text: string): void {
    if (!this.isQuiet) this.#stream.write(text);
  }

  /** Resolves when all is written, or cannot be. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    // What failed says so in an event of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What is told by the way, and what went wrong. */
export const errors = new Output(process.stderr);

/** What a command is run for. */
export const output = new Output(process.stdout, (reason) =>
  errors.tell(`Standard output cannot be written: ${reason}.`),
);

/** At its end Node sets terminals back as they were, and aborts if one is gone: what is closed it leaves alone. */
process.on('exit', () => {
  for (const descriptor of [0, 1, 2]) {
    try {
      if (fstatSync(descriptor).isCharacterDevice() && !isatty(descriptor)) closeSync(descriptor);
    } catch {
      // It was closed before.
    }
  }
});
