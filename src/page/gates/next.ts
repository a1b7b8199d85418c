import type { Reading } from '../../training/looks/reading.ts';
import { make, write } from '../dom.ts';
import { formatBits, formatProbability, type Prospect, prospectsAt } from './surprise.ts';
import { signOf, spokenSymbol } from './words.ts';

/** Five that are likeliest, and what came. */
const most = 6;

/** Which character the network expects after the one that is looked at, as bars, and a way to the next. */
export class Next {
  readonly element: HTMLElement;
  readonly #heading = make('h3', {});
  readonly #rows = Array.from({ length: most }, () => new Row());

  /** @param press does what a key would */
  constructor(press: (key: string) => void) {
    const button = (words: string, sign: string, key: string) => {
      const button = make('button', { type: 'button', 'aria-label': words }, sign);
      button.addEventListener('click', () => press(key));
      return button;
    };
    this.element = make(
      'section',
      { class: 'gates-next', 'aria-label': 'What it expects next', hidden: true },
      make(
        'div',
        { class: 'section-head' },
        this.#heading,
        make(
          'div',
          { class: 'buttons' },
          button('One character back', '←', 'ArrowLeft'),
          button('One character on', '→', 'ArrowRight'),
        ),
      ),
      make('ul', {}, ...this.#rows.map(({ element }) => element)),
    );
  }

  show(reading: Reading, timestep: number): void {
    const { symbols } = reading.read;
    this.element.hidden = !reading.expectation || !symbols;
    if (!symbols) return;
    const prospects = prospectsAt(reading, timestep);
    const read = symbols.slice(Math.max(0, timestep - 5), timestep + 1).map(signOf);
    write(this.#heading, `After “${read.join('')}” it expects`);
    for (const [i, row] of this.#rows.entries()) row.show(prospects[i]);
  }
}

/** One character that may come next. */
class Row {
  readonly element: HTMLElement;
  readonly #symbol = make('span', { class: 'symbol', 'aria-hidden': 'true' });
  readonly #spoken = make('span', { class: 'visually-hidden' });
  readonly #bar = make('span', { class: 'bar', 'aria-hidden': 'true' });
  readonly #figure = make('span', { class: 'value' });
  readonly #came = make('span', { class: 'came' });

  constructor() {
    this.element = make('li', {}, this.#symbol, this.#spoken, this.#bar, this.#figure, this.#came);
  }

  show(prospect: Prospect | undefined): void {
    this.element.classList.toggle('none', !prospect);
    this.element.classList.toggle('next', prospect?.cost !== undefined);
    if (!prospect) return;
    const { symbol, probability, cost } = prospect;
    write(this.#symbol, signOf(symbol));
    write(this.#spoken, spokenSymbol(symbol));
    this.#bar.style.setProperty('--p', probability.toFixed(3));
    write(this.#figure, formatProbability(probability));
    write(this.#came, cost === undefined ? '' : `came, ${formatBits(cost)}`);
  }
}
