import type { Dataset } from './dataset.ts';
import { included, isIncluded } from './included.ts';
import { findBook } from './library.ts';
import type { DatasetName } from './names.ts';

/**
 * A dataset by its name, as Node finds it.
 *
 * @throws DataError in one sentence, if it is nowhere to be had
 */
export const findDataset = (name: DatasetName): Promise<Dataset> => (isIncluded(name) ? included[name]() : findBook());
