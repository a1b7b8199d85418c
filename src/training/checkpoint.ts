import type { Corpus } from '../corpus/corpus.ts';
import { fingerprint } from '../corpus/fingerprint.ts';
import { chooseEngine } from '../engine/choose.ts';
import type { TrainingState } from '../engine/engine.ts';
import { FileError } from '../files/error.ts';
import { quote } from '../files/json.ts';
import type { ModelFile, Training } from '../files/model-file.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { type Configuration, type SettingName, settingNames, settings } from './configuration.ts';
import { type Choose, Run } from './run.ts';

/** The settings that may change when a checkpoint is taken up. The others fix the network, or the order of the batches. */
const resumableSettings: readonly SettingName[] = [
  'engine',
  'steps',
  'learningRate',
  'schedule',
  'warmup',
  'clipNorm',
  'prime',
  'temperature',
];

/** Whether a setting may be another one when a checkpoint is taken up. */
export const isResumable = (name: SettingName): boolean => resumableSettings.includes(name);

/**
 * A run as a file holds it.
 *
 * @param state what `run.read()` gave
 */
export function checkpointOf(
  run: Run,
  { parameters, ...progress }: TrainingState,
): ModelFile & { readonly training: Training } {
  const { model, vocabulary, configuration, corpus, engine, session } = run;
  return {
    model,
    vocabulary,
    parameters,
    training: {
      ...progress,
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
 * The settings with which a file's training goes on.
 *
 * @param change settings that shall be others than in the file
 * @throws FileError if the file is no checkpoint, or of another text; RangeError if a setting cannot be changed any more
 */
export function resumedConfiguration(file: ModelFile, corpus: Corpus, change: Partial<Configuration>): Configuration {
  const { training, vocabulary } = file;
  if (training === undefined || vocabulary === undefined) {
    throw new FileError('The file holds a network, but no state of its training that could be taken up.');
  }
  if (fingerprint(corpus) !== training.corpus.sha256) {
    throw new FileError(
      `It was trained on ${quote(training.corpus.name)} (SHA-256 ${training.corpus.sha256.slice(0, 12)}…), not on ` +
        `${quote(corpus.name)} as it is: give that text.`,
    );
  }
  const { symbols } = Vocabulary.of(corpus.text);
  if (symbols.length !== vocabulary.size || symbols.some((symbol, id) => symbol !== vocabulary.symbols[id])) {
    throw new FileError('The file’s vocabulary is not that of its text: the file is damaged.');
  }
  const before = training.configuration;
  const fixed = settingNames.find(
    (name) => change[name] !== undefined && change[name] !== before[name] && !isResumable(name),
  );
  if (fixed !== undefined) {
    const label = (name: SettingName) => settings[name].label;
    throw new RangeError(
      `${label(fixed)} is ${before[fixed]} and cannot become ${change[fixed]}; what may change: ${resumableSettings.map(label).join(', ')}.`,
    );
  }
  return { ...before, ...change };
}

/**
 * Opens a run where a file left it: with the same text and settings it goes on as if it had never stopped, to the last bit
 * on the same engine with the same number of threads.
 *
 * @param change settings that shall be others than in the file
 * @param choose what picks the engine
 * @throws FileError if the file is no checkpoint, or of another text; RangeError if a setting cannot be changed any more;
 *   Error as `Run.open` does
 */
export async function resume(
  file: ModelFile,
  corpus: Corpus,
  change: Partial<Configuration> = {},
  choose: Choose = chooseEngine,
): Promise<Run> {
  const run = await Run.open(corpus, resumedConfiguration(file, corpus, change), choose, file.training?.engine);
  run.write({ ...file.training!, parameters: file.parameters });
  return run;
}
