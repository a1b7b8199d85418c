import type { Points } from '../files/model-file.ts';

/** The smoothed line at step s averages over about the last s divided by this. */
const smoothing = 50;

/** What a step's loss weighs in the smoothed line. */
const weightAt = (step: number) => 1 / (1 + step / smoothing);

/**
 * The losses of a run so far, in training at every step or over what is held out at some, in a bounded number of points: when
 * they run out, neighbours are merged, so that the whole run is always there and drawing it never gets slower.
 */
export class LossHistory {
  /** The last step that each point covers. */
  readonly steps: number[] = [];
  /** The mean loss over each point's steps. */
  readonly losses: number[] = [];
  /**
   * The running mean at each point. Its window grows with the step: a fixed one lags behind the first steep descent or
   * leaves the late noise in.
   */
  readonly smoothed: number[] = [];
  readonly #capacity: number;
  /** How many losses a full point covers. */
  #stride = 1;
  /** How many the last point covers. */
  #filled = 0;

  /** @param capacity the most points to keep; even */
  constructor(capacity = 4096) {
    this.#capacity = capacity;
  }

  /** Adds a step. One that has been there already means that the run went back: it and all after it are forgotten. */
  push(step: number, loss: number): void {
    if (step <= (this.steps.at(-1) ?? -1)) this.truncate(step);
    const last = this.steps.length - 1;
    const before = this.smoothed[last];
    const smooth = before === undefined ? loss : before + (loss - before) * weightAt(step);
    if (last >= 0 && this.#filled < this.#stride) {
      this.#filled++;
      this.steps[last] = step;
      this.losses[last] = (this.losses[last] ?? 0) + (loss - (this.losses[last] ?? 0)) / this.#filled;
      this.smoothed[last] = smooth;
      return;
    }
    if (this.steps.length === this.#capacity) this.#merge();
    this.steps.push(step);
    this.losses.push(loss);
    this.smoothed.push(smooth);
    this.#filled = 1;
  }

  /** Forgets every point that covers `step` or a later one. */
  truncate(step: number): void {
    let length = this.steps.length;
    while (length > 0 && (this.steps[length - 1] ?? 0) >= step) length--;
    for (const column of [this.steps, this.losses, this.smoothed]) column.length = length;
    this.#filled = this.#stride;
  }

  /** A copy of what it holds, but for the running means, which follow from the rest. */
  get points(): Points {
    return { stride: this.#stride, filled: this.#filled, steps: [...this.steps], losses: [...this.losses] };
  }

  /** Holds these points from now on, no more than it has room for, and nothing else. */
  restore({ stride, filled, steps, losses }: Points): void {
    this.steps.splice(0, Number.POSITIVE_INFINITY, ...steps);
    this.losses.splice(0, Number.POSITIVE_INFINITY, ...losses);
    this.smoothed.length = 0;
    for (const [i, step] of steps.entries()) {
      const before = this.smoothed.at(-1) ?? losses[i]!;
      // As if every loss that the point covers had been its mean.
      const kept = (1 - weightAt(step)) ** (i === steps.length - 1 ? filled : stride);
      this.smoothed.push(losses[i]! + (before - losses[i]!) * kept);
    }
    this.#stride = stride;
    this.#filled = filled;
  }

  #merge(): void {
    const half = this.steps.length / 2;
    for (let i = 0; i < half; i++) {
      this.steps[i] = this.steps[2 * i + 1] ?? 0;
      this.losses[i] = ((this.losses[2 * i] ?? 0) + (this.losses[2 * i + 1] ?? 0)) / 2;
      this.smoothed[i] = this.smoothed[2 * i + 1] ?? 0;
    }
    for (const column of [this.steps, this.losses, this.smoothed]) column.length = half;
    this.#stride *= 2;
  }
}
