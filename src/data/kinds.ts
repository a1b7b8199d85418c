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

/**
 * In a sentence, why a network that has learned something already cannot go on with a dataset; `undefined` if it can, as far as can
 * be told by its outputs.
 */
export function refusalOf(dataset: Dataset, network: LearnedNetwork): string | undefined {
  const { vocabulary, inputs, classes, outputs, ahead, model } = network;
  switch (dataset.kind) {
    case 'text':
      return refusalOfText(dataset, network);
    case 'series':
      if (inputs && outputs && ahead !== undefined && model.output === 'linear') return undefined;
      return 'The file’s network has not learned from a series, so none can train it further.';
    case 'labelled':
      if ((vocabulary || inputs) && (classes || outputs) && ahead === undefined) return undefined;
      return 'The file’s network has not learned from labelled sequences, so none can train it further.';
  }
}

/** The settings that mean nothing to a kind of data, whatever they say. */
const meaningless: Readonly<Record<Kind, readonly SettingName[]>> = {
  text: ['inputs', 'predict', 'ahead'],
  series: ['output', 'prime', 'temperature'],
  labelled: ['inputs', 'predict', 'ahead', 'output', 'sequence', 'batches', 'leadIn', 'prime', 'temperature'],
};

/** Whether a setting means something to a kind of data. */
export const matters = (name: SettingName, kind: Kind): boolean => !meaningless[kind].includes(name);
