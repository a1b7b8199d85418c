import type { Network } from '../../engine/engine.ts';
import type { Encoding } from '../../model/encoding.ts';
import { answersTo } from './answers.ts';
import { encodeTargets } from './encode.ts';
import { isPresent, type Numbers } from './places.ts';
import type { SampleInputs, Samples } from './samples.ts';

/** What a network takes one sample for. */
export interface Classified {
  /** The probability of each class when the sample has been read, `[O]`; `undefined` of a sample with nothing that is known. */
  readonly atEnd: Float32Array<ArrayBuffer> | undefined;
  /** The same after each timestep, `[T][O]`. */
  readonly afterEach: Float32Array<ArrayBuffer>;
}

/** What a network takes samples for. */
export interface Classification {
  readonly each: readonly Classified[];
  /** How often there were characters that the network does not know, which were left out. */
  readonly unknown: ReadonlyMap<string, number>;
}

/**
 * How likely a network takes each class for, of each sample.
 *
 * @param heard is told now and then which share of the samples is read, from 0 to 1
 * @throws RangeError if the network tells no classes apart, or does not take what the samples have
 */
export async function classify(
  network: Network,
  encoding: Encoding,
  inputs: SampleInputs,
  heard?: (share: number) => void,
): Promise<Classification> {
  const O = classesOf(encoding).length;
  const { each, unknown } = await answersTo(network, encoding, inputs, heard);
  return {
    each: each.map(({ outputs }) => ({
      atEnd: outputs.length === 0 ? undefined : outputs.slice(-O),
      afterEach: outputs,
    })),
    unknown,
  };
}

/** How often samples of one class were taken for another. */
export interface Confusion {
  readonly classes: readonly string[];
  /** How many places of each class were taken for each: `[actual][likeliest]`. */
  readonly counts: readonly (readonly number[])[];
  /** The share of the places that were taken for what they are. */
  readonly accuracy: number;
}

/**
 * Has a network classify samples whose labels are known, such as those held out.
 *
 * @param numbers which of the samples, with at least one label between them
 * @throws RangeError if the samples have no labels, or labels or characters that the network does not know
 */
export async function confusionOf(
  network: Network,
  encoding: Encoding,
  { inputs, targets }: Samples,
  numbers: Uint32Array,
  heard?: (share: number) => void,
): Promise<Confusion> {
  if (targets.kind !== 'classes') throw new RangeError('Only labels can be taken for one another.');
  const classes = classesOf(encoding);
  const labels = encodeTargets(targets, encoding);
  const { each, unknown } = await classify(network, encoding, someInputs(inputs, numbers), heard);
  const [first] = unknown.keys();
  // Without it labels and timesteps would no longer belong together.
  if (first !== undefined) throw new RangeError(`The network does not know the character “${first}”.`);
  return confusionIn(
    each,
    classes,
    Array.from(numbers, (sample) => labels[sample]!),
    targets.at,
  );
}

/**
 * How often samples of one class have been taken for another.
 *
 * @param labels the right classes of each, `[1]` or `[T]`, with at least one between them. A label of a sample with nothing that is
 *   known is taken for no class, which is wrong.
 * @param at when there are labels
 */
export function confusionIn(
  each: readonly Classified[],
  classes: readonly string[],
  labels: readonly Numbers[],
  at: 'end' | 'timestep',
): Confusion {
  const counts = classes.map(() => classes.map(() => 0));
  let [right, places] = [0, 0];
  for (const [sample, { atEnd, afterEach }] of each.entries()) {
    const outputs = at === 'end' ? atEnd : afterEach;
    for (const [place, label] of labels[sample]!.entries()) {
      if (!isPresent(labels[sample]!, 1, place)) continue;
      places++;
      if (outputs === undefined) continue;
      const likeliest = likeliestOf(outputs.subarray(place * classes.length, (place + 1) * classes.length));
      counts[label]![likeliest]! += 1;
      right += Number(likeliest === label);
    }
  }
  return { classes, counts, accuracy: right / places };
}

/** The number of the likeliest class. */
export const likeliestOf = (probabilities: Float32Array): number =>
  probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)));

function classesOf({ classes }: Encoding): readonly string[] {
  if (!classes) throw new RangeError('The network tells no classes apart: it predicts numbers.');
  return classes;
}

/** The inputs of some samples. */
export function someInputs(inputs: SampleInputs, numbers: Uint32Array): SampleInputs {
  return inputs.kind === 'symbols'
    ? { ...inputs, ids: Array.from(numbers, (sample) => inputs.ids[sample]!) }
    : { ...inputs, values: Array.from(numbers, (sample) => inputs.values[sample]!) };
}
