import { predictsItsInput, symbolModel } from '../../model/configuration.ts';
import type { Encoding } from '../../model/encoding.ts';
import { Vocabulary } from '../../model/vocabulary.ts';
import type { Configuration } from '../../training/configuration.ts';
import type { LearnedNetwork, Task } from '../dataset.ts';
import { bitsPerCharacter } from '../measure.ts';
import { leadInOf } from '../windows.ts';
import { baselines } from './baselines.ts';
import { contiguousStreams, fitCapacity, heldOutText, leastOfPiece, randomWindows } from './batches.ts';
import { type Corpus, floorOf } from './corpus.ts';
import { type Split, split } from './split.ts';

/** A text to be learned symbol by symbol: at each timestep one goes in, and the next should come out. */
export interface TextTask extends Task {
  readonly dataset: Corpus;
  readonly encoding: Encoding & { readonly vocabulary: Vocabulary };
  /** The text as symbols: what is trained on, and what is held out. */
  readonly text: Split;
}

/** What the floor is for each kind of output. */
const floorNames = {
  'log-softmax': 'the text’s own entropy',
  sigmoid: 'the least that this text costs outputs of which each answers for one symbol',
} as const;

/** By how many symbols at the end of the training text it is told how good a network is between two steps. */
const symbolsTried = 4096;

/**
 * A text as a run learns it: in windows or streams of `batch` rows and `sequence` timesteps, the last `validation` of it held out.
 *
 * @param known the network's symbols, where there is one already: the text's and maybe others
 * @throws RangeError naming a character of the text that the network does not know
 */
export function textTask(dataset: Corpus, configuration: Configuration, known?: Encoding): TextTask {
  const { cell, hidden, layers, output, biases, batch, sequence, seed } = configuration;
  const text = split(dataset.text, configuration.validation, known?.vocabulary);
  const { vocabulary, training, validation } = text;
  const capacity = fitCapacity({ rows: batch, timesteps: sequence + leadInOf(configuration) }, training.length);
  // In a short text, fewer timesteps lead in than were asked for.
  const leading = Math.max(0, capacity.timesteps - sequence);
  const batches =
    configuration.batches === 'windows'
      ? randomWindows(training, capacity, seed, leading)
      : contiguousStreams(training, capacity);
  const floor = floorOf(dataset, output);
  return {
    dataset,
    model: symbolModel(cell, vocabulary.size, hidden, { output, layers, ...(biases === 'off' && { biases: false }) }),
    encoding: { vocabulary },
    text,
    capacity,
    placesPerStep: capacity.rows * (capacity.timesteps - leading),
    unit: 'character',
    place: 'character',
    facts: [{ label: 'Vocabulary', figure: vocabulary.size, unit: 'characters' }],
    trainingLength: training.length,
    validationLength: validation.length,
    measure: bitsPerCharacter,
    ...(floor !== undefined && { floor: { loss: floor * Math.LN2, name: floorNames[output] } }),
    batch: batches,
    *heldOut(places) {
      if (validation.length === 0) return;
      const longest = Math.max(leastOfPiece(training, capacity), Math.floor(places / capacity.rows));
      yield* heldOutText(training, validation, capacity, longest);
    },
    tried() {
      const from = Math.max(1, training.length - symbolsTried);
      const [piece] = heldOutText(training.subarray(0, from), training.subarray(from), capacity, symbolsTried);
      return piece!;
    },
    *baselines() {
      // Simpler models spread one certainty over all symbols: what they reach is no measure for outputs by themselves.
      if (output !== 'log-softmax') return;
      for (const { name, bitsPerCharacter } of baselines(training, validation, vocabulary.size)) {
        yield { name, loss: bitsPerCharacter * Math.LN2 };
      }
    },
  };
}

/** In a sentence, why a network cannot learn a text; `undefined` if it can. */
export function refusalOfText({ name, text }: Corpus, { model, vocabulary }: LearnedNetwork): string | undefined {
  if (vocabulary === undefined || !predictsItsInput(model)) {
    return 'The file’s network does not predict the symbols that it reads, so no text can train it.';
  }
  if (model.cost === 'squared-error') {
    return 'The file’s network has learned by the squared error, of which there is no training on a text.';
  }
  const stranger = Vocabulary.of(text).symbols.find((symbol) => !vocabulary.knows(symbol));
  if (stranger === undefined) return undefined;
  return `“${name}” has the character “${stranger}”, which the file’s network does not know: give a text of its ${vocabulary.size} symbols.`;
}

/** A task as one of a text. @throws RangeError if it is not */
export function demandText(task: Task): TextTask {
  if (task.dataset.kind === 'text') return task as TextTask;
  throw new RangeError(`${task.dataset.name} is no text, which alone can be asked for that.`);
}
