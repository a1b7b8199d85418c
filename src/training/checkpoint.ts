import { fingerprint } from '../data/fingerprint.ts';
import type { Corpus } from '../data/text/corpus.ts';
import { chooseEngine } from '../engine/choose.ts';
import { initialState } from '../engine/initial-state.ts';
import { FileError } from '../files/error.ts';
import { quote } from '../files/json.ts';
import type { HeldOut, ModelFile, Training } from '../files/model-file.ts';
import { symbolModel } from '../model/configuration.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { type Configuration, defaultConfiguration, type SettingName, settingNames, settings } from './configuration.ts';
import { type Choose, type Learned, Run } from './run.ts';

/** The settings that may change when a checkpoint is taken up. The others fix the network, or the order of the batches. */
const resumableSettings: readonly SettingName[] = [
  'engine',
  'steps',
  'learningRate',
  'schedule',
  'decay',
  'warmup',
  'clipNorm',
  'parts',
  'dropout',
  'recurrentDropout',
  'dropoutMasks',
  'weightDecay',
  'averaging',
  'beta1',
  'beta2',
  'epsilon',
  'evaluateEvery',
  'patience',
  'keep',
  'prime',
  'temperature',
];

/** Whether a setting may be another one when a checkpoint is taken up. */
export const isResumable = (name: SettingName): boolean => resumableSettings.includes(name);

/**
 * A run as a file holds it. The network is the best on the held-out text, or where `keep` says so, or nothing was looked at, the
 * one that stands: with the averaged parameters, if the run averages.
 *
 * @param state what `run.read()` gave
 */
export function checkpointOf(run: Run, { heldOut, ...state }: Learned): ModelFile & { readonly training: Training } {
  const { model, vocabulary, configuration, corpus, engine, session } = run;
  const { parameters: best, ...shown } = heldOut ?? { parameters: undefined };
  return {
    model,
    vocabulary,
    parameters: (configuration.keep === 'best' ? best : undefined) ?? state.averaged ?? state.parameters,
    training: {
      ...state,
      ...(heldOut !== undefined && { heldOut: shown as HeldOut }),
      configuration: { ...configuration },
      corpus: { name: corpus.name, sha256: fingerprint(corpus) },
      engine: {
        name: engine.name,
        device: engine.device,
        ...(session.tuning !== undefined && { tuning: session.tuning }),
      },
    },
  };
}

/**
 * The settings with which a file's training goes on. A network without a training begins one: then all may be chosen that do
 * not say what the network is.
 *
 * @param change settings that shall be others than in the file
 * @throws FileError if the network cannot learn the text, or has learned another; RangeError if a setting cannot be changed
 */
export function resumedConfiguration(file: ModelFile, corpus: Corpus, change: Partial<Configuration>): Configuration {
  const { training, model, vocabulary } = file;
  const { cell, layers, hiddenSize: hidden, outputSize } = model;
  if (vocabulary === undefined || model.output === 'linear' || model.inputSize !== outputSize) {
    throw new FileError('The file’s network does not predict the symbols that it reads, so no text can train it.');
  }
  const { output } = model;
  if (model.cost !== symbolModel(cell, outputSize, hidden, { output }).cost) {
    throw new FileError(
      'The file’s network has learned by the squared error, of which there is no training on a text.',
    );
  }
  if (training !== undefined && fingerprint(corpus) !== training.corpus.sha256) {
    throw new FileError(
      `It was trained on ${quote(training.corpus.name)} (SHA-256 ${training.corpus.sha256.slice(0, 12)}…), not on ` +
        `${quote(corpus.name)} as it is: give that text.`,
    );
  }
  const stranger = Vocabulary.of(corpus.text).symbols.find((symbol) => !vocabulary.knows(symbol));
  if (stranger !== undefined) {
    throw new FileError(
      `${quote(corpus.name)} has the character ${quote(stranger)}, which the file’s network does not know: give a text of its ${vocabulary.size} symbols.`,
    );
  }
  const network = { cell, layers, hidden, output };
  const before = training?.configuration ?? { ...defaultConfiguration, ...change, ...network };
  const fixed = settingNames.find(
    (name) => change[name] !== undefined && change[name] !== before[name] && !isResumable(name),
  );
  if (fixed !== undefined) {
    const label = (name: SettingName) => settings[name].label;
    const may = training ? resumableSettings.map(label).join(', ') : 'all that do not say what the network is';
    throw new RangeError(
      `${label(fixed)} is ${before[fixed]} and cannot become ${change[fixed]}; what may change: ${may}.`,
    );
  }
  return { ...before, ...change };
}

/**
 * Opens a run where a file left it: with the same text and settings it goes on as if it had never stopped, to the last bit
 * on the same engine with the same number of threads. A network without a training, which may come from elsewhere, stands
 * before its first step.
 *
 * @param change settings that shall be others than in the file
 * @param choose what picks the engine
 * @throws FileError if the network cannot learn the text, or has learned another; RangeError if a setting cannot be changed;
 *   Error as `Run.open` does
 */
export async function resume(
  file: ModelFile,
  corpus: Corpus,
  change: Partial<Configuration> = {},
  choose: Choose = chooseEngine,
): Promise<Run> {
  const { training, parameters, vocabulary } = file;
  const configuration = resumedConfiguration(file, corpus, change);
  const run = await Run.open(corpus, configuration, choose, training?.engine, vocabulary);
  if (training === undefined) run.write({ ...initialState(run.model, run.session.capacity, 0), parameters });
  else run.write({ ...stateOf(training), ...heldOutOf(file, configuration) });
  if (run.outOfPatience) run.renewPatience();
  return run;
}

const stateOf = ({ step, parameters, averaged, m, v, carriedState }: Training): Learned => ({
  step,
  parameters,
  ...(averaged && { averaged }),
  m,
  v,
  carriedState,
});

/** What the held-out text has shown. If the best network shall be kept from now on, but was not, it is sought anew. */
function heldOutOf({ training, parameters }: ModelFile, { keep }: Configuration): Pick<Learned, 'heldOut'> {
  if (training?.heldOut === undefined) return {};
  if (training.configuration.keep === 'best') return { heldOut: { ...training.heldOut, parameters } };
  return keep === 'best' ? {} : { heldOut: training.heldOut };
}
