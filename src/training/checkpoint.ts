import type { Dataset } from '../data/dataset.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { refusalOf } from '../data/kinds.ts';
import { chooseEngine } from '../engine/choose.ts';
import { initialState } from '../engine/initial-state.ts';
import { FileError } from '../files/error.ts';
import type { HeldOut, ModelFile, Training } from '../files/model-file.ts';
import { encodingIn } from '../model/encoding.ts';
import { quote } from '../quote.ts';
import { type Configuration, defaultConfiguration, type SettingName, settingNames, settings } from './configuration.ts';
import { settingsOfNetwork } from './network-settings.ts';
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
 * A run as a file holds it. The network is the best on the held-out part, or where `keep` says so, or nothing was looked at, the
 * one that stands: with the averaged parameters, if the run averages.
 *
 * @param state what `run.read()` gave
 */
export function checkpointOf(run: Run, { heldOut, ...state }: Learned): ModelFile & { readonly training: Training } {
  const { task, configuration, engine, session } = run;
  const { model, encoding, dataset } = task;
  const { parameters: best, ...shown } = heldOut ?? { parameters: undefined };
  return {
    model,
    ...encoding,
    parameters: (configuration.keep === 'best' ? best : undefined) ?? state.averaged ?? state.parameters,
    training: {
      ...state,
      ...(heldOut !== undefined && { heldOut: shown as HeldOut }),
      configuration: { ...configuration },
      dataset: { name: dataset.name, sha256: fingerprint(dataset) },
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
 * @throws FileError if the network cannot learn this, or has learned something else; RangeError if a setting cannot be changed
 */
export function resumedConfiguration(file: ModelFile, dataset: Dataset, change: Partial<Configuration>): Configuration {
  const { training } = file;
  if (training !== undefined && fingerprint(dataset) !== training.dataset.sha256) {
    throw new FileError(
      `It was trained on ${quote(training.dataset.name)} (SHA-256 ${training.dataset.sha256.slice(0, 12)}…), not on ` +
        `${quote(dataset.name)} as it is: give that.`,
    );
  }
  const refusal = refusalOf(dataset, file);
  if (refusal !== undefined) throw new FileError(refusal);
  const before = training?.configuration ?? { ...defaultConfiguration, ...change, ...settingsOfNetwork(file) };
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
 * Opens a run where a file left it: with the same data and settings it goes on as if it had never stopped, to the last bit
 * on the same engine with the same number of threads. A network without a training, which may come from elsewhere, stands
 * before its first step.
 *
 * @param change settings that shall be others than in the file
 * @param choose what picks the engine
 * @throws FileError if the network cannot learn this, or has learned something else; RangeError if a setting cannot be changed;
 *   Error as `Run.open` does
 */
export async function resume(
  file: ModelFile,
  dataset: Dataset,
  change: Partial<Configuration> = {},
  choose: Choose = chooseEngine,
): Promise<Run> {
  const { training, parameters } = file;
  const configuration = resumedConfiguration(file, dataset, change);
  const run = await Run.open(dataset, configuration, choose, training?.engine, encodingIn(file));
  if (training === undefined) run.write({ ...initialState(run.model, run.session.capacity, 0), parameters });
  else run.write({ ...stateOf(training), ...heldOutOf(file, configuration) });
  if (run.outOfPatience) run.renewPatience();
  return run;
}

const stateOf = ({ step, parameters, averaged, m, v, carriedState, course }: Training): Learned => ({
  step,
  parameters,
  ...(averaged && { averaged }),
  m,
  v,
  carriedState,
  ...(course && { course }),
});

/** What the held-out part has shown. If the best network shall be kept from now on, but was not, it is sought anew. */
function heldOutOf({ training, parameters }: ModelFile, { keep }: Configuration): Pick<Learned, 'heldOut'> {
  if (training?.heldOut === undefined) return {};
  if (training.configuration.keep === 'best') return { heldOut: { ...training.heldOut, parameters } };
  return keep === 'best' ? {} : { heldOut: training.heldOut };
}
