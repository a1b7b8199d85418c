/**
 * What simpler models than a network reach on the same samples, the level lines of the training chart: who always says the same,
 * and for labels naive Bayes, which takes what it sees for independent of all else it sees, given the class (Manning, Raghavan and
 * Schütze, “Introduction to information retrieval”, 2008, chapter 13). Of characters it takes how often each occurs,
 *
 *     p(class | sample) ∝ p(class) Π_t p(x_t | class)    p(x | class) = (count(x, class) + 1) / (count(class) + V)
 *
 * and of numbers the mean of each variable over the sample, as normally distributed. It knows nothing of order. Where each timestep
 * has its label, it takes the present character or the present numbers alone.
 *
 * So that nothing is taken for impossible, each class has one sample more than there are: of all characters alike, or in the middle
 * of all numbers with their deviation (Laplace's rule of succession).
 */

import type { Encoding } from '../../model/encoding.ts';
import type { Baseline } from '../dataset.ts';
import { type EncodedSamples, timestepsIn } from './batches.ts';
import { isPresent } from './places.ts';

/** What a simpler model reaches on held-out samples. */
export interface LabelledBaseline extends Baseline {
  /** Of labels: the share of the held-out places at which it takes the right class for the likeliest. */
  readonly accuracy?: number;
}

/** Measures one model after another, the simplest first. With nothing held out there is nothing to measure. */
export function* labelledBaselines(
  samples: EncodedSamples,
  encoding: Encoding,
  training: Uint32Array,
  validation: Uint32Array,
): Generator<LabelledBaseline, void> {
  if (validation.length === 0) return;
  const { classes, outputs, vocabulary } = encoding;
  if (classes === undefined) {
    yield { name: 'mean of the targets', loss: lossOfMean(samples, training, validation, outputs!.length) };
    return;
  }
  const frequencies = logFrequencies(samples, training, classes.length);
  const measured = (name: string, model: Model) => ({ name, ...measure(samples, validation, model) });
  yield measured('most frequent class', () => frequencies);
  yield vocabulary
    ? measured('naive Bayes, characters', bayesOfSymbols(samples, training, frequencies, vocabulary.size))
    : measured('naive Bayes, means', bayesOfMeans(samples, training, frequencies));
}

/** What is seen of a place: the timesteps of a sample from one to before another. */
interface Seen {
  readonly sample: number;
  readonly first: number;
  readonly end: number;
}

/** Log-probabilities of the classes, but for what all have in common. */
type Model = (seen: Seen) => Float64Array;

/** Each place that counts, with its class. */
function* labelsOf(samples: EncodedSamples, numbers: Uint32Array): Generator<Seen & { readonly label: number }, void> {
  for (const sample of numbers) {
    const targets = samples.targets[sample]!;
    for (const [place, label] of targets.entries()) {
      if (!isPresent(targets, 1, place)) continue;
      const whole = samples.at === 'end';
      yield { sample, first: whole ? 0 : place, end: whole ? timestepsIn(samples, sample) : place + 1, label };
    }
  }
}

function measure(samples: EncodedSamples, validation: Uint32Array, model: Model) {
  let [loss, right, places] = [0, 0, 0];
  for (const { label, ...seen } of labelsOf(samples, validation)) {
    const scores = model(seen);
    const highest = scores.reduce((a, b) => Math.max(a, b));
    loss += highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0)) - scores[label]!;
    right += Number(scores.indexOf(highest) === label);
    places++;
  }
  return { loss: loss / places, accuracy: right / places };
}

/** log((count + 1) / (total + O)) of each class. */
function logFrequencies(samples: EncodedSamples, training: Uint32Array, O: number): Float64Array {
  const counts = new Float64Array(O).fill(1);
  for (const { label } of labelsOf(samples, training)) counts[label]! += 1;
  const total = counts.reduce((a, b) => a + b);
  return counts.map((count) => Math.log(count / total));
}

function bayesOfSymbols(samples: EncodedSamples, training: Uint32Array, frequencies: Float64Array, V: number): Model {
  const logs = Array.from(frequencies, () => new Float64Array(V).fill(1));
  for (const { sample, first, end, label } of labelsOf(samples, training)) {
    for (const symbol of samples.inputs[sample]!.subarray(first, end)) logs[label]![symbol]! += 1;
  }
  for (const counts of logs) {
    const total = counts.reduce((a, b) => a + b);
    for (const [symbol, count] of counts.entries()) counts[symbol] = Math.log(count / total);
  }
  return ({ sample, first, end }) => {
    const symbols = Array.from(samples.inputs[sample]!.subarray(first, end));
    return frequencies.map((score, label) => symbols.reduce((sum, symbol) => sum + logs[label]![symbol]!, score));
  };
}

function bayesOfMeans(samples: EncodedSamples, training: Uint32Array, frequencies: Float64Array): Model {
  const I = samples.inputWidth;
  const meansOf = ({ sample, first, end }: Seen) => {
    const means = new Float64Array(I);
    const values = samples.inputs[sample]!;
    for (let k = first * I; k < end * I; k++) means[k % I]! += values[k]! / (end - first);
    return means;
  };
  const seen = Array.from(labelsOf(samples, training), (place) => ({ label: place.label, means: meansOf(place) }));
  const all = Array.from({ length: I }, (_, i) => normal(seen.map(({ means }) => means[i]!)));
  const ofClass = Array.from(frequencies, (_, label) => {
    const own = seen.filter((place) => place.label === label);
    return all.map(({ mean, variance }, i) => {
      const values = own.map(({ means }) => means[i]!);
      // The sample more, of which half lies a deviation below the middle of all, and half above.
      const deviation = Math.sqrt(variance);
      return normal([...values, mean - deviation, mean + deviation], [...values.map(() => 1), 0.5, 0.5]);
    });
  });
  return (place) => {
    const means = meansOf(place);
    return frequencies.map((score, label) =>
      ofClass[label]!.reduce((sum, { mean, variance }, i) => {
        // What never varies tells nothing.
        if (variance === 0) return sum;
        return sum - ((means[i]! - mean) ** 2 / variance + Math.log(variance)) / 2;
      }, score),
    );
  };
}

/** Mean and variance of some numbers, at least one, of which each has a weight. */
function normal(values: readonly number[], weights: readonly number[] = values.map(() => 1)) {
  const total = weights.reduce((a, b) => a + b);
  const mean = values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total;
  const variance = values.reduce((sum, value, i) => sum + weights[i]! * (value - mean) ** 2, 0) / total;
  return { mean, variance };
}

/** Half the squared error of who always says the mean of the training targets. */
function lossOfMean(samples: EncodedSamples, training: Uint32Array, validation: Uint32Array, O: number): number {
  const placesOf = function* (numbers: Uint32Array) {
    for (const sample of numbers) {
      const targets = samples.targets[sample]!;
      for (let place = 0; place < targets.length / O; place++) {
        if (isPresent(targets, O, place)) yield targets.subarray(place * O, (place + 1) * O);
      }
    }
  };
  const means = new Float64Array(O);
  let trained = 0;
  for (const target of placesOf(training)) {
    trained++;
    for (let i = 0; i < O; i++) means[i]! += (target[i]! - means[i]!) / trained;
  }
  let [loss, places] = [0, 0];
  for (const target of placesOf(validation)) {
    places++;
    for (let i = 0; i < O; i++) loss += (target[i]! - means[i]!) ** 2 / 2;
  }
  return loss / places;
}
