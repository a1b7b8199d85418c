import { choiceLabel } from '../format.ts';
import { byId, write } from './dom.ts';
import type { PageState } from './state.ts';

/** All settings, beside the page: opened from the strip at its top, closed by a button or the Escape key. */
export class SettingsPanel {
  readonly #panel = byId('settings', HTMLElement);
  readonly #openers = [byId('open-settings', HTMLButtonElement), byId('learns', HTMLButtonElement)] as const;
  readonly #close = byId('close-settings', HTMLButtonElement);
  /** Takes the focus when the panel goes. */
  #opener: HTMLElement = this.#openers[0];

  constructor() {
    for (const opener of this.#openers) opener.addEventListener('click', () => this.toggle(opener));
    this.#close.addEventListener('click', () => this.toggle());
    this.#panel.addEventListener('keydown', ({ key }) => key === 'Escape' && this.toggle());
  }

  /** Opens or closes it. @param opener what was pressed */
  toggle(opener: HTMLElement = this.#openers[0]): void {
    const opens = this.#panel.hidden !== false;
    this.#panel.hidden = !opens;
    document.documentElement.classList.toggle('with-settings', opens);
    for (const button of this.#openers) button.ariaExpanded = String(opens);
    if (opens) {
      this.#opener = opener;
      this.#panel.scrollTop = 0;
      this.#close.focus();
    } else this.#opener.focus();
  }

  /** Opens it if it is closed. */
  open(): void {
    if (this.#panel.hidden) this.toggle();
  }

  show({ dataset, configuration, ownDataset }: PageState): void {
    const isOwn = dataset !== null && dataset === ownDataset;
    write(this.#openers[1], isOwn ? dataset.name : choiceLabel(configuration.dataset));
  }
}
