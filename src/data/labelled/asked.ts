import type { Encoding } from '../../model/encoding.ts';
import { quote } from '../../quote.ts';
import { DataError } from '../dataset.ts';
import { decode } from '../decode.ts';
import { fault, listed } from '../fault.ts';
import { formOf } from '../open.ts';
import { readTable } from '../table/read.ts';
import type { Table, WordsColumn } from '../table/table.ts';
import type { TableOptions } from '../table/use.ts';
import { charactersOf, classesIn, symbolsIn } from './collect.ts';
import { assertAlike, eachObject, vectorsOf, wordsOf } from './json-lines.ts';
import { type ComplainOfKey, hasTargets, inputsOf, type JsonPart, sampleOf } from './json-sample.ts';
import type { SampleInputs, SampleTargets } from './samples.ts';

/** Samples that a network is asked about, at least one. */
export interface Asked {
  readonly inputs: SampleInputs;
  /** What the network should take them for, where the file says so. */
  readonly labels?: Labels;
}

type Labels = SampleTargets & { readonly kind: 'classes' };
type Columns = Pick<TableOptions, 'inputs' | 'predict'>;

/**
 * The samples in a file, for a network that has learned from labelled sequences. As what they are learned from, they may be a table
 * or JSON Lines, in which labels may be left out; any other file has a text on each line that is not blank. Targets that are
 * numbers are not read.
 *
 * @param columns of a table, those of the texts and of the labels, where they cannot be told
 * @param heard is told again and again which share of the file has been read
 * @throws DataError in one sentence, with the line where there is one, if it cannot be read, or is not what the network knows
 */
export async function readAsked(
  name: string,
  bytes: Uint8Array,
  encoding: Encoding,
  columns: Columns = {},
  heard: (share: number) => void = () => {},
): Promise<Asked> {
  const text = decode(name, bytes);
  const form = formOf(name, text, {});
  if (form === 'json-lines') return fromJsonLines(name, text, encoding, heard);
  if (encoding.vocabulary === undefined) {
    throw new DataError(
      `${name} has texts, and the network reads numbers: give JSON Lines (.jsonl), as {"inputs": [[0.1, 2], [0.3, 1]]}.`,
    );
  }
  if (form === 'table') return fromTable(await readTable(name, text, 'words', heard), encoding, columns);
  if (columns.inputs !== undefined || columns.predict !== undefined) {
    throw new DataError(`${name} is not read as a table, so it has no columns to choose: leave them out.`);
  }
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new DataError(`${name} is empty: write a text on each line.`);
  return { inputs: symbolsIn(lines.map(charactersOf)) };
}

async function fromJsonLines(
  name: string,
  text: string,
  encoding: Encoding,
  heard: (share: number) => void,
): Promise<Asked> {
  const inputs: JsonPart[] = [];
  const labels: JsonPart[] = [];
  let firstLine = 0;
  await eachObject(name, text, heard, (object, line, complain) => {
    const asked = inputsOf(object, complain);
    if (inputs.length === 0) {
      firstLine = line;
      assertRead(asked, encoding, complain);
    }
    assertAlike(asked, inputs[0] ?? asked, `line ${firstLine}`, complain);
    inputs.push(asked);
    if (encoding.classes === undefined || (labels.length === 0 && !hasTargets(object))) return;
    const { targets } = sampleOf(object, complain);
    labels.push(targets);
    if (labels.length < inputs.length) {
      throw complain(`it is there, and line ${firstLine} has none: label all samples, or none.`, targets.key);
    }
    if (targets.at !== answersOf(encoding)) {
      const [has, tells] = targets.at === 'end' ? ['one label', 'each timestep'] : ['labels for timesteps', 'the end'];
      throw complain(`it has ${has}, and the network tells one at ${tells}: label what it tells.`, targets.key);
    }
    if (targets.sequence.kind !== 'words') {
      throw complain('it holds numbers, and the network tells classes apart: write labels.', targets.key);
    }
    assertKnown(wordsOf(targets.sequence), encoding, (complaint) => complain(complaint, targets.key));
  });
  if (inputs.length === 0) throw new DataError(`${name} is empty: choose samples, one on a line.`);
  const sequences = inputs.map(({ sequence }) => sequence);
  const vectors = vectorsOf(sequences, 'input');
  return {
    inputs: vectors
      ? { ...vectors, names: encoding.inputs!.map((variable) => variable.name) }
      : symbolsIn(sequences.map(wordsOf) as string[][]),
    ...(labels.length > 0 && {
      labels: classesIn(
        answersOf(encoding),
        labels.map(({ sequence }) => wordsOf(sequence)),
      ),
    }),
  };
}

