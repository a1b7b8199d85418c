import type { Dataset } from './dataset.ts';
import { included } from './included.ts';
import { findBook } from './library.ts';
import type { DatasetName } from './names.ts';
import { fieldNotes } from './text/field-notes.ts';

/**
 * A dataset by its name, as Node finds it.
 *
 * @throws DataError in one sentence, if it is nowhere to be had
 */
export async function findDataset(name: DatasetName): Promise<Dataset> {
  if (name === 'field-notes') return fieldNotes();
  return name === 'origin-of-species' ? findBook() : included[name]();
}
