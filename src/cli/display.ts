import { SingleBar } from 'cli-progress';
import type { Task } from '../data/dataset.ts';
import { figureOf, type Measure } from '../data/measure.ts';
import { linesOfOutcome, type Outcome, objectOfOutcome, told } from './outcome.ts';
import { errors, output, readable } from './output.ts';

/** What is shown of a step. */
export interface Shown {
  readonly step: number;
  readonly loss: number;
  readonly placesPerSecond: number;
  /** The loss over what is held out, where it was looked at after this step. */
  readonly validationLoss?: number;
}

/** What a run's figures are. */
export type Figures = Pick<Task, 'measure' | 'place'>;

/** How a run is shown while it trains. */
export interface Display {
  /** Before the first step. */
  begin(figures: Figures): void;
  /** A step, and how many there will be. */
  step(shown: Shown, steps: number): void;
  /** Something to be told in a sentence. */
  note(sentence: string): void;
  /** No step follows; notes may. */
  close(): void;
  /** What came of it, after the last step. */
  end(outcome: Outcome): void;
}

const count = (value: number) => Math.round(value).toLocaleString('en');

/** One object a line for each step, for machines. */
export class JsonDisplay implements Display {
  #figures!: Figures;

  begin(figures: Figures): void {
    this.#figures = figures;
  }

  step({ step, loss, placesPerSecond, validationLoss }: Shown): void {
    const { measure, place } = this.#figures;
    const { key } = measure;
    const ofValidation = `validation${key.charAt(0).toUpperCase()}${key.slice(1)}`;
    const held = validationLoss === undefined ? {} : { [ofValidation]: figureOf(measure, validationLoss) };
    output.printJson({
      step,
      loss,
      [key]: figureOf(measure, loss),
      [`${place}sPerSecond`]: placesPerSecond,
      ...held,
    });
  }

  note(sentence: string): void {
    errors.tell(sentence);
  }

  close(): void {}

  end(outcome: Outcome): void {
    output.printJson(objectOfOutcome(outcome, this.#figures.measure));
  }
}

/** Seconds between two plain lines. */
const lineEvery = 5;

/** A line every few seconds, and for each look at the held-out text. */
export class LineDisplay implements Display {
  #last = performance.now();
  #figures!: Figures;

  begin(figures: Figures): void {
    this.#figures = figures;
  }

  step(shown: Shown, steps: number): void {
    const isDue = performance.now() - this.#last > 1000 * lineEvery;
    if (!isDue && shown.validationLoss === undefined && shown.step !== steps) return;
    this.#last = performance.now();
    const { step, loss, placesPerSecond, validationLoss } = shown;
    const { measure, place } = this.#figures;
    const held = validationLoss === undefined ? '' : `, held out ${told(measure, validationLoss)}`;
    const figure =
      measure.unit === 'bits' ? `${told(measure, loss)} ${measure.name}` : `${measure.name} ${told(measure, loss)}`;
    const words = `${figure}${held}, ${count(placesPerSecond)} ${place}s/s`;
    output.print(`step ${step} of ${steps}: ${words}`);
  }

  note(sentence: string): void {
    output.tell(sentence);
  }

  close(): void {}

  end(outcome: Outcome): void {
    output.print(linesOfOutcome(outcome, this.#figures.measure).join('\n'));
  }
}

/** What a figure is, in the least room. */
const brief = ({ key, unit }: Measure) => (key === 'bitsPerCharacter' ? 'bits/char' : readable(unit));

/** A bar on a terminal. */
export class BarDisplay implements Display {
  readonly #bar = new SingleBar({
    // Narrow enough for a terminal of 80 columns.
    format: '{bar} {value}/{total} · {figure}{held} · {rate} · {eta_formatted}',
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
  #figures!: Figures;

  begin(figures: Figures): void {
    this.#figures = figures;
  }

  step({ step, loss, placesPerSecond, validationLoss }: Shown, steps: number): void {
    const { measure, place } = this.#figures;
    if (validationLoss !== undefined) this.#held = ` (held out ${told(measure, validationLoss)})`;
    const words = {
      figure: `${told(measure, loss)} ${brief(measure)}`,
      held: this.#held,
      rate: `${count(placesPerSecond)} ${place === 'character' ? 'char' : place}s/s`,
    };
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

  end(outcome: Outcome): void {
    output.print(linesOfOutcome(outcome, this.#figures.measure).join('\n'));
  }
}
