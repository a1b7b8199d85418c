import { quote } from '../../quote.ts';
import { DataError, type Kind } from '../dataset.ts';
import { listed } from '../fault.ts';
import { contentOf, differentIn, type Table, type TableColumn } from './table.ts';

/** What is known of a table besides what it holds. */
export interface TableOptions {
  readonly kind?: Kind;
  /** The columns that go in, with commas between them; of labelled texts the one with the texts. */
  readonly inputs?: string;
  /** The columns that are predicted, likewise; the one with the labels. */
  readonly predict?: string;
}

/** That a table may be several things: plain data, by which a person can be asked what is to be learned. */
export interface TableQuestion {
  readonly kind: 'question';
  readonly name: string;
  /** What has to be known, as a sentence. */
  readonly sentence: string;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: ReturnType<typeof contentOf>;
    /** How many different values it has. */
    readonly different: number;
  }[];
}

/** The columns of texts and of their labels. */
export interface Labelling {
  readonly text: string;
  readonly label: string;
}

/**
 * What is to be made of a table: a series, or texts with labels; or what has to be asked.
 *
 * @throws DataError if it can be none of them, or there are no such columns as the options name
 */
export function useOf(table: Table, { kind, inputs, predict }: TableOptions): 'series' | Labelling | TableQuestion {
  const chosen = {
    inputs: inputs === undefined ? [] : chosenNames(inputs, table, 'input'),
    predict: predict === undefined ? [] : chosenNames(predict, table, 'predict'),
  };
  const named = [...chosen.inputs, ...chosen.predict];
  const areWords = table.columns.some((column) => named.includes(column.name) && column.kind === 'words');
  if (kind === 'labelled' || (kind === undefined && areWords)) return labelling(table, chosen);
  if (kind === 'series' || named.length > 0) return series(table, named);
  const numbers = table.columns.filter((column) => column.kind === 'numbers');
  const words = table.columns.filter((column) => contentOf(column) === 'words');
  if (numbers.length === 0 && words.length > 0) return labelling(table, chosen);
  const [number, word] = [numbers[0], words[0]];
  if (numbers.length === 1 && words.length === 1 && (repeats(number!) || repeats(word!))) {
    return questionAbout(
      table,
      `Is ${quote(number!.name)} a series, or are it and ${quote(word!.name)} texts and their labels?`,
    );
  }
  return 'series';
}

/** Whether a column has its values so often that they may be labels. */
const repeats = (column: TableColumn): boolean => 2 * differentIn(column) <= column.values.length;

function series({ name, columns }: Table, named: readonly string[]): 'series' {
  const column = columns.find((column) => named.includes(column.name) && column.kind === 'words');
  if (column === undefined) return 'series';
  throw new DataError(
    `${name}: column ${quote(column.name)} holds ${contentOf(column)}, and a series is made of numbers: choose others.`,
  );
}

function labelling(table: Table, chosen: { readonly inputs: readonly string[]; readonly predict: readonly string[] }) {
  const { name, columns } = table;
  if (chosen.inputs.length > 1)
    throw new DataError(`${name}: the texts are in one column, not ${chosen.inputs.length}: choose one.`);
  if (chosen.predict.length > 1)
    throw new DataError(`${name}: the labels are in one column, not ${chosen.predict.length}: choose one.`);
  const [text, label] = [chosen.inputs[0], chosen.predict[0]];
  if (text !== undefined && label !== undefined) return { text, label };
  const others = columns.filter((column) => column.name !== text && column.name !== label);
  const words = others.filter((column) => contentOf(column) === 'words');
  // A text or a label may be made of digits, if there is no better one.
  const candidates = words.length > 0 || (text === undefined && label === undefined) ? words : others;
  const [first, second] = candidates;
  const wanted = text === undefined && label === undefined ? 2 : 1;
  if (candidates.length < wanted || first === undefined) {
    throw new DataError(
      `${name} has too few columns of words: labelled texts need one of texts and one of labels; add the other.`,
    );
  }
  if (candidates.length > wanted) {
    const which =
      text !== undefined ? 'the labels' : label !== undefined ? 'the texts' : 'the texts, and which the labels';
    return questionAbout(table, `Which column of ${name} has ${which}?`);
  }
  if (text !== undefined) return { text, label: first.name };
  if (label !== undefined) return { text: first.name, label };
  const difference = differentIn(first) - differentIn(second!);
  if (difference === 0) return questionAbout(table, `Which column of ${name} has the texts, and which the labels?`);
  return difference > 0 ? { text: first.name, label: second!.name } : { text: second!.name, label: first.name };
}

/** A question about a table. @param sentence what has to be known */
export const questionAbout = ({ name, columns }: Table, sentence: string): TableQuestion => ({
  kind: 'question',
  name,
  sentence,
  columns: columns.map((column) => ({ name: column.name, kind: contentOf(column), different: differentIn(column) })),
});

/**
 * The names of columns in a list with commas between them; a single name may have commas itself.
 *
 * @param option what the messages call the list
 * @throws DataError if there is no column of such a name, or one stands twice
 */
function chosenNames(list: string, { name: file, columns }: Table, option: string): string[] {
  const names = columns.map(({ name }) => name);
  const chosen = names.includes(list) ? [list] : list.split(',').map((name) => name.trim());
  for (const [at, name] of chosen.entries()) {
    if (!names.includes(name)) {
      throw new DataError(`${file} has no column ${quote(name)} for ${option}: it has ${listed(names.map(quote))}.`);
    }
    if (chosen.indexOf(name) !== at) throw new DataError(`${quote(name)} stands twice in ${option}: name it once.`);
  }
  return chosen;
}
