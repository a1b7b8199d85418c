import { formatCount } from '../../format.ts';
import type { ThoughtSample } from '../../training/looks/answers.ts';
import { make, scrollByKeyboard, write } from '../dom.ts';
import { signOf } from '../gates/words.ts';
import { thoughtOf } from './words.ts';

/** Of samples longer than this the probabilities are shaded, without figures. */
const mostWithFigures = 16;

/** What a network thinks while it reads samples, for each a strip. */
export class Strips {
  readonly element: HTMLElement;
  readonly #list = make('ul', {});
  readonly #strips: Strip[] = [];

  constructor() {
    const region = make('section', { id: 'answers-samples', 'aria-label': 'Some samples' }, this.#list);
    scrollByKeyboard(region, this.#list);
    this.element = make('div', { id: 'answers-strips', hidden: true }, make('p', { class: 'reading' }, key), region);
  }

  /** @param names the class of each number */
  show(samples: readonly ThoughtSample[], names: readonly string[]): void {
    this.element.hidden = samples.length === 0;
    while (this.#strips.length < samples.length) this.#strips.push(new Strip());
    const items = this.#strips.slice(0, samples.length).map(({ element }) => element);
    if (items.length !== this.#list.childElementCount) this.#list.replaceChildren(...items);
    for (const [i, sample] of samples.entries()) this.#strips[i]!.show(sample, names);
  }
}

/** A sample: a column for each timestep, a row for each class, framed where that is right. It is filled anew in its place, so that the focus stays in it. */
class Strip {
  readonly element: HTMLElement;
  readonly #title = make('p', {});
  readonly #table = make('table', {}, make('thead', {}), make('tbody', {}));
  readonly #region = make('section', { class: 'scrolls' }, this.#table);
  #number = 0;

  constructor() {
    this.element = make('li', {}, this.#title, this.#region);
    scrollByKeyboard(this.#region, this.#table);
  }

  show(sample: ThoughtSample, names: readonly string[]): void {
    const { number, first, symbols, classes, probabilities, right } = sample;
    const steps = Array.from(right.keys());
    const isLong = steps.length > mostWithFigures;
    write(this.#title, thoughtOf(sample, names));
    this.#table.className = isLong ? 'strip long' : 'strip';
    this.#table.tHead!.replaceChildren(
      make(
        'tr',
        {},
        make('th', { scope: 'col' }, make('span', { class: 'visually-hidden' }, 'class')),
        ...steps.map((t) =>
          make('th', { scope: 'col' }, symbols ? signOf(symbols[t]!) : numberOf(first + t + 1, isLong)),
        ),
      ),
    );
    this.#table.tBodies[0]!.replaceChildren(
      ...classes.map((label, row) =>
        make(
          'tr',
          {},
          make('th', { scope: 'row' }, names[label]!),
          ...steps.map((t) => cellOf(probabilities[t * classes.length + row]!, right[t] === label, isLong)),
        ),
      ),
    );
    if (number === this.#number) return;
    this.#number = number;
    this.#region.ariaLabel = `Sample ${formatCount(number)}, timestep by timestep`;
    // At its end stands what counts, or counts most.
    this.#region.scrollLeft = this.#region.scrollWidth;
  }
}

const key =
  'How likely the network thinks each class to be after each timestep: the stronger the shade, the likelier. Framed: what is right, where it counts.';

/** The number of a timestep; where there is little room, of every tenth for the eye. */
const numberOf = (number: number, isLong: boolean): Node =>
  make('span', { class: isLong && number % 10 !== 0 ? 'visually-hidden' : undefined }, String(number));

/** A probability: as a shade, and as a figure for the eye or for the ear alone. */
function cellOf(probability: number, isRight: boolean, isLong: boolean): HTMLElement {
  const figure = probability.toFixed(2).replace(/^0/, '');
  return make(
    'td',
    { class: isRight ? 'shaded right' : 'shaded', style: `--p: ${probability.toFixed(3)}` },
    isLong ? make('span', { class: 'visually-hidden' }, figure) : figure,
    ...(isRight ? [make('span', { class: 'visually-hidden' }, ' right')] : []),
  );
}
