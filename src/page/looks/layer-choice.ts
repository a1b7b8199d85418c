import { byId, make } from '../dom.ts';

/** A choice among the layers of a network. Where there is only one, there is nothing to see of it. */
export class LayerChoice {
  readonly #field: HTMLElement;
  readonly #select: HTMLSelectElement;

  /** @param id of its place on the page */
  constructor(id: string, onChange: () => void) {
    this.#field = byId(id, HTMLElement);
    this.#select = make('select', { id: `${id}-choice` });
    this.#select.addEventListener('change', onChange);
    this.#field.append(make('label', { for: this.#select.id }, 'Layer'), this.#select);
  }

  /** The layer that is chosen, counted from 0. */
  get layer(): number {
    return Math.max(0, this.#select.selectedIndex);
  }

  /** Offers so many layers. What was chosen stays, as far as it is there. */
  show(layers: number): void {
    this.#field.hidden = layers === 1;
    if (this.#select.length === layers) return;
    const { layer } = this;
    const place = (i: number) => (i === 0 ? ', which reads what goes in' : i === layers - 1 ? ', which predicts' : '');
    this.#select.replaceChildren(
      ...Array.from({ length: layers }, (_, i) => make('option', {}, `${i + 1}${place(i)}`)),
    );
    this.#select.selectedIndex = Math.min(layer, layers - 1);
  }
}
