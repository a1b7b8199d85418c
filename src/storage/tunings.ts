import { createStore, get, set } from 'idb-keyval';
import type { TuningStore } from '../engine/webgpu/tunings.ts';

/** Remembers tunings in the browser's storage for this site, where it has one. */
export class BrowserTunings implements TuningStore {
  #opened: ReturnType<typeof createStore> | undefined;

  read(key: string): Promise<string | undefined> {
    return this.#in((store) => get<string>(key, store));
  }

  write(key: string, tuning: string): Promise<void> {
    return this.#in((store) => set(key, tuning, store));
  }

  /** A browser that keeps nothing may say so at once, and not in time. */
  async #in<Result>(act: (store: ReturnType<typeof createStore>) => Promise<Result>): Promise<Result> {
    this.#opened ??= createStore('sluice-tunings', 'tunings');
    return act(this.#opened);
  }
}
