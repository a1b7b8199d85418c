import { absent } from '../../engine/batch.ts';
import { DataError } from '../dataset.ts';
import type { SampleInputs, Samples, SampleTargets } from './samples.ts';

/** Numbers of one sample: symbols or classes, or elements of vectors. */
export type Numbers = Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** The numbers of each sample, and how many a timestep or place has. */
export interface Arrays {
  readonly each: readonly Numbers[];
  readonly width: number;
}

/** What goes in. */
export const arraysIn = (inputs: SampleInputs): Arrays =>
  inputs.kind === 'symbols' ? { each: inputs.ids, width: 1 } : { each: inputs.values, width: inputs.names.length };

/** What should come out. */
export const arraysOut = (targets: SampleTargets): Arrays =>
  targets.kind === 'classes' ? { each: targets.ids, width: 1 } : { each: targets.values, width: targets.names.length };

/** Whether a sample has a target at one of its places: a class, or a vector of which no element is missing. */
export function isPresent(targets: Numbers, width: number, place: number): boolean {
  if (targets instanceof Uint32Array) return targets[place] !== absent;
  for (let i = place * width; i < (place + 1) * width; i++) if (Number.isNaN(targets[i])) return false;
  return true;
}

/** How many places of each sample count: none of one that has no timestep. */
export function countedPlaces({ inputs, targets }: Samples): Uint32Array<ArrayBuffer> {
  const { each, width } = arraysOut(targets);
  const goesIn = arraysIn(inputs).each;
  return Uint32Array.from(each, (numbers, sample) => {
    let places = 0;
    if (goesIn[sample]!.length === 0) return 0;
    for (let place = 0; place < numbers.length / width; place++) places += Number(isPresent(numbers, width, place));
    return places;
  });
}

/** @throws DataError naming the first sample whose arrays do not fit each other, or hold what they cannot. */
export function assertSamples({ name, inputs, targets }: Samples): void {
  const [into, out] = [arraysIn(inputs), arraysOut(targets)];
  const fail = (what: string): never => {
    throw new DataError(`${name}: ${what}`);
  };
  if (into.each.length !== out.each.length) {
    fail(`there are inputs of ${into.each.length} samples, but targets of ${out.each.length}.`);
  }
  for (const [sample, numbers] of into.each.entries()) {
    const timesteps = numbers.length / into.width;
    const places = targets.at === 'end' ? 1 : timesteps;
    const wanted = out.each[sample]!;
    if (!Number.isInteger(timesteps)) {
      fail(`sample ${sample + 1} has ${numbers.length} numbers, which makes no vectors of ${into.width}.`);
    }
    if (wanted.length !== places * out.width) {
      fail(`sample ${sample + 1} takes ${places * out.width} target numbers; there are ${wanted.length}.`);
    }
    if (inputs.kind === 'symbols' && numbers.some((id) => id >= inputs.symbols.length)) {
      fail(`sample ${sample + 1} has a symbol that is not one of the ${inputs.symbols.length}.`);
    }
    if (inputs.kind === 'vectors' && !numbers.every((value) => Number.isFinite(value))) {
      fail(`sample ${sample + 1} has an input that is no number.`);
    }
    if (targets.kind === 'classes' && wanted.some((id) => id >= targets.classes.length && id !== absent)) {
      fail(`sample ${sample + 1} has a label that is not one of the ${targets.classes.length} classes.`);
    }
    if (targets.kind === 'vectors' && wanted.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY)) {
      fail(`sample ${sample + 1} has a target that is infinite.`);
    }
  }
}
