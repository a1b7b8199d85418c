import { existsSync } from 'node:fs';
import { encodeModelFile, type ModelFile } from '../files/model-file.ts';
import { checkpointOf } from '../training/checkpoint.ts';
import type { Run } from '../training/run.ts';
import { assertWritable, readModelFile, writeAtomically } from './files.ts';
import { UsageError } from './options.ts';

const now = () => performance.now() / 1000;

/** Keeps a run in a file, again and again. */
export class Saver {
  readonly path: string;
  /** Whether there is another run’s model under that name, which the first save replaces. */
  readonly replaces: boolean;
  readonly #every: number;
  #next: number;
  #savedStep: number | undefined;

  private constructor(path: string, every: number, replaces: boolean, savedStep: number | undefined) {
    this.path = path;
    this.replaces = replaces;
    this.#savedStep = savedStep;
    this.#every = every;
    this.#next = now() + every;
  }

  /**
   * @param every seconds between two saves
   * @param goesOn whether the run is the one that the file holds
   * @throws UsageError if the file cannot be written, or is something else than a model
   */
  static async open(path: string, every: number, goesOn: boolean): Promise<Saver> {
    await assertWritable(path);
    const model = await readExisting(path);
    return new Saver(path, every, model !== undefined && !goesOn, goesOn ? model?.training?.step : undefined);
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
