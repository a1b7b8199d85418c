import { bitsPerCharacter, figureOf, type Measure } from '../data/measure.ts';
import type { Points } from '../files/model-file.ts';
import { LossHistory } from '../training/loss-history.ts';
import { type Action, isBroken, type PageState } from './state.ts';

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
        this.#measure = event.measure;
        this.#restore(this.training, event.course.training);
        this.#restore(this.validation, event.course.heldOut);
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

  #restore(history: LossHistory, { losses, ...points }: Points): void {
    history.restore({ ...points, losses: losses.map((loss) => this.#told(loss)) });
  }

  /** Forgets `step` and all that came after. */
  truncate(step: number): void {
    this.training.truncate(step);
    this.validation.truncate(step);
  }
}
