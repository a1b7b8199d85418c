import { quote } from '../../quote.ts';
import { DataError } from '../dataset.ts';
import { assertAlike, collect } from './json-lines.ts';
import { type ComplainOfKey, type JsonSample, sampleOf } from './json-sample.ts';
import type { Samples } from './samples.ts';

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
    const complain: ComplainOfKey = (complaint, key) =>
      new DataError(
        `${name}, sample ${samples.length + 1}${key === undefined ? '' : `, key ${quote(key)}`}: ${complaint}`,
      );
    const sample = sampleOf(new Map(Object.entries(object)), complain);
    const { inputs, targets } = samples[0] ?? sample;
    assertAlike(sample.inputs, inputs, 'sample 1', complain);
    assertAlike(sample.targets, targets, 'sample 1', complain);
    samples.push(sample);
  }
  if (samples.length < 2)
    throw new DataError(`${name} has ${samples.length === 0 ? 'no sample' : 'only one sample'}: give at least two.`);
  return collect(name, samples, []);
}
