import { highestOrder, meanSurprisal, nGramProbabilities } from '../data/text/baselines.ts';
import { heldOutText, type Piece, type SymbolBatch } from '../data/text/batches.ts';
import type { Split } from '../data/text/split.ts';
import type { AdamSettings, Session } from '../engine/engine.ts';

/**
 * What a trained network can do on text that it has not seen, besides predicting it as it is. Each figure stands for itself: the
 * others are no figures of the network.
 */
export interface Evaluation {
  /** How many characters were predicted. */
  readonly characters: number;
  /** Of the network as it is, in bits a character. */
  readonly network: number;
  /** Of the network that goes on learning from what it has read: dynamic evaluation. */
  readonly dynamic: number;
  /** Of the network mixed with n-grams. */
  readonly mixed: number;
}

/** How a network goes on learning while it is evaluated. */
export interface DynamicSettings {
  /** Symbols that are read between two steps. */
  readonly segment: number;
  readonly learningRate: number;
}

/** What dynamic evaluation does unless it is told otherwise. */
export const dynamicDefaults: DynamicSettings = { segment: 32, learningRate: 0.0003 };

/** Milliseconds of work between two moments in which others have their turn. */
const breathEvery = 30;

/** How fast the shares of a mixture follow what was better of late. */
const mixingRate = 0.02;

/** Room that an evaluation needs of a session. */
export const evaluationCapacity = ({ segment }: DynamicSettings) => ({ rows: 32, timesteps: Math.max(256, segment) });
/** Of those timesteps, as many bring a state about before the others count. */
const before = 64;

/** What is under way, and how much of it is done, from 0 to 1. */
export interface EvaluationProgress {
  readonly phase: 'network' | 'dynamic' | 'n-grams';
  readonly share: number;
}

/**
 * Evaluates a network on the held-out part of a text, in bits a character.
 *
 * Dynamic evaluation (Krause et al., "Dynamic Evaluation of Neural Sequence Models", 2018) reads the text once, in order: after
 * each segment the network takes a step down that segment's gradient, scaled by the gradients' size in training, as RMSprop does.
 * Every symbol is predicted before the network learns from it.
 *
 * The mixture gives a symbol λ p + (1 − λ) q, with p the network's probability and q that of an n-gram of the highest order that
 * the training chart shows. λ begins at ½ and follows, symbol by symbol, which of the two would have been right: nothing is
 * fitted to what is still to be read.
 *
 * @param session of the capacity `evaluationCapacity`, into which the network was written: with what it knows of its gradients'
 *   sizes, `v`, if it was trained here. Afterwards its parameters are others.
 * @throws RangeError if nothing is held out, or the network does not give the next symbol's probabilities
 * @throws the signal's reason as soon as it is aborted
 */
export async function evaluate(
  session: Session,
  { vocabulary, training, validation }: Split,
  settings: DynamicSettings = dynamicDefaults,
  onProgress: (progress: EvaluationProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<Evaluation> {
  const { output, inputs } = session.model;
  if (output !== 'log-softmax' || inputs !== 'symbols') {
    throw new RangeError('Only a network whose outputs are the probabilities of the next symbol can be evaluated so.');
  }
  if (validation.length === 0)
    throw new RangeError('Nothing of the text is held out: there is nothing to evaluate on.');
  let breath = performance.now();
  const step = async (phase: EvaluationProgress['phase'], share: number) => {
    onProgress({ phase, share });
    // Browsers hold up timers that come one behind the other.
    if (performance.now() - breath > breathEvery) {
      await new Promise((resolve) => setTimeout(resolve));
      breath = performance.now();
    }
    signal?.throwIfAborted();
  };
  const told = new Float64Array(validation.length);
  const { rows, timesteps } = session.capacity;
  let read = 0;
  for (const piece of heldOutText(training, validation, { rows, timesteps: before }, timesteps - before)) {
    await step('network', read);
    takeProbabilities(told, piece, (await session.trace(piece)).outputs);
    read += piece.share;
  }
  const network = meanSurprisal(told);

  let nGrams = told;
  let orders = 0;
  for (nGrams of nGramProbabilities(training, validation, vocabulary.size)) {
    await step('n-grams', ++orders / (highestOrder + 1));
  }
  const mixed = meanSurprisal(mixture(told, nGrams));

  const dynamic = await evaluateDynamically(session, training, validation, settings, (share) => step('dynamic', share));
  return { characters: validation.length, network, dynamic, mixed };
}

/** Takes down what the network said of each symbol that a piece counts. */
function takeProbabilities(told: Float64Array, piece: Piece, outputs: ArrayLike<number>): void {
  const { rows, timesteps, targets, places, countFrom = 0, lengths } = piece;
  const O = outputs.length / (rows * timesteps);
  for (const [row, place] of places.entries()) {
    const end = lengths?.[row] ?? timesteps;
    for (let t = countFrom; t < end; t++) {
      const at = t * rows + row;
      told[place + t - countFrom] = outputs[at * O + targets[at]!]!;
    }
  }
}

/** What each symbol's probability is by a mixture of two models, of which the shares follow what they said before. */
function mixture(one: Float64Array, other: Float64Array): Float64Array {
  let share = 1 / 2;
  return one.map((p, i) => {
    const mixed = share * p + (1 - share) * other[i]!;
    share += mixingRate * ((share * p) / mixed - share);
    return mixed;
  });
}

/** The mean surprisal, in bits, of a network that goes on learning from each segment of what it reads. */
async function evaluateDynamically(
  session: Session,
  training: Uint32Array,
  validation: Uint32Array,
  { segment, learningRate }: DynamicSettings,
  breathe: (share: number) => Promise<void>,
): Promise<number> {
  const known = training.subarray(-(before + 1));
  const text = new Uint32Array(known.length + validation.length);
  text.set(known);
  text.set(validation, known.length);
  // No momentum, and the sizes of gradients as training left them.
  const adam: AdamSettings = { learningRate, beta1: 0, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };
  const take = (from: number, end: number, initialState: SymbolBatch['initialState'], learningRate: number) => {
    const batch: SymbolBatch = {
      rows: 1,
      timesteps: end - from,
      inputs: text.slice(from - 1, end - 1),
      targets: text.slice(from, end),
      initialState,
    };
    return session.step(batch, { ...adam, learningRate });
  };
  // The end of the training text brings about the state in which the rest is met.
  await take(1, known.length, 'zero', 0);
  let nats = 0;
  for (let from = known.length; from < text.length; from += segment) {
    await breathe((from - known.length) / validation.length);
    const end = Math.min(from + segment, text.length);
    const { loss } = await take(from, end, 'carried', learningRate);
    nats += loss * (end - from);
  }
  return nats / validation.length / Math.LN2;
}
