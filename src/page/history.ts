import { bitsPerCharacter, figureOf, type Measure } from '../data/measure.ts';
import { type Action, isBroken, type PageState } from './state.ts';

/** The smoothed line at step s averages over about the last s divided by this. */
const smoothing = 50;

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
    const smooth = before === undefined ? loss : before + (loss - before) / (1 + step / smoothing);
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

  clear(): void {
    this.truncate(Number.NEGATIVE_INFINITY);
    this.#stride = 1;
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

/** What the chart draws: the loss in training and on what is held out, both as they are told. */
export class Curves {
  readonly training = new LossHistory();
  readonly validation = new LossHistory();
  #measure: Measure = bitsPerCharacter;

  /** Does what an action means for the curves. @param before the page's state until now */
  follow(action: Action, before: PageState): void {
    if (action.kind !== 'event') return;
    const { event } = action;
    switch (event.kind) {
      case 'opened':
        this.clear();
        this.#measure = event.measure;
        break;
      case 'progress':
        for (const { step, loss } of event.steps) this.training.push(step, this.#told(loss));
        break;
      case 'validation':
        this.validation.push(event.step, this.#told(event.loss));
        break;
      case 'state':
        // A broken run goes on from its snapshot.
        if ('snapshotStep' in before.run && !isBroken(event.state)) this.truncate(before.run.snapshotStep + 1);
    }
  }

  #told(loss: number): number {
    return figureOf(this.#measure, loss);
  }

  /** Forgets `step` and all that came after. */
  truncate(step: number): void {
    this.training.truncate(step);
    this.validation.truncate(step);
  }

  clear(): void {
    this.training.clear();
    this.validation.clear();
  }
}
