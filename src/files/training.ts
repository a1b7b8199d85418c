import { type EngineName, engineNames, type TrainingState } from '../engine/engine.ts';
import { asObject, type JsonObject } from '../json-object.ts';
import { statesOf } from '../model/cells/cells.ts';
import { predictsItsInput } from '../model/configuration.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import { quote } from '../quote.ts';
import { type Configuration, currentName, parseSetting, settingNames, settings } from '../training/configuration.ts';
import { FileError } from './error.ts';
import { parseJsonObject } from './json.ts';
import { placesOf, prefixes, readFlat, readNumbers } from './parameters.ts';
import type { Tensor } from './safetensors.ts';

/** What is in a checkpoint besides the network. Batches follow from the configuration, the dataset and the step. */
export interface Training extends TrainingState {
  readonly configuration: Readonly<Configuration>;
  /** What is learned, by the name it had, and its fingerprint. */
  readonly dataset: { readonly name: string; readonly sha256: string };
  /**
   * What computed, and how it cut up the work: only there and so will the numbers be the same to the last bit. Nothing, before
   * the first step.
   */
  readonly engine?: { readonly name: EngineName; readonly device: string; readonly tuning?: string };
  /** Nothing, before the first look at what is held out. */
  readonly heldOut?: HeldOut;
  /** Nothing, in a file that is older than this, or from elsewhere. */
  readonly course?: Course;
}

/** How a training has gone. Nothing that is learned depends on it. */
export interface Course {
  /** How long it was trained on a page, in seconds. */
  readonly seconds: number;
  /** The loss at every step. */
  readonly training: Points;
  /** The loss over what is held out, at every look. */
  readonly heldOut: Points;
  /** Nothing before the first step, and in a file that is older than this. */
  readonly last?: LastStep;
}

