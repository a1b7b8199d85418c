import {
  type Configuration,
  parseSetting,
  type Setting,
  type SettingName,
  settingNames,
  settings,
} from '../training/configuration.ts';
import { byId, make, write } from './dom.ts';
import { choiceLabel, settingValue } from './format.ts';

/** Where on the page each setting stands: in the element of that id. The text has a picker of its own. */
const places: Record<Exclude<SettingName, 'corpus'>, string> = {
  learningRate: 'live-settings',
  steps: 'live-settings',
  prime: 'passage-settings',
  temperature: 'passage-settings',
  validation: 'text-settings',
  cell: 'network-settings',
  hidden: 'network-settings',
  output: 'network-settings',
  seed: 'network-settings',
  batch: 'training-settings',
  sequence: 'training-settings',
  batches: 'training-settings',
  schedule: 'training-settings',
  warmup: 'training-settings',
  clipNorm: 'training-settings',
  engine: 'engine-settings',
};

type Change = (change: Partial<Configuration>) => void;

/** A field for every setting of the table, each with its label, its help and room for a message. */
export class SettingsForm {
  readonly #fields = new Map<SettingName, SettingField>();

  constructor(onChange: Change) {
    for (const name of settingNames) {
      if (name === 'corpus') continue;
      const field = new SettingField(name, onChange);
      byId(places[name], HTMLElement).append(field.root);
      this.#fields.set(name, field);
    }
  }

  /** @param waiting settings that differ from the network's own, which is `current` */
  show(configuration: Configuration, waiting: readonly string[], current: Configuration | undefined): void {
    for (const [name, field] of this.#fields) {
      field.show(configuration[name], current && waiting.includes(name) ? current[name] : undefined);
    }
  }

  /** Shows a message by a field whose value cannot be used for a reason that the table does not know; '' clears it. */
  complain(name: SettingName, message: string): void {
    this.#fields.get(name)?.complain(message);
  }
}

class SettingField {
  readonly root: HTMLElement;
  readonly #name: SettingName;
  readonly #control: HTMLInputElement | HTMLSelectElement;
  readonly #error: HTMLElement;
  readonly #pending: HTMLElement;
  #shown: string | undefined;

  constructor(name: SettingName, onChange: Change) {
    const setting: Setting = settings[name];
    const id = `setting-${name}`;
    const ids = { help: `${id}-help`, error: `${id}-error`, pending: `${id}-pending` };
    const described = `${ids.error} ${ids.pending} ${ids.help}`;
    this.#name = name;
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
    this.root = make(
      'div',
      { class: `field ${setting.kind}` },
      make('label', { for: id }, setting.label),
      this.#control,
      this.#error,
      this.#pending,
      make('p', { id: ids.help, class: 'field-help' }, setting.help),
    );
    this.#control.addEventListener('change', () => this.#commit(onChange));
  }

  /** @param current what the network that stands has in place of `value`, if it waits for the next start */
  show(value: string | number, current: string | number | undefined): void {
    write(this.#pending, current === undefined ? '' : `${settingValue(this.#name, current)} until you start afresh`);
    this.root.classList.toggle('pending', current !== undefined);
    const written = String(value);
    if (written === this.#shown) return;
    this.#shown = written;
    this.#control.value = written;
    this.complain('');
  }

  complain(message: string): void {
    write(this.#error, message);
    if (message) this.#control.setAttribute('aria-invalid', 'true');
    else this.#control.removeAttribute('aria-invalid');
  }

  #commit(onChange: Change): void {
    const inForce = this.#shown ?? '';
    try {
      const value = parseSetting(this.#name, this.#control.value);
      this.#shown = String(value);
      this.#control.value = this.#shown;
      this.complain('');
      onChange({ [this.#name]: value });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.complain(`${error.message} ${inForce} stays in force.`);
    }
  }
}
