import { DeviceLostError } from '../engine.ts';
import type { Answer, Message } from './protocol.ts';
import { type Listener, startThread, type Thread, workHere } from './threads.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The engine's threads. Each answers what it is told, one after the other. */
export class Crew {
  /** Resolves with the reason if a thread dies; all are then gone. */
  readonly lost: Promise<string>;
  #lose!: (reason: string) => void;
  #threads: readonly Thread[] = [];
  #waiting: readonly Waiting[][] = [];
  #isHere = false;
  #end: Error | undefined;

  private constructor() {
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  /** As many threads as asked for; where a page’s policy or a program’s permissions forbid any, one that is this very one. */
  static async start(threads: number): Promise<Crew> {
    const crew = new Crew();
    crew.#waiting = Array.from({ length: threads }, () => []);
    const started = await Promise.allSettled(crew.#waiting.map((waiting) => startThread(crew.#listener(waiting))));
    crew.#threads = started.flatMap((thread) => (thread.status === 'fulfilled' ? [thread.value] : []));
    if (crew.#threads.length === threads) return crew;
    for (const thread of crew.#threads) thread.terminate();
    crew.#isHere = true;
    crew.#waiting = [[]];
    crew.#threads = [await workHere(crew.#listener(crew.#waiting[0]!))];
    return crew;
  }

  #listener(waiting: Waiting[]): Listener {
    return {
      answer: (answer: Answer) => {
        // What was under way when the crew was dismissed has been told so already.
        if (this.#end) return;
        const { resolve, reject } = waiting.shift()!;
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.result);
      },
      fail: (reason) => {
        this.#dismiss(new DeviceLostError(reason));
        this.#lose(reason);
      },
    };
  }

  /** Whether it is no other thread but the one that asks. */
  get isHere(): boolean {
    return this.#isHere;
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
