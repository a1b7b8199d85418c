import { asObject, type JsonObject } from '../../json-object.ts';
import { quote } from '../../quote.ts';
import { DataError } from '../dataset.ts';
import { fault, listed, turn } from '../fault.ts';
import { classTargets, remarksOn, symbolInputs } from './collect.ts';
import { type ComplainOfKey, type JsonPart, type JsonSample, keys, sampleOf } from './json-sample.ts';
import type { SampleInputs, Samples, SampleTargets } from './samples.ts';
import type { Sequence } from './sequence.ts';

/** Characters of a file between two turns of whatever else waits. */
const stretch = 2 ** 20;

/**
 * Reads JSON Lines: a sample on each line that is not blank, as an object.
 *
 *     {"text": "Tanaka", "label": "Japanese"}          characters in, a class out at the end
 *     {"inputs": [[0.1, 2], [0.3, 1]], "label": 3}     vectors in; a class may be called by a number
 *     {"inputs": "abc", "targets": "xyz"}              a class out at each timestep
 *     {"inputs": [1, 2], "targets": ["N", null]}       likewise, absent at the second
 *     {"inputs": [1, 2], "targets": [[1, 0], [0, 1]]}  vectors out
 *     {"inputs": ["a", "b"], "target": 0.5}            numbers out at the end
 *
 * @param name what the messages call the file
 * @param heard is told again and again which share of the file has been read
 * @throws DataError naming the line, and the key, of the first thing that is wrong, or that is not as it is in the first sample
 */
export async function samplesFromJsonLines(
  name: string,
  text: string,
  heard: (share: number) => void = () => {},
): Promise<Samples> {
  const samples: JsonSample[] = [];
  const left = new Set<string>();
  let firstLine = 0;
  await eachObject(name, text, heard, (object, line, complain) => {
    const sample = sampleOf(object, complain);
    if (samples.length === 0) firstLine = line;
    for (const part of ['inputs', 'targets'] as const) {
      assertAlike(sample[part], (samples[0] ?? sample)[part], `line ${firstLine}`, complain);
    }
    for (const key of object.keys()) if (!keys.includes(key)) left.add(key);
    samples.push(sample);
  });
  if (samples.length === 0) throw new DataError(`${name} is empty: choose samples, one on a line.`);
  if (samples.length === 1) throw new DataError(`${name} has only one sample: choose at least two.`);
  return collect(name, samples, [...left]);
}

/**
 * Reads the object on each line that is not blank.
 *
 * @param take is given the object, its line from 1, and what makes the error for what is wrong with it
 * @throws DataError naming the first line that is no object
 */
export async function eachObject(
  name: string,
  text: string,
  heard: (share: number) => void,
  take: (object: JsonObject, line: number, complain: ComplainOfKey) => void,
): Promise<void> {
  let line = 0;
  let turned = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const written = text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
    const at = ++line;
    if (written.trim() !== '') {
      take(objectIn(written, name, at), at, (complaint, key) =>
        fault(name, at, key === undefined ? undefined : `key ${quote(key)}`, complaint),
      );
    }
    if (start - turned < stretch && start < text.length) continue;
    turned = start;
    heard(start / text.length);
    await turn();
  }
}

function objectIn(written: string, name: string, line: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    const advice = /[[:,]\s*-?(NaN|Infinity)\b/.test(written)
      ? 'NaN and Infinity are no JSON; write null for a target that is absent.'
      : 'this is no JSON: write a whole object on the line, as {"text": "Tanaka", "label": "Japanese"}.';
    throw fault(name, line, undefined, advice);
  }
  const object = asObject(value);
  if (object) return object;
  throw fault(name, line, undefined, 'this is no object: write one, as {"text": "Tanaka", "label": "Japanese"}.');
}

/** @throws what `complain` makes, if a sample has a part in another form than the first one, which stands at `place` */
export function assertAlike({ key, form }: JsonPart, first: JsonPart, place: string, complain: ComplainOfKey): void {
  if (form === first.form) return;
  throw complain(`it holds ${form}, where ${place} has ${first.form}: write all samples in one way.`, key);
}

/** The samples that objects are. @param left keys that were left out */
export function collect(name: string, samples: readonly JsonSample[], left: readonly string[]): Samples {
  const targets = targetsIn(name, samples);
  const remarks = remarksOn(targets);
  if (left.length > 0)
    remarks.push(
      `Keys that are left out: ${listed(left.slice(0, 5).map(quote))}${left.length > 5 ? ' and others' : ''}.`,
    );
  return { kind: 'labelled', name, inputs: inputsIn(name, samples), targets, ...(remarks.length > 0 && { remarks }) };
}

function inputsIn(name: string, samples: readonly JsonSample[]): SampleInputs {
  const sequences = samples.map(({ inputs }) => inputs.sequence);
  const vectors = vectorsOf(sequences, 'input');
  return vectors ?? symbolInputs(name, sequences.map(wordsOf) as string[][]);
}

function targetsIn(name: string, samples: readonly JsonSample[]): SampleTargets {
  const sequences = samples.map(({ targets }) => targets.sequence);
  const { at } = samples[0]!.targets;
  const vectors = vectorsOf(sequences, 'target');
  return vectors ? { ...vectors, at } : classTargets(name, at, sequences.map(wordsOf));
}

/** The words that a sequence is made of. */
export const wordsOf = (sequence: Sequence) => (sequence.kind === 'words' ? sequence.words : []);

/** The vectors that all of some sequences are, if the first one is; their variables are called after what they are. */
export function vectorsOf(sequences: readonly Sequence[], what: string) {
  if (sequences[0]?.kind !== 'vectors') return undefined;
  const { width } = sequences[0];
  const names = Array.from({ length: width }, (_, i) => (width === 1 ? what : `${what} ${i + 1}`));
  const values = sequences.flatMap((sequence) => (sequence.kind === 'vectors' ? [sequence.values] : []));
  return { kind: 'vectors' as const, names, values };
}
