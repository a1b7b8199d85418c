import type { Kind } from '../../data/dataset.ts';
import { textOf } from '../../data/text/corpus.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, write } from '../dom.ts';
import type { Stage } from '../stage/stage.ts';
import type { PageState } from '../state.ts';

/** A panel that asks the network for something while someone looks at it. */
export interface LookPanel {
  /** Takes what the worker has said. */
  hear(event: Event): void;
  /** Asks for what is to be seen of a state, and shows what there is. */
  show(state: PageState): void;
}

/**
 * The panels that look into the network.
 *
 * @param onSight hears that a panel has come into sight, or waits for an answer
 * @param stage where it writes
 */
export function lookPanels(send: (command: Command) => void, onSight: () => void, stage: Stage): readonly LookPanel[] {
  const reach = async () => new (await import('../reach/panel.ts')).ReachPanel(send, onSight);
  const gates = async () => new (await import('../gates/panel.ts')).GatesPanel(send, onSight, stage);
  const prediction = async () => new (await import('../prediction/panel.ts')).PredictionPanel(send, onSight);
  const reber = async () => new (await import('../reber/panel.ts')).ReberPanel(send, onSight);
  const matching = async () => new (await import('../matching/panel.ts')).MatchingPanel(send, onSight);
  const answers = async () => new (await import('../answers/panel.ts')).AnswersPanel(send, onSight);
  return [
    new KindPanel('prediction', 'series', prediction, onSight),
    new KindPanel('answers', 'labelled', answers, onSight),
    new FoldedPanel('reach', reach, onSight),
    new FoldedPanel('gates', gates, onSight),
    new SeenPanel('matching', matching, onSight),
    new ReberFold(reber, onSight),
  ];
}

/** A panel that is fetched when it is wanted: few visitors look into every one. */
class LatePanel implements LookPanel {
  readonly #problem: HTMLElement;
  readonly #fetch: () => Promise<LookPanel>;
  readonly #onSight: () => void;
  #panel: LookPanel | undefined;
  #fetching = false;

  /** @param id with -problem, that of the place for what goes wrong */
  constructor(id: string, fetch: () => Promise<LookPanel>, onSight: () => void) {
    this.#problem = byId(`${id}-problem`, HTMLElement);
    this.#fetch = fetch;
    this.#onSight = onSight;
  }

  hear(event: Event): void {
    this.#panel?.hear(event);
  }

  show(state: PageState): void {
    this.#panel?.show(state);
  }

  /** Fetches it, if it is not there. @param again how to have it tried again if that fails, at the end of a sentence */
  protected async want(again: string): Promise<void> {
    if (this.#fetching || this.#panel) return;
    this.#fetching = true;
    try {
      this.#panel = await this.#fetch();
      write(this.#problem, '');
    } catch {
      write(this.#problem, `This part of the page could not be fetched: ${again}.`);
    }
    this.#fetching = false;
    this.#onSight();
  }
}

/** A panel that is folded away at first, and is fetched when it is unfolded. */
class FoldedPanel extends LatePanel {
  /** @param id that of its fold */
  constructor(id: string, fetch: () => Promise<LookPanel>, onSight: () => void) {
    super(id, fetch, onSight);
    const fold = byId(id, HTMLDetailsElement);
    const unfold = () => fold.open && this.want('close it and open it again');
    fold.addEventListener('toggle', unfold);
    void unfold();
  }
}

/** A panel that is never folded away, and is fetched when it comes into sight. */
export class SeenPanel extends LatePanel {
  /** @param id that of its section */
  constructor(id: string, fetch: () => Promise<LookPanel>, onSight: () => void) {
    super(id, fetch, onSight);
    const near = ([entry]: IntersectionObserverEntry[]) =>
      entry?.isIntersecting && this.want('scroll away and back again');
    new IntersectionObserver(near).observe(byId(id, HTMLElement));
  }
}

/** A panel that is there for networks that learn one kind of data, and is fetched with the first of them. */
class KindPanel extends LatePanel {
  readonly #section: HTMLElement;
  readonly #kind: Kind;

  /** @param id that of its section */
  constructor(id: string, kind: Kind, fetch: () => Promise<LookPanel>, onSight: () => void) {
    super(id, fetch, onSight);
    this.#section = byId(id, HTMLElement);
    this.#kind = kind;
  }

  override show(state: PageState): void {
    const applies = (state.network?.plan.dataset ?? state.dataset)?.kind === this.#kind;
    // One that could not be fetched is tried again with the next network of its kind.
    if (applies && this.#section.hidden) void this.want('load the page again');
    this.#section.hidden = !applies;
    if (applies) super.show(state);
  }
}

/** The panel about the Reber grammars. It is fetched with the first text of their seven letters, and tells itself which grammar that is. */
class ReberFold extends LatePanel {
  constructor(fetch: () => Promise<LookPanel>, onSight: () => void) {
    super('reber', fetch, onSight);
  }

  override show(state: PageState): void {
    if (/^[BEPSTVX]+$/.test(textOf(state.network?.plan.dataset).slice(0, 100))) void this.want('load the page again');
    super.show(state);
  }
}
