import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { FileError } from '../files/error.ts';
import { encodeModelFile, type ModelFile } from '../files/model-file.ts';
import { checkpointOf } from '../training/checkpoint.ts';
import { RuinWatch } from '../training/ruin.ts';
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
  #watch: RuinWatch | undefined;
  /** Whether the network that the file holds has lost what a better one before had learned. */
  #holdsRuin = false;

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
   * better. One that has come to nothing with finite numbers is saved, but what the file holds is kept beside it.
   *
   * @param tell is given a sentence, if something is kept beside
   * @returns why the run as it is cannot be saved, if it cannot
   * @throws Error in one sentence if the file cannot be written; what it held it still holds
   */
  async save(run: Run, tell: (sentence: string) => void): Promise<string | undefined> {
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
      const watch = this.#watchOf(run);
      const loss = await run.presentLoss();
      const ruined = watch.ruins(loss);
      const best = await this.#write(bytes, ruined && !this.#holdsRuin);
      if (best !== undefined) {
        tell(
          `At step ${run.step} the network has lost most of what it had learned (${loss.toPrecision(3)} nats, ` +
            `${watch.best.toPrecision(3)} at its best): step ${this.#savedStep} is kept beside it as ${basename(best)}.`,
        );
      }
      this.#holdsRuin = ruined;
      watch.saved(loss);
      this.#savedStep = run.step;
      return undefined;
    } finally {
      this.#next = now() + this.#every;
    }
  }

  /** Takes note of how good the network is that the file holds, if that is the run's, before it goes on. */
  async begin(run: Run): Promise<void> {
    if (this.#savedStep === run.step) this.#watchOf(run).saved(await run.presentLoss());
  }

  #watchOf({ model }: Run): RuinWatch {
    this.#watch ??= new RuinWatch(model);
    return this.#watch;
  }

  /** @returns the path under which what the file held is kept as the better one, if it is to be kept so */
  async #write(bytes: Uint8Array, isWorse: boolean): Promise<string | undefined> {
    const holder = await this.#lock.hold().catch((error: unknown) => {
      throw new Error(`${this.path} could not be written: ${reasonOf(error)}.`);
    });
    if (holder !== undefined) throw new Error(describeHolder(this.path, holder));
    let best: string | undefined;
    await writeAtomically(this.#target, bytes, async (target) => {
      if (!existsSync(target)) return;
      if (this.#replaces) await keepBeside(target);
      else if (isWorse) best = await keepBeside(target, 'best');
    });
    this.#replaces = false;
    return best;
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
