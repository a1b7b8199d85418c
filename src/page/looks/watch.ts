import type { Network, PageState } from '../state.ts';

/** While the network trains, it is looked at again after this many seconds, */
const every = 4;
/** or later, so that looking takes at most this share of the time. */
const share = 0.05;

/** When to look into the network for a panel: only while someone can see the panel, and never so often as to slow training. */
export class Watch {
  readonly #panel: HTMLElement;
  #inView = false;
  #network: Network | null = null;
  #occasion = '';
  #waiting = false;
  #next = 0;

  /** @param onSight hears that the panel has come into sight */
  constructor(panel: HTMLElement, onSight: () => void) {
    this.#panel = panel;
    new IntersectionObserver(([entry]) => {
      this.#inView = entry?.isIntersecting ?? false;
      if (this.#inView) onSight();
    }).observe(panel);
    panel.addEventListener('toggle', onSight);
    document.addEventListener('visibilitychange', onSight);
  }

  /** Whether someone can see the panel. */
  get isSeen(): boolean {
    const isFolded = this.#panel instanceof HTMLDetailsElement && !this.#panel.open;
    return !isFolded && this.#inView && !document.hidden;
  }

  /**
   * Whether to ask for a look now, at `subject`. After that it says no until `answered`.
   *
   * @param subject what to look at, where there is a choice
   */
  isDue({ network, opening, run, last }: PageState, subject = ''): boolean {
    if (network !== this.#network) {
      this.#network = network;
      this.#waiting = false;
      this.#occasion = '';
    }
    const training = run.kind === 'training';
    const atRest = run.kind === 'paused' || run.kind === 'finished';
    if (!network || opening || !(training || atRest) || this.#waiting || !this.isSeen) return false;
    const occasion = training ? subject : `${subject} at ${last?.step ?? 0}`;
    if (occasion === this.#occasion && !(training && performance.now() > this.#next)) return false;
    this.#occasion = occasion;
    this.#waiting = true;
    return true;
  }

  /** The look that was due has been answered. @param seconds what it took */
  answered(seconds = 0): void {
    this.#waiting = false;
    this.#next = performance.now() + 1000 * Math.max(every, seconds / share);
  }
}
