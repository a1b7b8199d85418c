/** When a run in training is looked after besides its steps. All times are in seconds. */

const now = () => performance.now() / 1000;

/** Between two snapshots, whatever the loss. */
const snapshotEvery = 10;
/** A loss is notably better than one before when it is below this share of that. */
const notablyBetter = 0.9;
/** Of the time, what snapshots by the loss take at most. */
const shareOfTime = 0.05;

/**
 * When to take a snapshot of the weights, to go back to if the run breaks: by the clock, and as soon as the loss has become notably
 * better than at the last one.
 */
export class SnapshotOccasions {
  #last = now();
  /** What the last one took. */
  #took = 0;
  #loss: number | undefined;

  /** @param loss of the training by now, as it is smoothed; `undefined` before the first step */
  due(loss: number | undefined): boolean {
    const since = now() - this.#last;
    if (since > snapshotEvery) return true;
    if (loss === undefined) return false;
    this.#loss ??= loss;
    return loss < notablyBetter * this.#loss && since * shareOfTime >= this.#took;
  }

  /**
   * A snapshot was taken.
   *
   * @param loss of the training at that step
   * @param took how long it took
   */
  taken(loss: number | undefined, took: number): void {
    this.#last = now();
    this.#took = took;
    this.#loss = loss;
  }
}

/** When runs are kept at first, counted from the start: whoever leaves soon finds what there was. */
const earlyCheckpoints = [5, 15];
/** Between two checkpoints after that. */
const checkpointEvery = 60;

/** When to make a checkpoint of the run, for when the page is closed or fails. */
export class CheckpointOccasions {
  readonly #began = now();
  #made = 0;

  get due(): boolean {
    const after = this.#made - earlyCheckpoints.length + 1;
    return now() - this.#began >= (earlyCheckpoints[this.#made] ?? after * checkpointEvery);
  }

  /** One was made that was due. Those that have been missed meanwhile are not made up for. */
  made(): void {
    while (this.due) this.#made++;
  }
}

/** Between two passages. */
const passageEvery = 6;
/** Of the time, what passages at early steps may take. */
const shareOfPassages = 0.1;

/**
 * When a network in training writes a passage: now and then by the clock, and at steps 0, 10, 30, 100, 300 …, so that a fast
 * device shows its first words too. Where writing takes long, a step's passage waits until it is at most a tenth of the time.
 */
export class PassageOccasions {
  readonly #began = now();
  #last = this.#began;
  #spent = 0;
  #next: number;

  /** @param step where training begins */
  constructor(step: number) {
    this.#next = step === 0 ? 0 : stepAfter(step);
  }

  due(step: number): boolean {
    if (now() - this.#last > passageEvery) return true;
    return step >= this.#next && this.#spent <= shareOfPassages * (now() - this.#began);
  }

  /**
   * A passage was written.
   *
   * @param took how long it took
   */
  written(step: number, took: number): void {
    this.#last = now();
    this.#spent += took;
    this.#next = stepAfter(step);
  }
}

/** The first of 10, 30, 100, 300 … after a step. */
function stepAfter(step: number): number {
  for (let decade = 10; ; decade *= 10) {
    for (const next of [decade, 3 * decade]) if (next > step) return next;
  }
}