/** What the last step has shown. */
export interface LastStep {
  readonly step: number;
  /** In nats, as the network minimises it. */
  readonly loss: number;
  /** Before the clip. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Losses in nats, as the network minimises them, in so few points that a file hardly grows by them. */
export interface Points {
  /** How many losses a point covers: each but the last, which covers `filled`. */
  readonly stride: number;
  readonly filled: number;
  /** The last step that each point covers. */
  readonly steps: readonly number[];
  /** The mean of what each point covers. */
  readonly losses: readonly number[];
}

/** The most points that a file has of a curve. */
export const mostPoints = 512;

/** What the looks at what is held out have shown. */
export interface HeldOut {
  /** The step of the last look. */
  readonly lookedAt: number;
  /** How many looks there were after the one at the best network. */
  readonly sinceBest: number;
  /** The best network that was looked at: its step and its loss. */
  readonly best: { readonly step: number; readonly loss: number };
}

const carriedName = 'carried_state';

/** What a checkpoint's metadata say of its training, as JSON. */
export const wordsOf = ({ step, dataset, engine, configuration, heldOut, course }: Training): string =>
  JSON.stringify({ step, dataset, engine, configuration, heldOut, course });

/**
 * The tensors of a checkpoint besides the network's.
 *
 * @param network the network's parameters: what equals them is not written again
 */
export function trainingTensors(
  layout: ParameterLayout,
  network: Float32Array<ArrayBuffer>,
  { parameters, averaged, m, v, carriedState }: Training,
): [string, Tensor][] {
  const others = [
    [prefixes.trained, parameters],
    [prefixes.averaged, averaged ?? network],
  ] as const;
  const states = statesOf(layout.model).length;
  const rows = carriedState.length / (states * layout.model.hiddenSize);
  return [
    ...others.flatMap(([prefix, flat]) => (isSame(flat, network) ? [] : placesOf(layout, prefix, flat))),
    ...placesOf(layout, prefixes.m, m),
    ...placesOf(layout, prefixes.v, v),
    [carriedName, { shape: [states, rows, layout.model.hiddenSize], data: carriedState }],
  ];
}

const isSame = (some: Float32Array, others: Float32Array): boolean =>
  some === others || some.every((value, i) => Object.is(value, others[i]));

/** The names that tensors of a checkpoint may have, besides its network's `names`. */
export const trainingNames = (names: readonly string[]): readonly string[] => [
  ...Object.values(prefixes).flatMap((prefix) => names.map((name) => prefix + name)),
  carriedName,
];

/**
 * What a checkpoint says of its training.
 *
 * @param written its metadata's words
 * @param network its network's parameters
 * @param withStates whether the carried state has an axis for the states, as since version 2
 * @throws FileError if it is damaged
 */
export function readTraining(
  written: string,
  layout: ParameterLayout,
  network: Float32Array<ArrayBuffer>,
  tensors: ReadonlyMap<string, Tensor>,
  withStates: boolean,
): Training {
  const { model } = layout;
  const words = parseJsonObject('The file’s training', written);
  const step = words.get('step');
  if (!Number.isSafeInteger(step) || (step as number) < 0) {
    throw new FileError('The training’s step is not a whole number from 0: the file is damaged.');
  }
  const configuration = readConfiguration(asObject(words.get('configuration')));
  const { cell, layers, hidden, output, biases } = configuration;
  const predictsSymbols = predictsItsInput(model);
  if (
    cell !== model.cell ||
    layers !== model.layers ||
    hidden !== model.hiddenSize ||
    (biases === 'off') !== (model.biases === false) ||
    (predictsSymbols && (output !== model.output || model.cost !== 'cross-entropy'))
  ) {
    throw new FileError('The training’s configuration is of another network than the file’s: the file is damaged.');
  }
  const states = withStates ? [statesOf(model).length] : [];
  const carriedShape = [...states, configuration.batch, model.hiddenSize];
  const has = (prefix: string) => layout.places.some(({ name }) => tensors.has(prefix + name));
  const others = (prefix: string) => (has(prefix) ? readFlat(layout, prefix, tensors) : network);
  const averages = configuration.averaging > 0;
  if (!averages && has(prefixes.averaged)) {
    throw new FileError('The file has averaged parameters of a training that does not average: it is damaged.');
  }
  return {
    step: step as number,
    parameters: others(prefixes.trained),
    ...(averages && { averaged: others(prefixes.averaged) }),
    dataset: readDataset(asObject(words.get('dataset') ?? words.get('corpus'))),
    ...(words.has('engine') && { engine: readEngine(asObject(words.get('engine'))) }),
    ...(words.has('heldOut') && { heldOut: readHeldOut(asObject(words.get('heldOut')), step as number) }),
    ...(words.has('course') && { course: readCourse(asObject(words.get('course')), step as number) }),
    configuration,
    m: readFlat(layout, prefixes.m, tensors),
    v: readFlat(layout, prefixes.v, tensors),
    carriedState: readNumbers(carriedName, carriedShape, tensors),
  };
}

function readConfiguration(written: JsonObject | undefined): Readonly<Configuration> {
  if (written === undefined) throw new FileError('The training has no configuration: the file is damaged.');
  const values = new Map([...written].map(([name, value]) => [currentName(name), value]));
  for (const name of values.keys()) {
    if ((settingNames as readonly string[]).includes(name)) continue;
    throw new FileError(`The training’s configuration has ${quote(name)}, which is no setting: the file is damaged.`);
  }
  const entries = settingNames.map((name) => {
    // A file that is older than a setting does not name it.
    const value = values.has(name) ? values.get(name) : settings[name].default;
    const shown = String(value);
    if (typeof value !== typeof settings[name].default) {
      throw new FileError(`The training’s configuration has no valid ${name}: the file is damaged.`);
    }
    try {
      return [name, parseSetting(name, shown)] as const;
    } catch {
      throw new FileError(`The training’s configuration has ${quote(shown)} for ${name}: the file is damaged.`);
    }
  });
  return Object.fromEntries(entries) as Configuration;
}

function readDataset(written: JsonObject | undefined): Training['dataset'] {
  const [name, sha256] = [written?.get('name'), written?.get('sha256')];
  if (typeof name !== 'string' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new FileError('The training does not say on which data: it needs a name and a SHA-256.');
  }
  return { name, sha256 };
}

function readEngine(written: JsonObject | undefined): NonNullable<Training['engine']> {
  const [name, device] = [engineNames.find((each) => each === written?.get('name')), written?.get('device')];
  if (name === undefined || typeof device !== 'string') {
    throw new FileError('The training does not say on which engine: the file is damaged.');
  }
  const tuning = written?.get('tuning');
  return { name, device, ...(typeof tuning === 'string' && { tuning }) };
}

function readHeldOut(written: JsonObject | undefined, trained: number): HeldOut {
  const best = asObject(written?.get('best'));
  const [lookedAt, sinceBest] = [written?.get('lookedAt'), written?.get('sinceBest')];
  const [step, loss] = [best?.get('step'), best?.get('loss')];
  const isCount = (value: unknown, most: number): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
  if (
    isCount(lookedAt, trained) &&
    isCount(step, lookedAt) &&
    isCount(sinceBest, Number.MAX_SAFE_INTEGER) &&
    typeof loss === 'number'
  ) {
    return { lookedAt, sinceBest, best: { step, loss } };
  }
  throw new FileError('The training does not say what the held-out part has shown: the file is damaged.');
}

function readCourse(written: JsonObject | undefined, trained: number): Course {
  const seconds = written?.get('seconds');
  const [training, heldOut] = ['training', 'heldOut'].map((name) => readPoints(asObject(written?.get(name)), trained));
  const last = written?.has('last') ? readLast(asObject(written.get('last')), trained) : undefined;
  const isWhole = typeof seconds === 'number' && seconds >= 0 && training && heldOut && (last || !written?.has('last'));
  if (isWhole) return { seconds, training, heldOut, ...(last && { last }) };
  throw new FileError('The training does not say how its loss has gone: the file is damaged.');
}

function readLast(written: JsonObject | undefined, trained: number): LastStep | undefined {
  const figures = ['step', 'loss', 'gradientNorm', 'learningRate'].map((name) => written?.get(name));
  if (!figures.every((figure) => typeof figure === 'number')) return undefined;
  const [step, loss, gradientNorm, learningRate] = figures as [number, number, number, number];
  const wasTaken = Number.isSafeInteger(step) && 0 < step && step <= trained;
  return wasTaken ? { step, loss, gradientNorm, learningRate } : undefined;
}

function readPoints(written: JsonObject | undefined, trained: number): Points | undefined {
  const [stride, filled] = [written?.get('stride'), written?.get('filled')];
  const [steps, losses] = [written?.get('steps'), written?.get('losses')];
  if (!Array.isArray(steps) || !Array.isArray(losses)) return undefined;
  const rises = steps.every(
    (step, i) => Number.isSafeInteger(step) && step <= trained && step > (i === 0 ? -1 : steps[i - 1]),
  );
  const isWhole =
    Number.isSafeInteger(stride) &&
    Number.isSafeInteger(filled) &&
    0 <= (filled as number) &&
    (filled as number) <= (stride as number) &&
    steps.length === losses.length &&
    steps.length <= mostPoints &&
    losses.every((loss) => typeof loss === 'number');
  return rises && isWhole ? { stride: stride as number, filled: filled as number, steps, losses } : undefined;
}
