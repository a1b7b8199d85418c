import { bitsPerCharacter } from '../../data/measure.ts';
import { choiceLabel, formatCount, formatDuration, formatLoss, formatTime } from '../../format.ts';
import type { SavedRun } from '../../storage/saved-runs.ts';
import { type SettingName, settings } from '../../training/configuration.ts';
import { make } from '../dom.ts';
import { bestOf, comparableGroups, differingSettings, type Ranked, rankedFigure, toldSetting } from './columns.ts';
import { swatch, titleOf } from './compared.ts';

/** What can be done with a run of the table. */
export interface TableListener {
  compare(id: string, wanted: boolean): void;
  /** `null`: it has no name. */
  rename(id: string, name: string | null): void;
  resume(id: string): void;
  export(id: string): void;
  delete(id: string): void;
}

/** A column of the table. */
interface Column {
  readonly title: string;
  /** Whether it holds figures, which stand below each other by their ends. */
  readonly figures?: true;
  readonly cell: (run: SavedRun, group: readonly SavedRun[]) => Node | string;
}

const settingColumn = (name: SettingName, title = settings[name].label): Column => ({
  title,
  cell: (run) => toldSetting(run, name) ?? '–',
});

const lossColumn = (by: Ranked, title: string): Column => ({
  title,
  figures: true,
  cell: (run, group) => {
    const figure = rankedFigure(run, by);
    if (figure === undefined) return '–';
    const told = formatLoss(figure, run.measure ?? bitsPerCharacter);
    return bestOf(group, by) === run ? make('strong', { class: 'best' }, told, ' best') : told;
  },
});

/**
 * The runs, each with its settings as far as they differ, its figures, and what can be done with it. Runs that cannot be compared
 * with each other stand in groups of their own.
 *
 * @param current the id of the run that stands, which comes first
 * @param placeOf a run's place among those compared; −1 if it is none of them
 */
export function tableOfRuns(
  runs: readonly SavedRun[],
  current: string | null,
  placeOf: (id: string) => number,
  on: TableListener,
): HTMLElement {
  const ordered = [...runs.filter(({ id }) => id === current), ...runs.filter(({ id }) => id !== current)];
  const groups = comparableGroups(ordered);
  const columns: readonly Column[] = [
    { title: 'Learns', cell: ({ dataset }) => dataset.name },
    { title: 'Cell', cell: ({ cell }) => choiceLabel(cell) },
    { title: 'Layers', figures: true, cell: ({ layers = 1 }) => formatCount(layers) },
    { title: 'Units', figures: true, cell: ({ hidden }) => formatCount(hidden) },
    ...differingSettings(runs).map((name) => (name === 'steps' ? settingColumn(name, 'Goal') : settingColumn(name))),
    { title: 'Steps', figures: true, cell: ({ step }) => formatCount(step) },
    { title: 'Time', figures: true, cell: ({ seconds }) => (seconds === undefined ? '–' : formatDuration(seconds)) },
    lossColumn('training', 'Training'),
    lossColumn('heldOut', 'Held out, best'),
    {
      title: 'Kept',
      cell: ({ savedAt }) => make('time', { datetime: new Date(savedAt).toISOString() }, formatTime(savedAt)),
    },
  ];
  const heads: readonly Pick<Column, 'title' | 'figures'>[] = [
    { title: 'Run' },
    { title: 'Compare' },
    ...columns,
    { title: 'What to do' },
  ];
  const bodies = groups.map((group) => {
    const rows = group.map((run) => rowOf(run, run.id === current, placeOf(run.id), columns, group, on));
    const words = `${group[0]!.dataset.name}, in ${measureOf(group)}`;
    const head = make('th', { scope: 'rowgroup', colspan: String(heads.length), class: 'group' }, words);
    return make('tbody', {}, ...(groups.length > 1 ? [make('tr', {}, head)] : []), ...rows);
  });
  const caption =
    groups.length > 1
      ? 'Runs kept in this browser; only those that learn the same are ranked'
      : `Runs kept in this browser; losses in ${measureOf(ordered)}`;
  return make(
    'table',
    { class: 'figures' },
    make('caption', {}, caption),
    make(
      'thead',
      {},
      make(
        'tr',
        {},
        ...heads.map(({ title, figures }) => make('th', { scope: 'col', class: !figures && 'words' }, title)),
      ),
    ),
    ...bodies,
  );
}

const measureOf = ([run]: readonly SavedRun[]): string => (run?.measure ?? bitsPerCharacter).name;

function rowOf(
  run: SavedRun,
  isCurrent: boolean,
  place: number,
  columns: readonly Column[],
  group: readonly SavedRun[],
  on: TableListener,
): HTMLElement {
  const { id } = run;
  const title = titleOf(run);
  const control = (action: string, label: string, act: (id: string) => void) => {
    const attributes = { type: 'button', 'aria-label': `${label}: ${title}`, 'data-control': `${action}-${id}` };
    const button = make('button', attributes, label);
    button.addEventListener('click', () => act(id));
    return button;
  };
  return make(
    'tr',
    { 'data-run': id, 'aria-current': isCurrent && 'true' },
    make('th', { scope: 'row' }, nameField(run, on)),
    make('td', { class: 'words compare' }, ...(isCurrent ? ['this run'] : comparison(run, place, on))),
    ...columns.map(({ title, figures, cell }) =>
      make('td', { 'data-column': title, class: !figures && 'words' }, cell(run, group)),
    ),
    make(
      'td',
      {},
      make(
        'span',
        { class: 'buttons' },
        ...(isCurrent ? [] : [control('resume', 'Go on', on.resume)]),
        control('export', 'Export', on.export),
        control('delete', 'Delete', on.delete),
      ),
    ),
  );
}

function comparison(run: SavedRun, place: number, on: TableListener): HTMLElement[] {
  const attributes = {
    type: 'checkbox',
    'aria-label': `Compare: ${titleOf(run)}`,
    'data-control': `compare-${run.id}`,
  };
  const box = make('input', attributes);
  box.checked = place >= 0;
  box.addEventListener('change', () => {
    on.compare(run.id, box.checked);
  });
  return [box, ...(place >= 0 ? [swatch(place)] : [])];
}

function nameField(run: SavedRun, on: TableListener): HTMLElement {
  const { id, name } = run;
  const field = make('input', {
    type: 'text',
    value: name ?? '',
    placeholder: titleOf({ ...run, name: null }),
    maxlength: '80',
    'aria-label': `Name of the run: ${titleOf({ ...run, name: null })} on ${run.dataset.name}`,
    'data-control': `name-${id}`,
  });
  field.addEventListener('change', () => on.rename(id, field.value.trim() || null));
  field.addEventListener('keydown', ({ key }) => key === 'Enter' && field.blur());
  return field;
}
