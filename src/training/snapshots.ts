import { FileError } from '../files/error.ts';
import { encodeModelFile, faultOf } from '../files/model-file.ts';
import { checkpointOf } from './checkpoint.ts';
import type { CheckpointPurpose, Event } from './protocol.ts';
import { RuinWatch } from './ruin.ts';
import type { Learned, Run } from './run.ts';

/**
 * Snapshots of a run, to go back to if it breaks, and the checkpoints that are made of them for whoever wants them. A snapshot is
 * sound once a later step has shown that its numbers are.
 */
export class Snapshots {
  readonly #run: Run;
  readonly #tell: (event: Event) => void;
  readonly #ruin: RuinWatch;
  #sound: Learned;
  /** One that no later step has shown to be sound yet. */
  #candidate: Learned | undefined;
  /** What the next checkpoint is for. */
  readonly #wanted = new Set<CheckpointPurpose>();
  /** The loss of the network as each snapshot has it. */
  readonly #losses = new WeakMap<Learned, number>();
  #toldOfRuin = false;

  /** @param state what the run begins with */
  constructor(run: Run, state: Learned, tell: (event: Event) => void) {
    this.#run = run;
    this.#sound = state;
    this.#tell = tell;
    this.#ruin = new RuinWatch(run.model);
  }

  /** What a run is gone on from whose device is lost. */
  get newest(): Learned {
    return this.#candidate ?? this.#sound;
  }

  get isWanted(): boolean {
    return this.#wanted.size > 0;
  }

  /** Has the next checkpoint made for another purpose as well. */
  want(purpose: CheckpointPurpose): void {
    this.#wanted.add(purpose);
  }

  /** Training begins. Of a run that goes on, what it has learned is kept already. */
  async begin(): Promise<void> {
    if (this.#run.step > 0 && this.#ruin.best === Number.POSITIVE_INFINITY) {
      this.#ruin.saved(await this.#run.presentLoss());
    }
  }

  /** A step came out well. */
  passed(step: number): void {
    if (this.#candidate !== undefined && step > this.#candidate.step) this.#sound = this.#candidate;
  }

  /** A step came out in numbers that are not finite: the last snapshot may have had them already. */
  broke(): void {
    this.#candidate = undefined;
  }

  /** The run as it stands; kept as a snapshot unless numbers have run away of which the next step takes no notice. */
  async take(): Promise<Learned> {
    const run = this.#run;
    const state = await run.read();
    if (faultOf(checkpointOf(run, state)) !== undefined) return state;
    this.#candidate = state;
    this.#losses.set(state, await run.presentLoss());
    return state;
  }

  /** Makes a checkpoint of what is known to be sound: whoever starts afresh from a run that broke loses nothing. */
  keepNewest(): void {
    this.want('keep');
    this.checkpoint(this.newest);
  }

  /**
   * Makes a checkpoint for whatever it is wanted, or says why there can be none. A network that has learned nothing, or has lost
   * it, is not worth being kept.
   */
  checkpoint(state: Learned): void {
    const loss = this.#losses.get(state);
    const ruined = loss !== undefined && this.#ruin.ruins(loss);
    const purposes = [...this.#wanted].filter((purpose) => purpose === 'export' || (state.step > 0 && !ruined));
    const keeps = this.#wanted.has('keep');
    this.#wanted.clear();
    if (keeps && ruined && !this.#toldOfRuin) {
      this.#toldOfRuin = true;
      this.#refuse(
        `At step ${state.step} the network has lost most of what it had learned: what is kept in this browser stays as it was.`,
      );
    }
    if (purposes.length === 0) return;
    const made = checkpointOf(this.#run, state);
    const { dataset, configuration } = made.training;
    try {
      for (const purpose of purposes) {
        const file = encodeModelFile(made);
        this.#tell({ kind: 'checkpoint', purpose, step: state.step, dataset, configuration, file });
        if (purpose === 'keep' && loss !== undefined) {
          this.#ruin.saved(loss);
          this.#toldOfRuin = false;
        }
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#refuse(`The run cannot be saved as it is at step ${state.step}. ${error.message}`);
    }
  }

  #refuse(message: string): void {
    this.#tell({ kind: 'refused', of: 'save', message });
  }
}
