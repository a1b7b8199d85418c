import { choiceLabel, valueLabel } from '../format.ts';
import { parseValue, type Setting } from '../training/configuration.ts';
import { make, write } from './dom.ts';

/** A field for a value: its label, its help, and room for a message. */
export class Field {
  readonly root: HTMLElement;
  readonly #setting: Setting;
  readonly #control: HTMLInputElement | HTMLSelectElement;
  readonly #error: HTMLElement;
  readonly #pending: HTMLElement;
  readonly #help: HTMLElement;
  #shown: string | undefined;

  /** @param name of the control, unique on the page */
  constructor(name: string, setting: Setting, onChange: (value: string | number) => void) {
    const id = `setting-${name}`;
    const ids = { help: `${id}-help`, error: `${id}-error`, pending: `${id}-pending` };
    const described = `${ids.error} ${ids.pending} ${ids.help}`;
    this.#setting = setting;
    this.#control =
      setting.kind === 'choice'
        ? make(
            'select',
            { id, name, 'aria-describedby': described },
            ...setting.choices.map((choice) => make('option', { value: choice }, choiceLabel(choice))),
          )
        : make('input', {
            id,
            name,
            type: 'text',
            class: setting.kind,
            inputmode: setting.kind === 'number' ? (setting.whole ? 'numeric' : 'decimal') : undefined,
            autocomplete: 'off',
            spellcheck: 'false',
            'aria-describedby': described,
          });
    this.#error = make('p', { id: ids.error, class: 'field-error', role: 'alert' });
    this.#pending = make('p', { id: ids.pending, class: 'field-pending' });
    this.#help = make('p', { id: ids.help, class: 'field-help' }, setting.help);
    this.root = make(
      'div',
      { class: `field ${setting.kind}` },
      make('label', { for: id }, setting.label),
      this.#control,
      this.#error,
      this.#pending,
      this.#help,
    );
    this.#control.addEventListener('change', () => this.#commit(onChange));
  }

  /**
   * @param current what the network that stands has in place of `value`, if it waits for the next start
   * @param remark what else there is to know of a value that is in force
   */
  show(value: string | number, current?: string | number, remark = ''): void {
    write(
      this.#pending,
      current === undefined ? remark : `${valueLabel(this.#setting, current)} until you start afresh`,
    );
    this.root.classList.toggle('pending', current !== undefined);
    const written = String(value);
    if (written !== this.#shown) this.#put(written);
  }

  complain(message: string): void {
    write(this.#error, message);
    if (message) this.#control.setAttribute('aria-invalid', 'true');
    else this.#control.removeAttribute('aria-invalid');
  }

  /** Puts a value in force. Where each choice has words of its own, they are the help. */
  #put(value: string): void {
    this.#shown = value;
    this.#control.value = value;
    if (this.#setting.kind === 'choice' && this.#setting.about) write(this.#help, this.#setting.about(value));
    this.complain('');
  }

  #commit(onChange: (value: string | number) => void): void {
    const inForce = this.#shown ?? '';
    try {
      const value = parseValue(this.#setting, this.#control.value);
      this.#put(String(value));
      onChange(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.complain(`${error.message} ${inForce} stays in force.`);
    }
  }
}
