import { write } from './dom.ts';
import { announcementOf } from './run-controls.ts';
import { type PageState, stepsTaken } from './state.ts';

/** While training goes on, a screen reader hears of it at most this often, in milliseconds. */
const every = 30_000;

/** Says to a screen reader where the run stands: at every turn it takes, and now and then in between. */
export class Announcer {
  readonly #region: HTMLElement;
  #said = 0;
  #turn = '';

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  show(state: PageState): void {
    const turn = `${state.run.kind} ${state.loading} ${stepsTaken(state) === 0}`;
    const due = state.run.kind === 'training' && performance.now() - this.#said > every;
    if (turn === this.#turn && !due) return;
    this.#turn = turn;
    this.#said = performance.now();
    write(this.#region, announcementOf(state));
  }
}
