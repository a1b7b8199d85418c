/** Seconds between two passages. */
const every = 6;
/** The share of the time that passages at early steps may take. */
const share = 0.1;

/**
 * When a network in training writes a passage: now and then by the clock, and at steps 0, 10, 30, 100, 300 …, so that a fast
 * device shows its first words too. Where writing takes long, a step's passage waits until it is at most a tenth of the time.
 */
export class PassageSchedule {
  readonly #started: number;
  #last: number;
  #spent = 0;
  #next: number;

  /** @param step where training begins. @param time now, in seconds */
  constructor(step: number, time: number) {
    this.#started = time;
    this.#last = time;
    this.#next = step === 0 ? 0 : stepAfter(step);
  }

  /** Whether a passage is due at a step, at a time in seconds. */
  isDue(step: number, time: number): boolean {
    if (time - this.#last > every) return true;
    return step >= this.#next && this.#spent <= share * (time - this.#started);
  }

  /** A passage of a step has been written. @param from when that began, @param to when it ended, in seconds */
  wrote(step: number, from: number, to: number): void {
    this.#last = to;
    this.#spent += to - from;
    this.#next = stepAfter(step);
  }
}

/** The first of 10, 30, 100, 300 … after a step. */
function stepAfter(step: number): number {
  for (let decade = 10; ; decade *= 10) {
    for (const next of [decade, 3 * decade]) if (next > step) return next;
  }
}
