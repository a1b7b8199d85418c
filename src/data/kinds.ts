import type { Encoding } from '../model/encoding.ts';
import type { Configuration } from '../training/configuration.ts';
import { DataError, type Dataset, type LearnedNetwork, type Task } from './dataset.ts';
import { seriesTask } from './series/task.ts';
import { refusalOfText, textTask } from './text/task.ts';

/**
 * A dataset as a run with these settings learns it.
 *
 * @param known how the network reads and answers, where there is one already
 * @throws RangeError in one sentence, if the dataset is too small for it, or is not what the network knows
 */
export function taskOf(dataset: Dataset, configuration: Configuration, known?: Encoding): Task {
  switch (dataset.kind) {
    case 'text':
      return textTask(dataset, configuration, known);
    case 'series':
      return seriesTask(dataset, configuration, known);
    case 'labelled':
      throw new DataError('Not yet.');
  }
}

/** In a sentence, why a network that has learned something already cannot go on with a dataset; `undefined` if it can. */
export function refusalOf(dataset: Dataset, network: LearnedNetwork): string | undefined {
  switch (dataset.kind) {
    case 'text':
      return refusalOfText(dataset, network);
    case 'series':
    case 'labelled':
      return undefined;
  }
}
