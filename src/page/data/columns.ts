import type { Dataset } from '../../data/dataset.ts';
import { listed } from '../../data/fault.ts';
import { quote } from '../../quote.ts';

/** Columns that are named, if there are more. */
const named = 12;

/** Which columns there are to choose from; '' where there is no choice. */
export function remarkAboutColumns(dataset: Dataset | null): string {
  if (dataset?.kind !== 'series' || dataset.columns.length < 2) return '';
  const names = dataset.columns.slice(0, named).map(({ name }) => quote(name));
  const more = dataset.columns.length - names.length;
  return `There are ${listed(more > 0 ? [...names, `${more} more`] : names)}.`;
}
