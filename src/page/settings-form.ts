import { type Configuration, type SettingName, settingNames, settings } from '../training/configuration.ts';
import { byId } from './dom.ts';
import { Field } from './field.ts';

/** Where on the page each setting stands: in the element of that id. The data have a picker of their own. */
const places: Record<Exclude<SettingName, 'dataset'>, string> = {
  learningRate: 'live-settings',
  steps: 'live-settings',
  prime: 'passage-settings',
  temperature: 'passage-settings',
  inputs: 'data-settings',
  predict: 'data-settings',
  ahead: 'data-settings',
  validation: 'data-settings',
  evaluateEvery: 'more-settings',
  patience: 'more-settings',
  keep: 'more-settings',
  cell: 'strip-settings',
  layers: 'strip-settings',
  hidden: 'strip-settings',
  output: 'network-settings',
  seed: 'network-settings',
  batch: 'training-settings',
  sequence: 'training-settings',
  batches: 'training-settings',
  schedule: 'training-settings',
  warmup: 'training-settings',
  clipNorm: 'training-settings',
  biases: 'more-settings',
  decay: 'more-settings',
  leadIn: 'more-settings',
  parts: 'more-settings',
  dropout: 'more-settings',
  recurrentDropout: 'more-settings',
  dropoutMasks: 'more-settings',
  weightDecay: 'more-settings',
  averaging: 'more-settings',
  beta1: 'more-settings',
  beta2: 'more-settings',
  epsilon: 'more-settings',
  engine: 'engine-settings',
  tuning: 'engine-settings',
};

type Change = (change: Partial<Configuration>) => void;

/** A field for every setting of the table, each with its label, its help and room for a message. */
export class SettingsForm {
  readonly #fields = new Map<SettingName, Field>();
  /** What the settings that are folded away say. */
  #chosen = '';

  constructor(onChange: Change) {
    for (const name of settingNames) {
      if (name === 'dataset') continue;
      const field = new Field(name, settings[name], (value) => onChange({ [name]: value }));
      byId(places[name], HTMLElement).append(field.root);
      this.#fields.set(name, field);
    }
  }

  /**
   * @param waiting settings that differ from the network's own, which is `current`
   * @param remarks what else there is to know of a setting's value
   * @param means whether a setting means something; others are hidden
   */
  show(
    configuration: Configuration,
    means: (name: SettingName) => boolean,
    waiting: readonly string[],
    current: Configuration | undefined,
    remarks: Readonly<Partial<Record<SettingName, string>>>,
  ): void {
    // What was chosen there, by an address or a file, is to be seen.
    const more = byId('more', HTMLDetailsElement);
    const folded = settingNames.filter((name) => name !== 'dataset' && places[name] === 'more-settings');
    const chosen = String(folded.map((name) => configuration[name]));
    if (chosen !== this.#chosen && folded.some((name) => configuration[name] !== settings[name].default))
      more.open = true;
    this.#chosen = chosen;
    for (const [name, field] of this.#fields) {
      field.root.hidden = !means(name);
      field.show(configuration[name], current && waiting.includes(name) ? current[name] : undefined, remarks[name]);
    }
  }

  /** Shows a message by a field whose value cannot be used for a reason that the table does not know; '' clears it. */
  complain(name: SettingName, message: string): void {
    this.#fields.get(name)?.complain(message);
  }
}
