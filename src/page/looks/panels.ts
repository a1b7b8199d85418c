import type { Command, Event } from '../../training/protocol.ts';
import { byId, write } from '../dom.ts';
import { ReberPanel } from '../reber/panel.ts';
import type { PageState } from '../state.ts';

/** A panel that looks into the network while someone looks at it. */
export interface LookPanel {
  /** Takes what the worker has said. */
  hear(event: Event): void;
  /** Asks for what is to be seen of a state, and shows what there is. */
  show(state: PageState): void;
}

/** The panels that look into the network. @param onSight hears that a panel has come into sight, or waits for an answer */
export function lookPanels(send: (command: Command) => void, onSight: () => void): readonly LookPanel[] {
  const reach = async () => new (await import('../reach/panel.ts')).ReachPanel(send, onSight);
  const gates = async () => new (await import('../gates/panel.ts')).GatesPanel(send, onSight);
  return [
    new FoldedPanel('reach', reach, onSight),
    new FoldedPanel('gates', gates, onSight),
    new ReberPanel(send, onSight),
  ];
}

/** A panel that is folded away at first, and is fetched when it is unfolded: few visitors look into every one. */
class FoldedPanel implements LookPanel {
  readonly #fold: HTMLDetailsElement;
  readonly #problem: HTMLElement;
  readonly #fetch: () => Promise<LookPanel>;
  readonly #onSight: () => void;
  #panel: LookPanel | undefined;
  #fetching = false;

  /** @param id that of its fold, and with -problem that of the place for what goes wrong */
  constructor(id: string, fetch: () => Promise<LookPanel>, onSight: () => void) {
    this.#fold = byId(id, HTMLDetailsElement);
    this.#problem = byId(`${id}-problem`, HTMLElement);
    this.#fetch = fetch;
    this.#onSight = onSight;
    this.#fold.addEventListener('toggle', () => void this.#unfold());
    void this.#unfold();
  }

  hear(event: Event): void {
    this.#panel?.hear(event);
  }

  show(state: PageState): void {
    this.#panel?.show(state);
  }

  async #unfold(): Promise<void> {
    if (!this.#fold.open || this.#fetching || this.#panel) return;
    this.#fetching = true;
    try {
      this.#panel = await this.#fetch();
      write(this.#problem, '');
    } catch {
      write(this.#problem, 'This part of the page could not be fetched: close it and open it again.');
    }
    this.#fetching = false;
    this.#onSight();
  }
}
