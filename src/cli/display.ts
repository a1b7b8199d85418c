import { SingleBar } from 'cli-progress';
import { errors, output } from './output.ts';

/** What is shown of a step. Losses are in nats. */
export interface Shown {
  readonly step: number;
  readonly loss: number;
  readonly charactersPerSecond: number;
  /** The loss over the held-out text, where it was looked at after this step. */
  readonly validationLoss?: number;
}

/** How a run is shown while it trains. */
export interface Display {
  /** A step, and how many there will be. */
  step(shown: Shown, steps: number): void;
  /** Something to be told in a sentence. */
  note(sentence: string): void;
  /** No step follows; notes may. */
  close(): void;
}

const bits = (nats: number) => nats / Math.LN2;
const count = (value: number) => Math.round(value).toLocaleString('en');

/** One object a line for each step, for machines. */
export class JsonDisplay implements Display {
  step({ step, loss, charactersPerSecond, validationLoss }: Shown): void {
    const held = validationLoss === undefined ? {} : { validationBitsPerCharacter: bits(validationLoss) };
    output.printJson({ step, loss, bitsPerCharacter: bits(loss), charactersPerSecond, ...held });
  }

  note(sentence: string): void {
    errors.tell(sentence);
  }

  close(): void {}
}

/** Seconds between two plain lines. */
const lineEvery = 5;

/** A line every few seconds, and for each look at the held-out text. */
export class LineDisplay implements Display {
  #last = performance.now();

  step(shown: Shown, steps: number): void {
    const isDue = performance.now() - this.#last > 1000 * lineEvery;
    if (!isDue && shown.validationLoss === undefined && shown.step !== steps) return;
    this.#last = performance.now();
    const { step, loss, charactersPerSecond, validationLoss } = shown;
    const held = validationLoss === undefined ? '' : `, held out ${bits(validationLoss).toFixed(3)}`;
    const words = `${bits(loss).toFixed(3)} bits per character${held}, ${count(charactersPerSecond)} characters/s`;
    output.print(`step ${step} of ${steps}: ${words}`);
  }

  note(sentence: string): void {
    output.tell(sentence);
  }

  close(): void {}
}

/** A bar on a terminal. */
export class BarDisplay implements Display {
  readonly #bar = new SingleBar({
    // Narrow enough for a terminal of 80 columns.
    format: '{bar} {value}/{total} · {bits} bits/char{held} · {rate} chars/s · {eta_formatted}',
    barsize: 12,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: process.stdout,
    hideCursor: true,
    // Ctrl-C is the command's own affair.
    gracefulExit: false,
    etaBuffer: 100,
  });
  #last: { readonly step: number; readonly steps: number; readonly words: object } | undefined;
  #held = '';

  step({ step, loss, charactersPerSecond, validationLoss }: Shown, steps: number): void {
    if (validationLoss !== undefined) this.#held = ` (held out ${bits(validationLoss).toFixed(3)})`;
    const words = { bits: bits(loss).toFixed(3), held: this.#held, rate: count(charactersPerSecond) };
    if (this.#last === undefined) this.#bar.start(steps, step, words);
    else this.#bar.update(step, words);
    this.#last = { step, steps, words };
  }

  note(sentence: string): void {
    if (this.#last === undefined) {
      output.tell(sentence);
      return;
    }
    // The sentence takes the bar's line, and the bar goes on below.
    const { step, steps, words } = this.#last;
    this.#bar.stop();
    output.write('\x1b[1A\x1b[2K');
    output.tell(sentence);
    this.#bar.start(steps, step, words);
  }

  close(): void {
    if (this.#last !== undefined) this.#bar.stop();
    this.#last = undefined;
  }
}
