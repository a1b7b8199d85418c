import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { FileError } from '../files/error.ts';
import { encodeModelFile, type ModelFile } from '../files/model-file.ts';
import { checkpointOf } from '../training/checkpoint.ts';
import type { Run } from '../training/run.ts';
import {
  assertWritable,
  freeNameBeside,
  keepBeside,
  readModelFile,
  targetOf,
  unfinishedName,
  writeAtomically,
} from './files.ts';
import { Lock } from './lock.ts';
import { UsageError } from './options.ts';
import { reasonOf } from './reasons.ts';

const now = () => performance.now() / 1000;

/** Keeps a run in a file, again and again. */
export class Saver {
  readonly path: string;
  /** The file itself, wherever links to it or the working folder may lead later. */
  readonly #target: string;
  readonly #lock: Lock;
  readonly #every: number;
  #next: number;
  #savedStep: number | undefined;
  #replaces: boolean;

  private constructor(path: string, target: string, lock: Lock, every: number, before: ModelFile | undefined) {
    this.path = path;
    this.#target = target;
    this.#lock = lock;
    this.#every = every;
    this.#next = now() + every;
    this.#replaces = before !== undefined;
  }

  /**
   * @param every seconds between two saves
   * @param goesOn whether the run is the one that the file holds
   * @throws UsageError if the file cannot be written, another process writes it, or it is something else than a model
   */
  static async open(path: string, every: number, goesOn: boolean): Promise<Saver> {
    await assertWritable(path);
    const target = await targetOf(path);
    const lock = new Lock(`${target}.lock`, await unfinishedName(path));
    const holder = await lock.hold().catch((error: unknown) => {
      throw new UsageError(`${path} cannot be written: ${reasonOf(error)}.`);
    });
    if (holder !== undefined) throw new UsageError(describeHolder(path, holder));
    const before = await readExisting(path);
    const saver = new Saver(path, target, lock, every, goesOn ? undefined : before);
    if (goesOn) saver.#savedStep = before?.training?.step;
    return saver;
  }

  /** What the model that the file holds will be called, if it is another run’s and so makes way at the first save. */
  get backup(): string | undefined {
    return this.#replaces ? basename(freeNameBeside(this.#target)) : undefined;
  }

  /** Whether it is time to save again. */
  get due(): boolean {
    return now() >= this.#next;
  }

  /** The step of the run that the file holds. */
  get savedStep(): number | undefined {
    return this.#savedStep;
  }

  /**
   * Saves a run of which no step is under way. One whose numbers have run away is not saved: what the file holds is then
   * better.
   *
   * @returns why the run as it is cannot be saved, if it cannot
   * @throws Error in one sentence if the file cannot be written; what it held it still holds
   */
  async save(run: Run): Promise<string | undefined> {
    try {
      if (this.#savedStep === run.step && existsSync(this.#target)) return undefined;
      if (!(await run.isSound())) return `At step ${run.step + 1} the loss is not a finite number`;
      let bytes: Uint8Array;
      try {
        bytes = encodeModelFile(checkpointOf(run, await run.read()));
      } catch (error) {
        if (error instanceof FileError) return `${error.message} So step ${run.step} is not saved`;
        throw error;
      }
      await this.#write(bytes);
      this.#savedStep = run.step;
      return undefined;
    } finally {
      this.#next = now() + this.#every;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const holder = await this.#lock.hold().catch((error: unknown) => {
      throw new Error(`${this.path} could not be written: ${reasonOf(error)}.`);
    });
    if (holder !== undefined) throw new Error(describeHolder(this.path, holder));
    await writeAtomically(this.#target, bytes, async (target) => {
      if (this.#replaces && existsSync(target)) await keepBeside(target);
      this.#replaces = false;
    });
  }
}

const describeHolder = (path: string, id: number): string =>
  `${path} is what process ${id} saves its training in: end that one, or choose another name for --save.`;

/**
 * The model that is there, if one is.
 *
 * @throws UsageError if something else is there, which would be missed
 */
async function readExisting(path: string): Promise<ModelFile | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return await readModelFile(path);
  } catch {
    throw new UsageError(`${path} is there already and is not a model of Sluice: choose another name for --save.`);
  }
}
