import type { BaselinesAnswer, BaselinesRequest } from '../corpus/baselines-worker.ts';
import type { Corpus } from '../corpus/corpus.ts';
import type { Level } from './levels.ts';

/** Finds out in the background what simpler models reach on a text, one after another. */
export class BackgroundLevels {
  readonly #onChange: () => void;
  #worker: Worker | undefined;
  #corpus: Corpus | undefined;
  #validation: number | undefined;
  #levels: readonly Level[] = [];

  /** @param onChange hears that there is one level more */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The levels known so far. */
  get levels(): readonly Level[] {
    return this.#levels;
  }

  /** Looks at another text, or another share of it held out; the same ones again change nothing. */
  find(corpus: Corpus, validation: number): void {
    if (corpus === this.#corpus && validation === this.#validation) return;
    this.#corpus = corpus;
    this.#validation = validation;
    this.#levels = corpus.entropy === undefined ? [] : [{ name: 'floor', bits: corpus.entropy, floor: true }];
    this.#worker?.terminate();
    this.#worker = this.#start(corpus, validation);
    this.#onChange();
  }

  #start({ text }: Corpus, validation: number): Worker {
    const worker = new Worker(new URL('../corpus/baselines-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<BaselinesAnswer>) => {
      if (data.kind === 'done') return worker.terminate();
      const { name, bitsPerCharacter } = data.baseline;
      this.#levels = [...this.#levels, { name, bits: bitsPerCharacter }];
      this.#onChange();
    };
    // The chart is whole without the levels: a text too large for them costs nothing but the lines.
    worker.onerror = (error) => {
      error.preventDefault();
      worker.terminate();
    };
    const request: BaselinesRequest = { text, validation };
    worker.postMessage(request);
    return worker;
  }
}
