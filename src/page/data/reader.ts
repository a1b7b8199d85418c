import type { OpenAnswer, OpenRequest } from '../../data/open-worker.ts';
import { startWorker } from '../start-worker.ts';

/** What reading comes to in the end. */
export type ReadingEnd = Exclude<OpenAnswer, { kind: 'reading' }>;

/** Reads what a person brings, in a worker, so that a large file does not hold up the page: one at a time. */
export class DataReader {
  #worker: Worker | undefined;
  #end: (answer: undefined) => void = () => {};

  /**
   * Gives up what is being read, and reads something else.
   *
   * @param heard is told which share has been read
   * @returns `undefined` if it was given up
   */
  read(request: OpenRequest, heard: (share: number) => void): Promise<ReadingEnd | undefined> {
    this.giveUp();
    const worker = startWorker('open');
    this.#worker = worker;
    return new Promise<ReadingEnd | undefined>((resolve) => {
      this.#end = resolve;
      worker.onmessage = ({ data }: MessageEvent<OpenAnswer>) => {
        if (data.kind === 'reading') heard(data.share);
        else resolve(data);
      };
      worker.onerror = (error) => {
        error.preventDefault();
        const reason = error.message || 'what reads it could not be loaded';
        resolve({ kind: 'refused', message: `${request.name} could not be read: ${reason}.` });
      };
      worker.postMessage(request);
    }).finally(() => worker.terminate());
  }

  giveUp(): void {
    this.#worker?.terminate();
    this.#end(undefined);
  }
}
