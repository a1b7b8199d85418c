import { datasetNames } from '../data/names.ts';
import { dropoutMasks, engineNames } from '../engine/engine.ts';
import { cells, describeCell } from '../model/cells/cells.ts';
import { mostLayers } from '../model/configuration.ts';
import { type Bounds, readNumber } from '../number.ts';
import { readTuningSetting } from './tuning-setting.ts';

/**
 * Everything a person can choose about a training run, as one table. The page makes its form and its address from it,
 * the command line its options; nothing about a setting is written down anywhere else.
 */

/** A number, within bounds. */
export interface NumberSetting extends Required<Bounds> {
  readonly kind: 'number';
  readonly default: number;
  readonly label: string;
  readonly help: string;
}

/** One of several words. */
export interface ChoiceSetting<Choice extends string> {
  readonly kind: 'choice';
  readonly default: Choice;
  readonly choices: readonly Choice[];
  readonly label: string;
  readonly help: string;
  /** What there is to know of each choice, in a sentence. */
  about?(choice: Choice): string;
}

/** Any text, or any that passes a check. */
export interface TextSetting {
  readonly kind: 'text';
  readonly default: string;
  /** Throws a RangeError, a sentence, at a text that cannot be used. */
  readonly check?: (written: string) => void;
  readonly label: string;
  readonly help: string;
}

/** What a setting takes, and how it is shown to a person. */
export type Setting = NumberSetting | ChoiceSetting<string> | TextSetting;

const whole = (value: number, minimum: number, maximum: number, label: string, help: string): NumberSetting => ({
  kind: 'number',
  default: value,
  minimum,
  maximum,
  whole: true,
  label,
  help,
});

const real = (value: number, minimum: number, maximum: number, label: string, help: string): NumberSetting => ({
  ...whole(value, minimum, maximum, label, help),
  whole: false,
});

const choice = <Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  label: string,
  help: string,
  about?: (choice: Choice) => string,
): ChoiceSetting<Choice> => ({ kind: 'choice', default: choices[0], choices, label, help, ...(about && { about }) });

const text = (value: string, label: string, help: string, check = (_: string): void => {}): TextSetting => ({
  kind: 'text',
  default: value,
  check,
  label,
  help,
});

