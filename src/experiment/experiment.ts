import type { Split } from '../data/text/split.ts';
import type { Network } from '../engine/engine.ts';
import { Random } from '../model/random.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { type Continuation, longestMatches, type Match } from './matching.ts';
import { greedyPredictions } from './n-grams.ts';
import { assertOptions, complaintAboutParts, type ExperimentOptions } from './options.ts';

/** What the experiment finds. It is plain data: `JSON.stringify` of it is its JSON. */
export interface ExperimentResult {
  readonly options: ExperimentOptions;
  /** The network on primes from the training text, then from the held-out part if asked for; then each n-gram. */
  readonly series: readonly Series[];
}

/** One model's predictions for primes from one part of the text. */
export interface Series {
  /** `network`, or `n-gram, order 4`. */
  readonly model: string;
  readonly primesFrom: Part;
  /** How many trials reached at least n matching characters, for n from 0 to the length of the predictions. */
  readonly curve: readonly number[];
  readonly trials: readonly Trial[];
}

/** Where primes are drawn from. */
export type Part = 'training text' | 'held-out part';

/** A prime, what the model predicted to follow it, and how long the training text agrees. */
export interface Trial {
  /** Where the prime was drawn, in characters from the start of its part. */
  readonly start: number;
  readonly prime: string;
  readonly prediction: string;
  /** How often the prime occurs in the training text. */
  readonly occurrences: number;
  /** The occurrence, in characters from the start, after which the text agrees longest; `null` if there is none. */
  readonly place: number | null;
  /** For how many characters it agrees there. */
  readonly length: number;
  /** The text before the prime at that place, and after what agrees: a few characters. */
  readonly before: string;
  readonly after: string;
}

/** What the experiment is about, and how much of that is done, from 0 to 1; of the network's predictions nothing is known. */
export interface ExperimentProgress {
  readonly phase: 'predicting' | 'n-grams' | 'matching';
  readonly share?: number;
}

/** Milliseconds of work between two moments in which others have their turn. */
const breathEvery = 30;
/** Characters of the text on either side of a match. */
const contextLength = 24;

/**
 * Measures how long a network's predictions match the text it has learned. Primes are drawn uniformly from the training
 * text; from a zero state the network reads each and goes on with its own predictions, all of them as one batch. For
 * every occurrence of a prime in the training text it is counted how many predicted characters equal the text from there
 * on; the longest counts.
 *
 * @param network what predicts; only the prediction keeps it busy
 * @throws RangeError in one sentence, if an option is out of range or a part of the text shorter than a prime
 * @throws the signal's reason as soon as it is aborted
 */
export async function runExperiment(
  network: Pick<Network, 'generate'>,
  { vocabulary, training, validation }: Split,
  options: ExperimentOptions,
  onProgress: (progress: ExperimentProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<ExperimentResult> {
  assertOptions(options);
  const complaint = complaintAboutParts(options, training.length, validation.length);
  if (complaint) throw new RangeError(complaint);
  const { trials, length, temperature, seed, orders } = options;
  const random = new Random(seed);
  const drawn = draw(training, options, random);
  const heldOut = options.heldOut ? draw(validation, options, random) : [];
  const all = [...drawn, ...heldOut].map(({ prime }) => prime);

  /** Works in stretches, so that whoever shares this thread can do something in between, and the signal is heard. */
  const carryOut = async <Result>(phase: ExperimentProgress['phase'], work: Generator<number, Result>) => {
    onProgress({ phase, share: 0 });
    for (let breath = performance.now(); ; ) {
      const { done, value } = work.next();
      if (done) return value;
      if (performance.now() - breath < breathEvery) continue;
      onProgress({ phase, share: value });
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      breath = performance.now();
    }
  };

  signal?.throwIfAborted();
  onProgress({ phase: 'predicting' });
  const predicted = await unlessAborted(network.generate(all, length, { temperature, seed }), signal);
  const primes = all.slice(0, trials);
  const ofNGrams = await carryOut('n-grams', greedyPredictions(training, vocabulary.size, primes, length, orders));

  const planned = [
    { model: 'network', primesFrom: 'training text', drawn, predicted: predicted.slice(0, trials) },
    { model: 'network', primesFrom: 'held-out part', drawn: heldOut, predicted: predicted.slice(trials) },
    ...orders.map((order, i) => ({
      model: `n-gram, order ${order}`,
      primesFrom: 'training text' as const,
      drawn,
      predicted: ofNGrams[i]!,
    })),
  ] as const;
  const continuations = planned.map(({ drawn, predicted }) =>
    drawn.map(({ start, prime }, i) => ({ start, prime, prediction: predicted[i]! })),
  );
  const matches = await carryOut('matching', longestMatches(training, continuations.flat()));

  let taken = 0;
  const series = planned.map(({ model, primesFrom }, i) => {
    const trials = continuations[i]!.map((drawn) => describe(drawn, matches[taken++]!, training, vocabulary));
    return { model, primesFrom, curve: curveOf(trials, length), trials };
  });
  return { options, series: series.filter(({ trials }) => trials.length > 0) };
}

/** How many of the trials reached at least n, for n from 0 to `longest`. */
export function curveOf(trials: readonly { readonly length: number }[], longest: number): number[] {
  const curve = new Array<number>(longest + 1).fill(0);
  for (const { length } of trials) curve[length]!++;
  for (let n = longest; n > 0; n--) curve[n - 1]! += curve[n]!;
  return curve;
}

/** Primes from anywhere in a part of the text, each place as likely as any other. */
function draw(text: Uint32Array, { trials, primeLength }: ExperimentOptions, random: Random) {
  return Array.from({ length: trials }, () => {
    const start = random.integer(text.length - primeLength + 1);
    return { start, prime: text.subarray(start, start + primeLength) };
  });
}

function describe(
  { start, prime, prediction }: Continuation & { readonly start: number },
  { occurrences, place, length }: Match,
  text: Uint32Array,
  vocabulary: Vocabulary,
): Trial {
  const end = place + prime.length + length;
  return {
    start,
    prime: vocabulary.decode(prime),
    prediction: vocabulary.decode(prediction),
    occurrences,
    place: place < 0 ? null : place,
    length,
    before: place < 0 ? '' : vocabulary.decode(text.subarray(Math.max(0, place - contextLength), place)),
    after: place < 0 ? '' : vocabulary.decode(text.subarray(end, end + contextLength)),
  };
}

/** Waits for what cannot be stopped, but no longer than until the signal is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
