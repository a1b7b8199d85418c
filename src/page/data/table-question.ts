import type { TableOptions, TableQuestion } from '../../data/table/use.ts';
import { formatCount } from '../../format.ts';
import { byId, make, write } from '../dom.ts';

/** What a question leaves open: what a table is, and of texts with labels which columns these are. */
export interface Answer {
  readonly kind: string;
  readonly text: string;
  readonly label: string;
}

/** Asks in a dialog what is to be learned from a table; `undefined` if the person does not want it after all. */
export function askAboutTable(question: TableQuestion): Promise<TableOptions | undefined> {
  const dialog = byId('table-dialog', HTMLDialogElement);
  const form = byId('table-form', HTMLFormElement);
  const [kind, text, label] = ['table-kind', 'table-text', 'table-label'].map((id) => byId(id, HTMLSelectElement)) as [
    HTMLSelectElement,
    HTMLSelectElement,
    HTMLSelectElement,
  ];
  const error = byId('table-error', HTMLElement);
  const columns = byId('table-columns', HTMLElement);
  write(byId('table-sentence', HTMLElement), question.sentence);
  const guess = guessOf(question);
  const hasNumbers = question.columns.some((column) => column.kind === 'numbers');
  for (const option of kind.options) option.hidden = option.disabled = option.value === 'series' && !hasNumbers;
  kind.value = guess.kind;
  for (const [select, chosen] of [
    [text, guess.text],
    [label, guess.label],
  ] as const) {
    select.replaceChildren(
      ...question.columns.map((column) => make('option', { value: column.name }, wordsOf(column))),
    );
    select.value = chosen;
  }
  const answer = () => ({ kind: kind.value, text: text.value, label: label.value });
  const show = () => {
    columns.hidden = kind.value !== 'labelled';
    write(error, '');
  };
  show();
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    const done = new AbortController();
    const { signal } = done;
    form.addEventListener('change', show, { signal });
    byId('table-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close(), { signal });
    form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        const complaint = complaintAbout(answer());
        write(error, complaint);
        if (complaint) label.focus();
        else dialog.close('yes');
      },
      { signal },
    );
    dialog.addEventListener(
      'close',
      () => {
        done.abort();
        resolve(dialog.returnValue === 'yes' ? optionsOf(answer()) : undefined);
      },
      { signal },
    );
  });
}

/** What is the likeliest: as texts those that differ the most, as their labels what differs the least. */
export function guessOf({ columns }: TableQuestion): Answer {
  const words = columns.filter(({ kind }) => kind === 'words');
  const numbers = columns.filter(({ kind }) => kind === 'numbers');
  const byDifference = [...words, ...numbers, ...columns]
    .filter((column, at, all) => all.indexOf(column) === at)
    .slice(0, Math.max(2, words.length))
    .toSorted((a, b) => b.different - a.different);
  return {
    kind: columns.length < 2 ? 'series' : 'labelled',
    text: byDifference.at(0)?.name ?? '',
    label: byDifference.at(-1)?.name ?? '',
  };
}

/** Why an answer is none, '' if it is one. */
export const complaintAbout = ({ kind, text, label }: Answer): string =>
  kind === 'labelled' && text === label ? 'The texts and their labels are in two columns: choose another for one.' : '';

/** What an answer says of the table. */
export function optionsOf({ kind, text, label }: Answer): TableOptions {
  if (kind === 'labelled') return { kind, inputs: text, predict: label };
  return { kind: kind === 'series' ? kind : 'text' };
}

const wordsOf = ({ name, kind, different }: TableQuestion['columns'][number]): string =>
  `${name} (${kind === 'nothing' ? 'empty' : `${formatCount(different)} different ${kind}`})`;
