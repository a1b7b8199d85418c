import { existsSync } from 'node:fs';
import { encodeModelFile } from '../files/model-file.ts';
import { checkpointOf } from '../training/checkpoint.ts';
import type { Run } from '../training/run.ts';
import { assertWritable, readModelFile, writeAtomically } from './files.ts';
import { UsageError } from './options.ts';

const now = () => performance.now() / 1000;

/** Keeps a run in a file, again and again. */
export class Saver {
  readonly path: string;
  readonly #every: number;
  #next: number;
  #savedStep: number | undefined;

  private constructor(path: string, every: number) {
    this.path = path;
    this.#every = every;
    this.#next = now() + every;
  }

  /**
   * @param every seconds between two saves
   * @throws UsageError if the file cannot be written, or is something else than a model
   */
  static async open(path: string, every: number): Promise<Saver> {
    await assertWritable(path);
    await assertReplaceable(path);
    return new Saver(path, every);
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
   * @returns whether the file holds the run as it is
   * @throws Error in one sentence if it cannot be written; what the file held it still holds
   */
  async save(run: Run): Promise<boolean> {
    try {
      if (this.#savedStep === run.step) return true;
      if (!(await run.isSound())) return false;
      const bytes = encodeModelFile(checkpointOf(run, await run.read()));
      await writeAtomically(this.path, bytes);
      this.#savedStep = run.step;
      return true;
    } finally {
      this.#next = now() + this.#every;
    }
  }
}

/** @throws UsageError if something else than a model is there: it would be missed */
async function assertReplaceable(path: string): Promise<void> {
  if (!existsSync(path)) return;
  try {
    await readModelFile(path);
  } catch {
    throw new UsageError(`${path} is there already and is not a model of Sluice: choose another name for --save.`);
  }
}
