import type { BaselinesAnswer, BaselinesRequest } from '../data/baselines-worker.ts';
import { type Corpus, floorOf } from '../data/text/corpus.ts';
import type { Configuration } from '../training/configuration.ts';
import { floors, type Level } from './levels.ts';
import { startWorker } from './start-worker.ts';

/** Finds out in the background what simpler models reach on a text, one after another. */
export class BackgroundLevels {
  readonly #onChange: () => void;
  #worker: Worker | undefined;
  #dataset: Corpus | undefined;
  #validation: number | undefined;
  #output: Configuration['output'] | undefined;
  #levels: readonly Level[] = [];

  /** @param onChange hears that there is one level more */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The levels known so far. */
  get levels(): readonly Level[] {
    return this.#levels;
  }

  /**
   * Looks at another text, another share of it held out, or other outputs; the same ones again change nothing. Simpler
   * models spread one certainty over all symbols, as log-softmax does: what they reach is no measure for sigmoid outputs.
   */
  find(dataset: Corpus, validation: number, output: Configuration['output']): void {
    if (dataset === this.#dataset && validation === this.#validation && output === this.#output) return;
    this.#dataset = dataset;
    this.#validation = validation;
    this.#output = output;
    const bits = floorOf(dataset, output);
    this.#levels = bits === undefined ? [] : [{ name: 'floor', bits, floor: floors[output] }];
    this.#worker?.terminate();
    this.#worker = output === 'log-softmax' ? this.#start(dataset, validation) : undefined;
    this.#onChange();
  }

  #start({ text }: Corpus, validation: number): Worker {
    const worker = startWorker('baselines');
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
