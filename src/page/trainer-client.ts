import type { Command, Event } from '../training/protocol.ts';
import { startWorker } from './start-worker.ts';

export interface TrainerListener {
  /** The worker said something. */
  heard(event: Event): void;
  /** The worker is gone; nothing more will come from it. */
  crashed(message: string): void;
}

/** The training worker as the page sees it: commands go in, events come out. */
export class TrainerClient {
  readonly #listener: TrainerListener;
  #worker: Worker;

  constructor(listener: TrainerListener) {
    this.#listener = listener;
    this.#worker = this.#start();
  }

  send(command: Command): void {
    this.#worker.postMessage(command);
  }

  /** Puts a new worker in the place of one that crashed. */
  restart(): void {
    this.#worker.terminate();
    this.#worker = this.#start();
  }

  #start(): Worker {
    const worker = startWorker('training');
    worker.onmessage = ({ data }: MessageEvent<Event>) => this.#listener.heard(data);
    worker.onerror = (error) => {
      error.preventDefault();
      worker.terminate();
      this.#listener.crashed(error.message || 'It could not be loaded.');
    };
    worker.onmessageerror = () => {
      worker.terminate();
      this.#listener.crashed('It sent a message that could not be read.');
    };
    return worker;
  }
}
