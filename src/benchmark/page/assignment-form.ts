import { installed } from 'virtual:peers';
import { byId, make, write } from '../../page/dom.ts';
import { Field } from '../../page/field.ts';
import { type Configuration, defaultConfiguration, settings } from '../../training/configuration.ts';
import { assertSize, namedSizes, type Size, sizeText } from '../sizes.ts';
import { type Assignment, type Part, parts } from '../suite.ts';

const partNames: Readonly<Record<Part, string>> = {
  tuning: 'Tuner: the fastest way of cutting up the work',
  kernels: 'Kernels, against the device’s ceilings',
  steps: 'Whole steps',
  curves: 'Curves as T, B and H grow',
  contenders: 'Side by side with other frameworks',
};

const letters = ['V', 'H', 'B', 'T'] as const;
type Letter = (typeof letters)[number];
const letterNames: Readonly<Record<Letter, string>> = {
  V: 'V, symbols',
  H: 'H, hidden units',
  B: 'B, rows of a batch',
  T: 'T, timesteps',
};

/** Where a person says what is to be measured. */
export class AssignmentForm {
  readonly #form: HTMLFormElement;
  readonly #sizes: Readonly<Record<string, HTMLInputElement>>;
  readonly #own = byId('own', HTMLInputElement);
  readonly #numbers: Readonly<Record<Letter, HTMLInputElement>>;
  #network: Pick<Configuration, 'cell' | 'layers'>;
  readonly #parts: Readonly<Record<Part, HTMLInputElement>>;

  /** @param changed hears of every change */
  constructor(form: HTMLFormElement, run: (assignment: Assignment) => void, changed: () => void) {
    this.#form = form;
    this.#sizes = options(
      byId('sizes', HTMLElement),
      Object.entries(namedSizes).map(([name, size]) => [name, `${name}: ${sizeText(size)}`]),
    );
    this.#parts = options(
      byId('parts', HTMLElement),
      parts.map((part) => [part, partNames[part]]),
    ) as Record<Part, HTMLInputElement>;
    this.#numbers = Object.fromEntries(
      letters.map((letter) => {
        const input = make('input', {
          type: 'text',
          inputmode: 'numeric',
          id: `own-${letter}`,
          value: String(namedSizes['S']![letter]),
        });
        const label = make('label', { for: input.id, title: letterNames[letter] }, letter);
        byId('own-size', HTMLElement).append(make('div', { class: 'field' }, label, input));
        return [letter, input];
      }),
    ) as Record<Letter, HTMLInputElement>;
    const { cell, layers } = defaultConfiguration;
    this.#network = { cell, layers };
    for (const name of ['cell', 'layers'] as const) {
      const field = new Field(name, settings[name], (value) => {
        this.#network = { ...this.#network, [name]: value };
        changed();
      });
      field.show(this.#network[name]);
      byId('network', HTMLElement).append(field.root);
    }
    for (const part of parts) this.#parts[part].checked = part !== 'contenders';
    form.addEventListener('input', ({ target }) => {
      if (Object.values(this.#numbers).includes(target as HTMLInputElement)) this.#own.checked = true;
      changed();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const assignment = this.read();
      if (assignment) run(assignment);
    });
  }

  /**
   * Chooses what suits the device; what takes minutes on one that emulates a GPU waits until it is asked for.
   *
   * @param tuned whether there is an engine that can be tuned
   */
  preset(slow: boolean, tuned: boolean): void {
    this.#sizes['S']!.checked = true;
    for (const name of ['M', 'L']) this.#sizes[name]!.checked = !slow;
    this.#parts.tuning.checked = tuned && !slow;
    this.#parts.tuning.disabled = !tuned;
    this.#parts.contenders.checked = installed && !slow;
  }

  /** What is to be measured, if that can be; else says what is wrong. */
  read(): Assignment | undefined {
    const sizes = Object.entries(namedSizes).flatMap(([name, size]) => (this.#sizes[name]!.checked ? [size] : []));
    const complain = (problem: string) => write(byId('size-error', HTMLElement), problem);
    for (const input of Object.values(this.#numbers)) input.removeAttribute('aria-invalid');
    complain('');
    if (this.#own.checked) {
      const size = Object.fromEntries(
        letters.map((letter) => [letter, readNumber(this.#numbers[letter])]),
      ) as unknown as Size;
      try {
        assertSize(size);
        sizes.push(size);
      } catch (error) {
        complain((error as Error).message);
        return undefined;
      }
    }
    const chosen = parts.filter((part) => this.#parts[part].checked);
    if (sizes.length === 0) complain('Choose a size.');
    else if (chosen.length === 0) complain('Choose a part.');
    else return { sizes: sizes.map((size) => ({ ...size, ...this.#network })), parts: chosen };
    return undefined;
  }

  /** While a run is under way, what it is to do stays as it is. */
  lock(locked: boolean): void {
    for (const fieldset of this.#form.querySelectorAll('fieldset')) fieldset.disabled = locked;
  }
}

function readNumber(input: HTMLInputElement): number {
  return /^\s*\d+\s*$/.test(input.value) ? Number(input.value) : Number.NaN;
}

function options(
  host: HTMLElement,
  choices: readonly (readonly [name: string, label: string])[],
): Record<string, HTMLInputElement> {
  return Object.fromEntries(
    choices.map(([name, label]) => {
      const input = make('input', { type: 'checkbox', name });
      host.append(make('label', { class: 'option' }, input, label));
      return [name, input];
    }),
  );
}
