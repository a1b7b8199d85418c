import type { Task } from '../../data/dataset.ts';
import type { SamplesTask } from '../../data/labelled/task.ts';
import type { SeriesTask } from '../../data/series/task.ts';
import { columnsNamed } from '../../data/series/variables.ts';
import type { Batch } from '../../engine/engine.ts';
import type { Cell } from '../../model/cells/cells.ts';
import type { Run } from '../run.ts';
import { type Expectation, expectationOf } from './expectation.ts';
import { type Timestep, timestepOf } from './timestep.ts';
import { traceAlone } from './trace.ts';

/** The most timesteps that are read at a time. */
export const longestReading = 240;

/** What a network read, timestep by timestep. */
export interface ReadSequence {
  /** What there is at each timestep. */
  readonly timestep: Timestep;
  /** T */
  readonly timesteps: number;
  /** The number of the first one as people count them: of the rows of a series its place among all, else 1. */
  readonly first: number;
  /** The characters, one for each timestep, where it read some. */
  readonly symbols?: readonly string[];
  /** Else the numbers in their own units, `[T]` of each variable; NaN where one is missing and the last known went in. */
  readonly variables?: readonly { readonly name: string; readonly values: Float32Array | Float64Array }[];
}

/** What the gates and states of one layer did while its network read a sequence from zero states. */
export interface Reading {
  readonly read: ReadSequence;
  readonly cell: Cell;
  /** Which layer, from 0, of how many. */
  readonly layer: number;
  readonly layers: number;
  /** H */
  readonly hidden: number;
  /** By their names in the equations, gates and states after each timestep, `[T][H]` each. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** What it expected, of a network that has learned a text. */
  readonly expectation?: Expectation;
}

/**
 * Has the network read a text, and watches one of its layers, or if it has not so many, the last.
 *
 * @throws RangeError naming a character that the network does not know, or saying that it reads none
 */
export async function readText(run: Run, text: string, layer = 0): Promise<Reading> {
  const { vocabulary } = run.task.encoding;
  if (vocabulary === undefined) throw new RangeError('The network reads numbers, so there is no text to read.');
  const ids = vocabulary.encode(text).slice(0, longestReading);
  if (ids.length === 0) throw new RangeError('A text to read needs at least one character.');
  return watch(run, ids, { first: 1, symbols: Array.from(ids, (id) => vocabulary.symbols[id]!) }, layer);
}

/**
 * The same with what is held out, or where nothing is, with what is trained on: a series from the row in that place on, counted from
 * 1, or the sample in that place. Where there are not so many, it is the last.
 */
export async function readPlace(run: Run, place: number, layer = 0): Promise<Reading> {
  const { inputs, ...read } = sequenceAt(run.task, Math.floor(place) - 1 || 0);
  return watch(run, inputs, read, layer);
}

/** What is read, and what goes into the network of it. */
type Sequence = Pick<ReadSequence, 'first' | 'symbols' | 'variables'> & { readonly inputs: Batch['inputs'] };

/** What there is in a place, from 0, of what the network has not learned from. */
function sequenceAt(task: Task, place: number): Sequence {
  switch (task.dataset.kind) {
    case 'text':
      throw new RangeError('Of a text the characters that are to be read have to be given.');
    case 'series':
      return rowsAt(task as SeriesTask, place);
    case 'labelled':
      return sampleAt(task as SamplesTask, place);
  }
}

/** The place itself, or the nearest of so many. */
const within = (count: number, place: number) => Math.max(0, Math.min(place, count - 1));

function rowsAt({ dataset, encoding, sequence, trainingLength }: SeriesTask, place: number): Sequence {
  const { inputs, length } = sequence;
  const I = encoding.inputs.length;
  const start = trainingLength < length ? trainingLength : 0;
  const row = start + within(length - start, place);
  const names = encoding.inputs.map(({ name }) => name);
  return {
    first: row + 1,
    inputs: inputs.slice(row * I, (row + longestReading) * I),
    variables: columnsNamed(dataset.columns, names).map(({ name, values }) => ({
      name,
      values: values.slice(row, row + longestReading),
    })),
  };
}

function sampleAt({ dataset, encoded, training, validation }: SamplesTask, place: number): Sequence {
  const samples = validation.length > 0 ? validation : training;
  const sample = samples[within(samples.length, place)]!;
  const { inputs } = dataset;
  const read = { first: 1, inputs: encoded.inputs[sample]!.slice(0, longestReading * encoded.inputWidth) };
  if (inputs.kind === 'symbols') {
    const ids = inputs.ids[sample]!.slice(0, longestReading);
    return { ...read, symbols: Array.from(ids, (id) => inputs.symbols[id]!) };
  }
  const { names, values } = inputs;
  const vectors = values[sample]!.slice(0, longestReading * names.length);
  return {
    ...read,
    variables: names.map((name, i) => ({ name, values: vectors.filter((_, k) => k % names.length === i) })),
  };
}

async function watch(
  run: Run,
  inputs: Batch['inputs'],
  read: Pick<ReadSequence, 'first' | 'symbols' | 'variables'>,
  layer: number,
): Promise<Reading> {
  const { cell, layers: count, hiddenSize: hidden } = run.model;
  const { layers, outputs } = await traceAlone(run.network, inputs);
  const timesteps = read.symbols?.length ?? read.variables![0]!.values.length;
  const seen = Math.min(layer, count - 1);
  const { vocabulary } = run.task.encoding;
  const predictsText = run.dataset.kind === 'text' && vocabulary !== undefined;
  return {
    read: { ...read, timestep: timestepOf(run.dataset), timesteps },
    cell,
    layer: seen,
    layers: count,
    hidden,
    values: layers[seen]!,
    ...(predictsText && { expectation: expectationOf(outputs, Uint32Array.from(inputs), vocabulary) }),
  };
}
