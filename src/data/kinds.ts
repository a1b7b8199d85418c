import { predictsItsInput } from '../model/configuration.ts';
import type { Encoding } from '../model/encoding.ts';
import type { Configuration, SettingName } from '../training/configuration.ts';
import type { Dataset, Kind, LearnedNetwork, Task } from './dataset.ts';
import { refusalOfText, textTask } from './text/task.ts';

/**
 * A dataset as a run with these settings learns it. What only some visitors of a page have is fetched for them alone.
 *
 * @param known how the network reads and answers, where there is one already
 * @throws RangeError in one sentence, if the dataset is too small for it, or is not what the network knows
 */
export async function taskOf(dataset: Dataset, configuration: Configuration, known?: Encoding): Promise<Task> {
  switch (dataset.kind) {
    case 'text':
      return textTask(dataset, configuration, known);
    case 'series':
      return (await import('./series/task.ts')).seriesTask(dataset, configuration, known);
    case 'labelled':
      return (await import('./labelled/task.ts')).samplesTask(dataset, configuration, known);
  }
}

/** The kind of data that a network has learned from, as far as can be told by how it reads and answers. */
export function kindLearned({ vocabulary, inputs, classes, outputs, ahead, model }: LearnedNetwork): Kind | undefined {
  if (ahead !== undefined) return inputs && outputs && model.output === 'linear' ? 'series' : undefined;
  if ((vocabulary || inputs) && (classes || outputs)) return 'labelled';
  return vocabulary && predictsItsInput(model) ? 'text' : undefined;
}

/**
 * In a sentence, why a network that has learned something already cannot go on with a dataset; `undefined` if it can, as far as can
 * be told by its outputs.
 */
export function refusalOf(dataset: Dataset, network: LearnedNetwork): string | undefined {
  if (dataset.kind === 'text') return refusalOfText(dataset, network);
  if (kindLearned(network) === dataset.kind) return undefined;
  const what = dataset.kind === 'series' ? 'a series' : 'labelled sequences';
  return `The file’s network has not learned from ${what}, so none can train it further.`;
}

/** The settings that mean nothing to a kind of data, whatever they say. */
const meaningless: Readonly<Record<Kind, readonly SettingName[]>> = {
  text: ['inputs', 'predict', 'ahead'],
  series: ['output', 'prime', 'temperature'],
  labelled: ['inputs', 'predict', 'ahead', 'output', 'sequence', 'batches', 'leadIn', 'prime', 'temperature'],
};

/** Whether a setting means something to a kind of data. */
export const matters = (name: SettingName, kind: Kind): boolean => !meaningless[kind].includes(name);