const answersOf = ({ answers = 'end' }: Encoding) => answers;

/** @throws what `complain` makes, if a network does not read what a sample is made of */
function assertRead({ key, sequence, form }: JsonPart, { inputs }: Encoding, complain: ComplainOfKey): void {
  const width = sequence.kind === 'vectors' ? sequence.width : undefined;
  if (width === inputs?.length) return;
  const reads = inputs === undefined ? 'characters' : `${inputs.length} numbers at each timestep`;
  throw complain(`it holds ${form}, and the network reads ${reads}: give it that.`, key);
}

/** @throws what `complain` makes, if there is a label that a network does not know */
function assertKnown(
  labels: readonly (string | undefined)[],
  { classes = [] }: Encoding,
  complain: (complaint: string) => Error,
): void {
  const stranger = labels.find((label) => label !== undefined && !classes.includes(label));
  if (stranger === undefined) return;
  throw complain(`${quote(stranger)} is none of the ${classes.length} classes that the network tells apart.`);
}

/** Of a table the texts are in one column; in another may be the labels: if none is named, one with nothing but known classes. */
function fromTable(table: Table, encoding: Encoding, { inputs, predict }: Columns): Asked {
  const { name } = table;
  // All were read as words.
  const columns = table.columns as readonly WordsColumn[];
  const named = (wanted: string) => {
    const column = columns.find((column) => column.name === wanted);
    if (column !== undefined) return column;
    throw new DataError(
      `${name} has no column ${quote(wanted)}: it has ${listed(columns.map(({ name }) => quote(name)))}.`,
    );
  };
  const known = new Set(encoding.classes);
  const given = inputs === undefined ? undefined : named(inputs);
  const others = columns.filter((column) => column !== given);
  const [labels] =
    predict !== undefined
      ? [named(predict)]
      : columns.length === 1
        ? []
        : others.filter(({ values }) => values.every((value) => known.has(value.trim())));
  const [texts, another] = given === undefined ? columns.filter((column) => column !== labels) : [given];
  if (texts === undefined) throw new DataError(`${name} has no column of texts beside the labels: add it.`);
  if (another !== undefined) {
    throw new DataError(
      `${name} does not tell which of its columns has the texts: name one as inputs, of ${listed(columns.map(({ name }) => quote(name)))}.`,
    );
  }
  if (texts === labels) {
    throw new DataError(`${name}: ${quote(texts.name)} cannot be the text and its label: choose two columns.`);
  }
  for (const [row, line] of table.lines.entries()) {
    const complain = (column: WordsColumn) => (complaint: string) =>
      fault(name, line, `column ${quote(column.name)}`, complaint);
    if (texts.values[row] === '') throw complain(texts)('there is no text: add it, or leave the row out.');
    if (labels && encoding.classes) assertKnown([labels.values[row]!.trim()], encoding, complain(labels));
  }
  return {
    inputs: symbolsIn(texts.values.map(charactersOf)),
    ...(labels &&
      encoding.classes && {
        labels: classesIn(
          'end',
          labels.values.map((value) => [value.trim()]),
        ),
      }),
  };
}
