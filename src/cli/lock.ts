import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds in which whoever has begun to write a lock has written it. */
const writing = 50;

/** Milliseconds after which a guard is nobody's: it is needed for as long as it takes to write a line. */
const forgotten = 10_000;

/** Stands for when a process began, where the system does not tell. */
const unknown = '-';

/** A file that says which process writes another one, for as long as the process runs: one that has ended holds nothing. */
export class Lock {
  readonly #path: string;
  /** Another name in the same folder, for a moment. */
  readonly #unfinished: string;
  readonly #mine = `${process.pid} ${beginningOf(process.pid)}\n`;

  constructor(path: string, unfinished: string) {
    this.#path = path;
    this.#unfinished = unfinished;
    process.once('exit', () => {
      rmSync(unfinished, { force: true });
      if (read(path) === this.#mine) rmSync(path, { force: true });
    });
  }

  /**
   * Takes hold of it, or makes sure that it is still held.
   *
   * @returns the process that has it instead, if one has
   * @throws Error if it cannot be written
   */
  async hold(): Promise<number | undefined> {
    for (let before: string | undefined; ; await wait(writing)) {
      const text = read(this.#path);
      if (text === this.#mine) return undefined;
      const holder = text && holderOf(text);
      if (holder) return holder;
      if (text === undefined) {
        if (this.#create()) return undefined;
      } else if (text === before) this.#takeOver(text);
      before = text;
    }
  }

  /** Puts this process in the place of one that holds nothing any more, unless another one does so first. */
  #takeOver(text: string): void {
    const guard = `${this.#path}.taken`;
    try {
      closeSync(openSync(guard, 'wx'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      // Whoever made it is at work, or ended in that very moment.
      const made = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
      if (made !== undefined && Date.now() - made > forgotten) rmSync(guard, { force: true });
      return;
    }
    try {
      // What was read before may be another's by now: only under the guard it stays as it is.
      if (read(this.#path) !== text) return;
      writeFileSync(this.#unfinished, this.#mine);
      renameSync(this.#unfinished, this.#path);
    } finally {
      rmSync(guard, { force: true });
    }
  }

  /** Returns whether nobody else did meanwhile. */
  #create(): boolean {
    mkdirSync(dirname(this.#path), { recursive: true });
    let file: number;
    try {
      file = openSync(this.#path, 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
    try {
      writeFileSync(file, this.#mine);
      return true;
    } catch (error) {
      rmSync(this.#path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

/** What is in a file, if there is one. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** The process that a lock names, if it runs. */
function holderOf(text: string): number | undefined {
  const [, id, beginning] = /^(\d+) (\S+)\n$/.exec(text) ?? [];
  if (id === undefined) return undefined;
  const now = beginningOf(Number(id));
  // A number is given to another process when the one that had it is gone, after a restart even soon.
  const isOther = now !== beginning && now !== unknown && beginning !== unknown;
  return now === undefined || isOther ? undefined : Number(id);
}

export const isRunning = (id: number): boolean => beginningOf(id) !== undefined;

/** When a process began, in its system's own count; `undefined` if there is none of that number. */
function beginningOf(id: number): string | undefined {
  try {
    process.kill(id, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    // Behind the program's name, which may hold anything: its state first, and when it began as the twentieth.
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return /[ZX]/.test(fields[0]!) ? undefined : fields[19]!;
  } catch {
    return unknown;
  }
}