/** Each setting by its name, in the order in which a person meets them. */
export const settings = {
  dataset: choice(datasetNames, 'Data', 'What to learn, unless you bring your own.'),
  inputs: text(
    '',
    'Inputs',
    'Of a table, the columns that go in, with commas between them. All that are numbers, if left out.',
  ),
  predict: text(
    '',
    'Predict',
    'Of a table, the columns to predict, with commas between them. Of numbers all that go in, if left out.',
  ),
  ahead: whole(1, 1, 1_000_000, 'Ahead', 'Of a series, how many rows ahead is predicted.'),
  engine: choice(['auto', ...engineNames], 'Engine', 'What computes. Auto takes the GPU if there is a real one.'),
  tuning: text(
    'auto',
    'Tuning',
    'How WebGPU cuts up its work: auto (the fastest way known), measure (finds that out now), or a line such as stepwise rows=16.',
    readTuningSetting,
  ),
  cell: choice(cells, 'Cell', 'What carries the state on.', (cell) => describeCell(cell).summary),
  layers: whole(1, 1, mostLayers, 'Layers', 'Each reads the states of the one below.'),
  hidden: whole(128, 1, 65536, 'Hidden units', 'H: how much each layer can remember.'),
  output: choice(
    ['log-softmax', 'sigmoid'],
    'Output',
    'Log-softmax: one symbol is right. Sigmoid: each symbol for itself, since several may be.',
  ),
  biases: choice(['on', 'off'], 'Biases', 'Off: all are 0 and stay so.'),
  batch: whole(32, 1, 65536, 'Batch', 'B: sequences learned from side by side.'),
  sequence: whole(64, 1, 1_000_000, 'Sequence', 'T: characters or rows through which the error is propagated back.'),
  steps: whole(2000, 1, 1e9, 'Steps', 'The goal; training stops when it is reached.'),
  batches: choice(
    ['windows', 'streams'],
    'Batches',
    'Windows: from random places, each from a zero state. Streams: contiguous, the state carried over.',
  ),
  learningRate: real(0.005, 0, 3.4e38, 'Learning rate', 'The length of Adam’s step. May be changed while it trains.'),
  schedule: choice(
    ['cosine', 'linear', 'constant'],
    'Schedule',
    'How the learning rate falls to zero towards the goal: along a cosine, in a straight line, or not at all.',
  ),
  decay: real(
    1,
    0,
    1,
    'Decay',
    'The share of the steps, at the end, in which the learning rate falls. 1: all after the warm-up.',
  ),
  warmup: whole(20, 0, 1e9, 'Warm-up', 'Steps over which the learning rate rises from zero.'),
  clipNorm: real(
    1,
    0,
    3.4e38,
    'Clip norm',
    'Gradients longer than this are shortened to it; 0 leaves them as they are.',
  ),
  leadIn: whole(
    0,
    0,
    1_000_000,
    'Lead-in',
    'Characters or rows that a window reads before those that count, for a state that is not blank. Streams need none.',
  ),
  parts: whole(
    1,
    1,
    65536,
    'Parts',
    'A step takes its rows in so many parts and adds up their gradients (accumulation): less memory, the same step.',
  ),
  dropout: real(0, 0, 0.95, 'Dropout', 'The share of each layer’s units whose output a step leaves out.'),
  recurrentDropout: real(
    0,
    0,
    0.95,
    'Recurrent dropout',
    'The share of the candidates that a step leaves out of the next state.',
  ),
  dropoutMasks: choice(
    dropoutMasks,
    'Dropout masks',
    'Timestep: something else is left out at each. Sequence: the same at all of a sequence.',
  ),
  weightDecay: real(
    0,
    0,
    1000,
    'Weight decay',
    'Each step takes matrices towards zero by this share times the learning rate (AdamW).',
  ),
  averaging: real(
    0,
    0,
    0.999999,
    'Averaging',
    'β: the network is a running mean of its weights, each step counting 1 − β. 0: the weights themselves.',
  ),
  beta1: real(0.9, 0, 0.999999, 'β₁', 'Adam’s running mean of the gradient keeps this share at each step.'),
  beta2: real(0.999, 0, 0.999999, 'β₂', 'Adam’s running mean of the squared gradient keeps this share at each step.'),
  epsilon: real(
    1e-8,
    1e-16,
    1,
    'ε',
    'Added to the root of the squared gradient’s mean, so that nothing is divided by zero.',
  ),
  validation: real(
    0.1,
    0,
    0.5,
    'Held out',
    'The share that is never trained on: the end of a text or a series, and of samples any.',
  ),
  evaluateEvery: whole(
    0,
    0,
    1e9,
    'Evaluate every',
    'Steps between two looks at what is held out. 0: now and then, for at most a tenth of the time.',
  ),
  patience: whole(
    0,
    0,
    1e9,
    'Patience',
    'Training stops after so many looks without a better one than the best. 0: never.',
  ),
  keep: choice(['best', 'last'], 'Keep', 'Which network is saved: the best on what is held out, or the last.'),
  seed: whole(1, 0, 2 ** 32 - 1, 'Seed', 'Fixes everything random: same seed, same device, same numbers.'),
  prime: text('The ', 'Prime', 'What a generated passage goes on from.'),
  temperature: real(0.7, 0, 100, 'Temperature', '0 takes the likeliest character, 1 the network’s own odds.'),
} as const;

/** The name of a setting. */
export type SettingName = keyof typeof settings;

type ValueOf<S extends Setting> =
  S extends ChoiceSetting<infer Choice> ? Choice : S extends NumberSetting ? number : string;

/** A value for each setting of the table. */
export type Configuration = { -readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> };

/** A setting's name. Files and addresses of earlier versions call the dataset `corpus`. */
export const currentName = (name: string): string => (name === 'corpus' ? 'dataset' : name);

export const settingNames = Object.keys(settings) as readonly SettingName[];

/** Every setting as it is unless it is chosen. */
export const defaultConfiguration = Object.freeze(
  Object.fromEntries(settingNames.map((name) => [name, settings[name].default])),
) as Readonly<Configuration>;

/**
 * Reads one setting from what a person wrote.
 *
 * @throws RangeError saying which setting is wrong and what it takes.
 */
export function parseSetting<Name extends SettingName>(name: Name, written: string): Configuration[Name] {
  const setting: Setting = settings[name];
  return parseValue(setting, written) as Configuration[Name];
}

/** @throws RangeError saying what the setting takes, if `written` is not that. */
export function parseValue(setting: Setting, written: string): string | number {
  switch (setting.kind) {
    case 'text':
      setting.check?.(written);
      return written;
    case 'choice':
      if (setting.choices.includes(written)) return written;
      throw new RangeError(`${setting.label} is one of ${setting.choices.join(', ')}, not “${written}”.`);
    case 'number':
      return readNumber(setting.label, written, setting);
  }
}

/** @throws RangeError in one sentence if two settings do not go together. */
export function assertConfiguration({ cell, recurrentDropout }: Configuration): void {
  const { candidate, title } = describeCell(cell);
  if (recurrentDropout > 0 && candidate === undefined) {
    throw new RangeError(`The ${title} has no candidates to leave out: set the recurrent dropout to 0.`);
  }
}
