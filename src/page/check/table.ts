import type { CheckRow } from '../../check/check.ts';
import { type CheckSummary, columnsOf, formatError } from '../../check/table.ts';
import { make, scrollByKeyboard } from '../dom.ts';

/** What a check found of an engine and a cell: the worst error of each quantity, a column for each yardstick. */
export function tableOf({ title, worst, failures }: CheckSummary): HTMLElement {
  const columns = columnsOf(worst);
  const heading = (text: string, scope: string) => make('th', { scope }, text);
  const table = make(
    'table',
    { class: 'figures', 'aria-label': title },
    make('thead', {}, make('tr', {}, make('td'), ...columns.map(({ yardstick }) => heading(yardstick, 'col')))),
    make(
      'tbody',
      {},
      ...Array.from(worst, ([quantity, known]) =>
        make('tr', {}, heading(quantity, 'row'), ...columns.map(({ yardstick }) => cellOf(known.get(yardstick)))),
      ),
    ),
    make(
      'tfoot',
      {},
      make('tr', {}, heading('allowed', 'row'), ...columns.map(({ bound }) => make('td', {}, formatError(bound)))),
    ),
  );
  const region = make('section', { class: 'scrolls', 'aria-label': title }, table);
  scrollByKeyboard(region, table);
  const verdict = make('span', { class: 'circumstances' }, failures.length === 0 ? 'passes' : 'fails');
  return make('div', {}, make('h3', {}, title, ' ', verdict), region);
}

function cellOf(row: CheckRow | undefined): HTMLElement {
  if (!row) return make('td');
  const error = Number.isNaN(row.error) ? 'no number' : formatError(row.error);
  return row.passed ? make('td', {}, error) : make('td', { class: 'wrong' }, `✗ ${error}`);
}
