import type { BaselinesAnswer, BaselinesRequest, Level } from '../data/baselines-worker.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Configuration, SettingName } from '../training/configuration.ts';
import { startWorker } from './start-worker.ts';

/** The settings that what simpler models reach depends on. */
const decisive: readonly SettingName[] = ['validation', 'output', 'inputs', 'predict', 'ahead', 'seed'];

/** Finds out in the background what simpler models reach on a dataset, one after another. */
export class BackgroundLevels {
  readonly #onChange: () => void;
  #worker: Worker | undefined;
  #dataset: Dataset | undefined;
  #configuration: Configuration | undefined;
  #levels: readonly Level[] = [];

  /** @param onChange hears that there is one level more */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The levels known so far. */
  get levels(): readonly Level[] {
    return this.#levels;
  }

  /** Looks at another dataset, or at the same by other settings; the same ones again change nothing. */
  find(dataset: Dataset, configuration: Configuration): void {
    const known = this.#configuration;
    if (dataset === this.#dataset && decisive.every((name) => configuration[name] === known?.[name])) return;
    this.#dataset = dataset;
    this.#configuration = configuration;
    this.#levels = [];
    this.#worker?.terminate();
    this.#worker = this.#start({ dataset, configuration });
    this.#onChange();
  }

  #start(request: BaselinesRequest): Worker {
    const worker = startWorker('baselines');
    worker.onmessage = ({ data }: MessageEvent<BaselinesAnswer>) => {
      if (data.kind === 'done') return worker.terminate();
      this.#levels = [...this.#levels, data.level];
      this.#onChange();
    };
    // The chart is whole without the levels: a dataset too large for them costs nothing but the lines.
    worker.onerror = (error) => {
      error.preventDefault();
      worker.terminate();
    };
    worker.postMessage(request);
    return worker;
  }
}
