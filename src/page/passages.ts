import { bitsPerCharacter, figureOf } from '../data/measure.ts';
import { formatCount, formatFigure, formatLoss } from '../format.ts';
import { byId, make, scrollByKeyboard } from './dom.ts';
import type { PageState, Passage } from './state.ts';

/** What the network has written: the newest passage on top, a few older ones below for comparison. */
export class Passages {
  readonly #list = byId('passages', HTMLOListElement);
  readonly #empty = byId('passages-empty', HTMLElement);
  readonly #writeNow = byId('write-now', HTMLButtonElement);
  readonly #items = new Map<Passage, HTMLLIElement>();

  constructor(onWriteNow: () => void) {
    scrollByKeyboard(byId('passages-region', HTMLElement), this.#list);
    this.#writeNow.addEventListener('click', () => this.#writeNow.ariaDisabled !== 'true' && onWriteNow());
  }

  show(state: PageState): void {
    this.#writeNow.ariaDisabled = canWrite(state) ? null : 'true';
    this.#empty.hidden = state.passages.length > 0;
    // What stays is left alone, so that a selection in it survives.
    for (const [passage, item] of this.#items) {
      if (state.passages.includes(passage)) continue;
      item.remove();
      this.#items.delete(passage);
    }
    for (const passage of state.passages.toReversed()) {
      if (this.#items.has(passage)) continue;
      const item = itemOf(passage);
      this.#items.set(passage, item);
      this.#list.prepend(item);
    }
  }
}

/** Whether the network that stands can be asked for a prediction. */
export function canWrite({ network, opening, run }: PageState): boolean {
  return network !== null && !opening && (run.kind === 'paused' || run.kind === 'training' || run.kind === 'finished');
}

function itemOf(passage: Passage): HTMLLIElement {
  const loss =
    passage.loss === null ? '' : `${formatLoss(figureOf(bitsPerCharacter, passage.loss), bitsPerCharacter)} bits, `;
  return make(
    'li',
    {},
    make(
      'h3',
      {},
      `Step ${formatCount(passage.step)} `,
      make('span', { class: 'circumstances' }, `${loss}temperature ${formatFigure(passage.temperature)}`),
    ),
    make('p', { class: 'passage' }, make('span', { class: 'prime' }, passage.prime), passage.text),
  );
}
