import { answersTo } from '../../data/labelled/answers.ts';
import { type Classified, type Confusion, classify, confusionOf, someInputs } from '../../data/labelled/classify.ts';
import { encodeTargets } from '../../data/labelled/encode.ts';
import { isPresent, type Numbers } from '../../data/labelled/places.ts';
import { someOf } from '../../data/labelled/split.ts';
import type { SamplesTask } from '../../data/labelled/task.ts';
import type { Run } from '../run.ts';
import { affordable } from './work.ts';

/** The most samples that are counted, */
const mostCounted = 1000;
/** that are shown one by one, */
const mostShown = 4;
/** the most timesteps that are shown of each, its last ones, */
const mostTimesteps = 120;
/** and the most classes. */
const mostClasses = 6;

/** A sample that is shown. */
export interface ShownSample {
  /** Its number in the data, counted from 1. */
  readonly number: number;
  /** T: how many timesteps it has. */
  readonly timesteps: number;
}

/** What a network thinks of one sample while it reads it. */
export interface ThoughtSample extends ShownSample {
  /** The first timestep that is shown, counted from 0; all that follow are. */
  readonly first: number;
  /** The characters of those timesteps, where they are some. */
  readonly symbols?: readonly string[];
  /** The classes that are shown, by number: those that are right somewhere, and the likeliest others. */
  readonly classes: readonly number[];
  /** How likely each of them is thought to be after each timestep, `[timesteps shown][classes shown]`. */
  readonly probabilities: Float32Array;
  /** The class that is right at each timestep that is shown, by number; `undefined` where nothing counts. */
  readonly right: readonly (number | undefined)[];
}

/** A sample in whose place numbers should come out: at its last place that counts, in their own units, `[O]`. */
export interface AnsweredSample extends ShownSample {
  readonly wanted: Float32Array;
  readonly answer: Float32Array;
}

/** What a network makes of samples. */
export type Answers = {
  /** Steps that the network had been trained for. */
  readonly step: number;
  /** Whether the network has not learned from these samples. */
  readonly isHeldOut: boolean;
  /** How many samples were counted. */
  readonly counted: number;
} & (
  | { readonly kind: 'classes'; readonly confusion: Confusion; readonly shown: readonly ThoughtSample[] }
  | {
      readonly kind: 'numbers';
      /**
       * What is predicted: the root mean square error over the places that count, and the root mean square deviation of the
       * targets from their mean, by which whoever always says the mean is off.
       */
      readonly variables: readonly { readonly name: string; readonly error: number; readonly deviation: number }[];
      readonly shown: readonly AnsweredSample[];
    }
);

/**
 * Has the network answer to samples that are held out, or where none is, to such as it is trained on.
 *
 * @param page which of them to show one by one: the first few on page 0, then those that follow; from the start again at the end
 */
export async function answersOf(run: Run, page: number): Promise<Answers> {
  const { training, validation, capacity, encoding } = run.task as SamplesTask;
  const isHeldOut = validation.length > 0;
  const numbers = isHeldOut ? validation : training;
  const counted = someOf(numbers, affordable(run, mostCounted, capacity.timesteps));
  const pages = Math.ceil(numbers.length / mostShown);
  const shown = numbers.slice((page % pages) * mostShown).subarray(0, mostShown);
  const answers = encoding.classes ? await classesOf(run, counted, shown) : await numbersOf(run, counted, shown);
  return { step: run.step, isHeldOut, counted: counted.length, ...answers };
}

async function classesOf({ task, network }: Run, counted: Uint32Array, shown: Uint32Array<ArrayBuffer>) {
  const { dataset, encoding } = task as SamplesTask;
  const { each } = await classify(network, encoding, someInputs(dataset.inputs, shown));
  return {
    kind: 'classes' as const,
    confusion: await confusionOf(network, encoding, dataset, counted),
    shown: each.map((classified, i) => thoughtOf(task as SamplesTask, shown[i]!, classified)),
  };
}

function thoughtOf(
  { dataset, encoded, encoding }: SamplesTask,
  sample: number,
  { afterEach }: Classified,
): ThoughtSample {
  const O = encoding.classes!.length;
  const timesteps = afterEach.length / O;
  const first = Math.max(0, timesteps - mostTimesteps);
  const targets = encoded.targets[sample]!;
  const offset = encoded.at === 'end' ? timesteps - 1 : 0;
  const rightAt = (t: number) => (t >= offset && isPresent(targets, 1, t - offset) ? targets[t - offset]! : undefined);
  const steps = Array.from({ length: timesteps - first }, (_, i) => first + i);
  const right = steps.map(rightAt);
  const counting = steps.filter((t) => rightAt(t) !== undefined);
  /** How likely a class is thought to be where it counts; what is right goes before all else. */
  const weight = (label: number) =>
    right.includes(label) ? Number.POSITIVE_INFINITY : counting.reduce((sum, t) => sum + afterEach[t * O + label]!, 0);
  const classes = Array.from({ length: O }, (_, label) => label)
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .slice(0, mostClasses)
    .sort((a, b) => a - b);
  const { inputs } = dataset;
  return {
    number: sample + 1,
    timesteps,
    first,
    ...(inputs.kind === 'symbols' && { symbols: steps.map((t) => inputs.symbols[inputs.ids[sample]![t]!]!) }),
    classes,
    probabilities: Float32Array.from(steps.flatMap((t) => classes.map((label) => afterEach[t * O + label]!))),
    right,
  };
}

async function numbersOf({ task, network }: Run, counted: Uint32Array, shown: Uint32Array<ArrayBuffer>) {
  const { dataset, encoding, encoded } = task as SamplesTask;
  const variables = encoding.outputs!;
  const O = variables.length;
  const targets = encodeTargets(dataset.targets, encoding);
  const read = Uint32Array.from([...counted, ...shown]);
  const { each } = await answersTo(network, encoding, someInputs(dataset.inputs, read));
  /** The last vector of some, or the one at a place. */
  const vectorAt = (numbers: Numbers, place: number) => Float32Array.from(numbers.subarray(place * O, (place + 1) * O));
  const inOwnUnits = (vector: Float32Array) => vector.map((x, o) => variables[o]!.mean + variables[o]!.deviation * x);
  /** What should come out of a sample at each of its places that count, and what did. */
  const pairsOf = (row: number) => {
    const own = targets[read[row]!]!;
    const { outputs } = each[row]!;
    const offset = encoded.at === 'end' ? outputs.length / O - 1 : 0;
    return Array.from({ length: own.length / O }, (_, place) => place)
      .filter((place) => isPresent(own, O, place))
      .map((place) => ({ wanted: inOwnUnits(vectorAt(own, place)), answer: vectorAt(outputs, offset + place) }));
  };
  const pairs = Array.from(counted.keys()).flatMap(pairsOf);
  return {
    kind: 'numbers' as const,
    variables: variables.map(({ name, mean }, o) => ({
      name,
      error: Math.sqrt(meanOf(pairs, ({ wanted, answer }) => (answer[o]! - wanted[o]!) ** 2)),
      deviation: Math.sqrt(meanOf(pairs, ({ wanted }) => (wanted[o]! - mean) ** 2)),
    })),
    shown: Array.from(shown, (sample, i) => ({
      number: sample + 1,
      timesteps: each[counted.length + i]!.outputs.length / O,
      ...pairsOf(counted.length + i).at(-1)!,
    })),
  };
}

const meanOf = <T>(list: readonly T[], value: (one: T) => number): number =>
  list.reduce((sum, one) => sum + value(one), 0) / list.length;
