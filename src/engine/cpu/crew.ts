import { DeviceLostError } from '../engine.ts';
import type { Answer, Message } from './protocol.ts';
import { startThread, type Thread } from './threads.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The engine's threads. Each answers what it is told, one after the other. */
export class Crew {
  /** Resolves with the reason if a thread dies; all are then gone. */
  readonly lost: Promise<string>;
  #lose!: (reason: string) => void;
  readonly #threads: Thread[] = [];
  readonly #waiting: Waiting[][] = [];
  #end: Error | undefined;

  private constructor() {
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  static async start(threads: number): Promise<Crew> {
    const crew = new Crew();
    for (let i = 0; i < threads; i++) {
      const waiting: Waiting[] = [];
      crew.#waiting.push(waiting);
      const thread = await startThread({
        answer: (answer: Answer) => {
          // What was under way when the crew was dismissed has been told so already.
          if (crew.#end) return;
          const { resolve, reject } = waiting.shift()!;
          if ('error' in answer) reject(new Error(answer.error));
          else resolve(answer.result);
        },
        fail: (reason) => {
          crew.#dismiss(new DeviceLostError(reason));
          crew.#lose(reason);
        },
      });
      crew.#threads.push(thread);
    }
    return crew;
  }

  get size(): number {
    return this.#threads.length;
  }

  /** Tells each of the first `members` threads something: what they answer, in their order. */
  ask(members: number, message: (member: number) => Message): Promise<unknown[]> {
    if (this.#end) return Promise.reject(this.#end);
    const answers = this.#threads.slice(0, members).map((thread, member) => {
      const answer = new Promise((resolve, reject) => this.#waiting[member]!.push({ resolve, reject }));
      thread.post(message(member));
      return answer;
    });
    return Promise.all(answers);
  }

  /** Tells the first `members` threads something that needs no answer. */
  tell(members: number, message: Message): void {
    for (const thread of this.#threads.slice(0, members)) thread.post(message);
  }

  close(): void {
    this.#dismiss(new Error('The engine was closed.'));
  }

  #dismiss(end: Error): void {
    this.#end ??= end;
    for (const thread of this.#threads) thread.terminate();
    for (const { reject } of this.#waiting.flatMap((waiting) => waiting.splice(0))) reject(this.#end);
  }
}
