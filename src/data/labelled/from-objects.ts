import { quote } from '../../files/json.ts';
import { DataError } from '../dataset.ts';
import { listed } from '../fault.ts';
import { classTargets, remarksOn, symbolInputs } from './collect.ts';
import { type Complain, type JsonSample, sampleOf } from './json-sample.ts';
import type { SampleInputs, Samples, SampleTargets } from './samples.ts';
import type { Sequence } from './sequence.ts';

/** What goes in or should come out at each timestep: characters, numbers, or vectors. */
export type Timesteps = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

/** A sample as an object: what goes in, and a label for all of it, or what should come out at each timestep or at the end. */
export type SampleObject = ({ readonly text: string } | { readonly inputs: Timesteps }) &
  (
    | { readonly label: string | number | boolean }
    /** A class or a vector for each timestep, `null` where it is absent. */
    | { readonly targets: string | readonly (string | number | readonly number[] | null)[] }
    /** A number, or a vector. */
    | { readonly target: number | readonly number[] }
  );

/**
 * Labelled sequences from objects, which all say alike what goes in and what should come out. Lengths may differ.
 *
 * @throws DataError naming the sample, from 1, that is wrong, or that is not as the first is
 */
export function samplesFromObjects(name: string, objects: Iterable<SampleObject>): Samples {
  const samples: JsonSample[] = [];
  for (const object of objects) {
    const complain: Complain = (complaint, key) =>
      new DataError(
        `${name}, sample ${samples.length + 1}${key === undefined ? '' : `, key ${quote(key)}`}: ${complaint}`,
      );
    const sample = sampleOf(new Map(Object.entries(object)), complain);
    assertAlike(sample, samples[0] ?? sample, 'sample 1', complain);
    samples.push(sample);
  }
  if (samples.length < 2)
    throw new DataError(`${name} has ${samples.length === 0 ? 'no sample' : 'only one sample'}: give at least two.`);
  return collect(name, samples, []);
}

/** @throws what `complain` makes, if a sample is not written as the first one is, which stands at `place` */
export function assertAlike(sample: JsonSample, first: JsonSample, place: string, complain: Complain): void {
  for (const part of ['inputs', 'targets'] as const) {
    const { key, form } = sample[part];
    if (form === first[part].form) continue;
    throw complain(`it holds ${form}, where ${place} has ${first[part].form}: write all samples in one way.`, key);
  }
}

/**
 * The samples that objects are.
 *
 * @param left keys that were left out
 */
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

const wordsOf = (sequence: Sequence) => (sequence.kind === 'words' ? sequence.words : []);

/** The vectors that all of some sequences are, if the first one is; their variables are called after what they are. */
function vectorsOf(sequences: readonly Sequence[], what: string) {
  if (sequences[0]?.kind !== 'vectors') return undefined;
  const { width } = sequences[0];
  const names = Array.from({ length: width }, (_, i) => (width === 1 ? what : `${what} ${i + 1}`));
  const values = sequences.flatMap((sequence) => (sequence.kind === 'vectors' ? [sequence.values] : []));
  return { kind: 'vectors' as const, names, values };
}
