import { asObject, type JsonObject, quote } from '../../files/json.ts';
import { DataError } from '../dataset.ts';
import { fault, listed, turn } from '../fault.ts';
import { classTargets, remarksOn, symbolInputs } from './collect.ts';
import { type JsonSample, keys, sampleOf } from './json-sample.ts';
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
  let line = 0;
  let turned = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const written = text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
    line++;
    if (written.trim() !== '') {
      const object = objectIn(written, name, line);
      const sample = sampleOf(object, (complaint, key) =>
        fault(name, line, key === undefined ? undefined : `key ${quote(key)}`, complaint),
      );
      if (samples.length === 0) firstLine = line;
      assertAlike(sample, samples[0] ?? sample, name, line, firstLine);
      for (const key of object.keys()) if (!keys.includes(key)) left.add(key);
      samples.push(sample);
    }
    if (start - turned < stretch && start < text.length) continue;
    turned = start;
    heard(start / text.length);
    await turn();
  }
  if (samples.length === 0) throw new DataError(`${name} is empty: choose samples, one on a line.`);
  if (samples.length === 1) throw new DataError(`${name} has only one sample: choose at least two.`);
  return collect(name, samples, [...left]);
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

/** @throws DataError if a sample is not written as the first one is */
function assertAlike(sample: JsonSample, first: JsonSample, name: string, line: number, firstLine: number): void {
  for (const part of ['inputs', 'targets'] as const) {
    const { key, form } = sample[part];
    if (form === first[part].form) continue;
    throw fault(
      name,
      line,
      `key ${quote(key)}`,
      `it holds ${form}, where line ${firstLine} has ${first[part].form}: write all samples in one way.`,
    );
  }
}

function collect(name: string, samples: readonly JsonSample[], left: readonly string[]): Samples {
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

const wordsOf = (sequence: Sequence) => (sequence.kind === 'words' ? sequence.words : []);

/** The vectors that all of some sequences are, if the first one is; their variables are called after what they are. */
function vectorsOf(sequences: readonly Sequence[], what: string) {
  if (sequences[0]?.kind !== 'vectors') return undefined;
  const { width } = sequences[0];
  const names = Array.from({ length: width }, (_, i) => (width === 1 ? what : `${what} ${i + 1}`));
  const values = sequences.flatMap((sequence) => (sequence.kind === 'vectors' ? [sequence.values] : []));
  return { kind: 'vectors' as const, names, values };
}
