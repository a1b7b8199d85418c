import { describe, expect, test } from 'vitest';
import { adding, varianceOfSum } from '../../../src/data/generated/adding.ts';
import { bitsOfGuessing, copying } from '../../../src/data/generated/copying.ts';
import { arraysOut } from '../../../src/data/labelled/places.ts';
import { samplesTask } from '../../../src/data/labelled/task.ts';
import { absent } from '../../../src/engine/batch.ts';
import { configured } from '../labelled/small.ts';

describe('The adding problem', () => {
  const samples = adding();
  const { inputs, targets } = samples;
  if (inputs.kind !== 'vectors' || targets.kind !== 'vectors') throw new Error('Numbers are added.');

  test('asks for the sum of the two marked numbers, one of each half', () => {
    for (const [sample, values] of inputs.values.slice(0, 500).entries()) {
      const marked = Array.from({ length: 100 }, (_, t) => t).filter((t) => values[2 * t + 1] === 1);
      expect(marked).toHaveLength(2);
      expect(marked[0]! < 50 && marked[1]! >= 50).toBe(true);
      expect(targets.values[sample]![0]).toBe(Math.fround(values[2 * marked[0]!]! + values[2 * marked[1]!]!));
    }
  });

  test('draws its numbers from 0 to 1', () => {
    const numbers = inputs.values.slice(0, 200).flatMap((values) => Array.from(values).filter((_, i) => i % 2 === 0));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((a, b) => a + b) / numbers.length).toBeCloseTo(0.5, 1);
  });

  test('leaves the variance of the sum to who remembers nothing', () => {
    const task = samplesTask(samples, configured({}));
    const [mean] = task.baselines();
    expect(Math.abs(task.measure.scale * mean!.loss - varianceOfSum)).toBeLessThan(0.015);
    expect(task.floor!.loss).toBe(0);
    expect(task.capacity.timesteps).toBe(100);
  });

  test('is fixed by its seed', () => {
    const sums = (seed: number) => arraysOut(adding(seed).targets).each.slice(0, 50);
    expect(sums(1)).toEqual(targets.values.slice(0, 50));
    expect(sums(2)).not.toEqual(sums(1));
  });
});

describe('Copying', () => {
  const samples = copying();
  const { inputs, targets } = samples;
  if (inputs.kind !== 'symbols' || targets.kind !== 'classes') throw new Error('Letters are copied.');
  const spelt = (ids: Uint32Array, among: readonly string[]) =>
    Array.from(ids, (id) => (id === absent ? '_' : among[id])).join('');

  test('asks for the letters again, in their order, from the signal on', () => {
    for (const [sample, ids] of inputs.ids.entries()) {
      const [, letters, rest] = spelt(ids, inputs.symbols).match(/^([a-z]+)·{50}\?(·*)$/)!;
      expect(rest!.length).toBe(letters!.length - 1);
      const wanted = spelt(targets.ids[sample]!, targets.classes);
      expect(wanted).toBe('_'.repeat(letters!.length + 50) + letters);
    }
  });

  test('has no sample twice, so that what is held out was not seen', () => {
    expect(new Set(inputs.ids.map(String)).size).toBe(inputs.ids.length);
  });

  test('leaves the guess among the letters to who remembers nothing', () => {
    const task = samplesTask(samples, configured({}));
    const [frequent] = task.baselines();
    expect(Math.abs(task.measure.scale * frequent!.loss - bitsOfGuessing)).toBeLessThan(0.02);
    expect(task.floor!.loss).toBe(0);
  });

  test('is fixed by its seed', () => {
    const letters = (seed: number) => arraysOut(copying(seed).targets).each.slice(0, 50);
    expect(letters(1)).toEqual(targets.ids.slice(0, 50));
    expect(letters(2)).not.toEqual(letters(1));
  });
});
