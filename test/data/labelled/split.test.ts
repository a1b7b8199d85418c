import { expect, test } from 'vitest';
import type { Samples } from '../../../src/data/labelled/samples.ts';
import { splitSamples } from '../../../src/data/labelled/split.ts';
import { absent } from '../../../src/engine/batch.ts';
import { drawn, words } from './small.ts';

/** So many samples of each class, in turns. */
function labelled(counts: Readonly<Record<string, number>>): Samples {
  const pairs = Object.entries(counts).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, i) => [i % 2 ? 'ab' : 'b', label] as const),
  );
  return words(...pairs);
}

const labelsOf = ({ targets }: Samples, numbers: Uint32Array) => {
  if (targets.kind !== 'classes') throw new Error('These have no labels.');
  const counts: Record<string, number> = {};
  for (const sample of numbers) {
    const label = targets.classes[targets.ids[sample]![0]!]!;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
};

test('Each class keeps its share, and a class with one sample stays in training', () => {
  const samples = labelled({ a: 100, b: 50, c: 10, d: 1 });
  const { training, validation } = splitSamples(samples, 0.2, 3);
  expect(labelsOf(samples, validation)).toEqual({ a: 20, b: 10, c: 2 });
  expect(labelsOf(samples, training)).toEqual({ a: 80, b: 40, c: 8, d: 1 });
  expect([...training, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 161 }, (_, i) => i));
  expect(training).toEqual(training.slice().sort());
});

test('Classes too small for a share of their own give one together', () => {
  const samples = labelled(Object.fromEntries([...'abcdefghij'].map((label) => [label, 4])));
  const { validation } = splitSamples(samples, 0.1, 1);
  expect(validation.length).toBe(4);
  expect(Math.max(...Object.values(labelsOf(samples, validation)))).toBe(1);
});

test('No class loses all its samples to what is held out', () => {
  for (let seed = 0; seed < 20; seed++) {
    const samples = labelled({ a: 2, b: 3, c: 5, d: 2, e: 1 });
    const { training } = splitSamples(samples, 0.5, seed);
    expect(Object.keys(labelsOf(samples, training)).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  }
});

test('The seed fixes what is held out, and another one holds out others', () => {
  const samples = drawn({ inputs: 'vectors', targets: 'vectors', at: 'timestep' }, 200, 5);
  const [one, again, other] = [1, 1, 2].map((seed) => splitSamples(samples, 0.1, seed).validation);
  expect(one!.length).toBe(20);
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

test('A sample with nothing that counts is in neither part', () => {
  const samples = labelled({ a: 10, b: 10 });
  if (samples.targets.kind === 'classes') samples.targets.ids[4]![0] = absent;
  const { training, validation } = splitSamples(samples, 0.5, 1);
  expect([...training, ...validation]).toHaveLength(19);
  expect([...training, ...validation]).not.toContain(4);
});

test('With nothing to hold out all is trained on', () => {
  expect(splitSamples(labelled({ a: 3, b: 4 }), 0, 1)).toEqual({
    training: Uint32Array.of(0, 1, 2, 3, 4, 5, 6),
    validation: new Uint32Array(0),
  });
});
