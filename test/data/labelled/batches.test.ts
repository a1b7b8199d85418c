import { describe, expect, test } from 'vitest';
import { Epochs } from '../../../src/data/labelled/batches.ts';
import { samplesTask } from '../../../src/data/labelled/task.ts';
import { countedPlaces, isCounted } from '../../../src/engine/batch.ts';
import type { Batch } from '../../../src/engine/engine.ts';
import { configured, drawn, forms } from './small.ts';

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

/** A batch as it is now: its arrays are used again. */
const kept = (batch: Batch) => structuredClone(batch);

describe.each(forms)('Of samples with $inputs in and $targets out, $at', (form) => {
  const samples = drawn(form, 83, 7);
  const task = samplesTask(samples, configured({ batch: 8, validation: 0.25, seed: 5 }));

  test('every held-out place is counted once, in pieces of like lengths', () => {
    for (const places of [1, 20, 1000]) {
      const pieces = [...task.heldOut(places)];
      expect(sorted(pieces.flatMap((piece) => [...piece.samples]))).toEqual([...task.validation]);
      const counted = pieces.map((piece) => countedPlaces(piece));
      const total = counted.reduce((a, b) => a + b);
      expect(total).toBe(task.validation.reduce((sum, sample) => sum + task.encoded.counted[sample]!, 0));
      expect(pieces.map(({ share }) => share)).toEqual(counted.map((count) => count / total));
      for (const [i, { rows, timesteps }] of pieces.entries()) {
        expect(rows).toBeLessThanOrEqual(task.capacity.rows);
        expect(rows === 1 || rows * timesteps <= places).toBe(true);
        if (i > 0) expect(timesteps).toBeGreaterThanOrEqual(pieces[i - 1]!.timesteps);
      }
    }
  });

  test('a batch holds each sample as it is, and counts what has a target', () => {
    const { encoded } = task;
    for (const piece of task.heldOut(30)) {
      const { rows, timesteps, inputs, targets, lengths } = piece;
      for (const [row, sample] of piece.samples.entries()) {
        const [own, wanted] = [encoded.inputs[sample]!, encoded.targets[sample]!];
        const [I, O] = [encoded.inputWidth, encoded.targetWidth];
        const length = own.length / I;
        expect(lengths?.[row] ?? timesteps).toBe(length);
        for (let t = 0; t < timesteps; t++) {
          const place = t * rows + row;
          const target = form.at === 'timestep' ? t : t === length - 1 ? 0 : -1;
          const has = t < length && target >= 0 && (form.at === 'end' || target % 3 !== 2);
          expect(isCounted(piece, t, row)).toBe(has);
          if (t < length) expect(inputs.subarray(place * I, (place + 1) * I)).toEqual(own.subarray(t * I, (t + 1) * I));
          if (has)
            expect(targets.subarray(place * O, (place + 1) * O)).toEqual(wanted.subarray(target * O, (target + 1) * O));
        }
      }
    }
  });

  test('batches are the same in whatever order their steps are asked for', () => {
    const steps = Array.from({ length: 25 }, (_, i) => i + 1);
    const forwards = steps.map((step) => kept(task.batch(step)));
    const again = samplesTask(samples, configured({ batch: 8, validation: 0.25, seed: 5 }));
    const backwards = steps.toReversed().map((step) => kept(again.batch(step)));
    expect(backwards.toReversed()).toEqual(forwards);
    expect(forwards[8]).not.toEqual(forwards[0]);
  });

  test('no batch is without anything that counts, and what is tried is of the training part and stays', () => {
    for (let step = 1; step <= 25; step++) expect(countedPlaces(task.batch(step))).toBeGreaterThan(0);
    const tried = kept(task.tried());
    task.batch(3);
    expect(task.tried()).toEqual(tried);
    expect(countedPlaces(tried)).toBeGreaterThan(0);
  });
});

describe('Epochs', () => {
  const samples = drawn({ inputs: 'symbols', targets: 'classes', at: 'end' }, 1000, 40);
  const { encoded, training, capacity, placesPerStep } = samplesTask(
    samples,
    configured({ batch: 16, validation: 0.1 }),
  );
  const epochs = new Epochs(encoded, training, 16, 1);

  test('cover every training sample once each, in another order each time', () => {
    expect(epochs.length).toBe(Math.ceil(900 / 16));
    const orders = [0, 1, 2].map((epoch) =>
      Array.from({ length: epochs.length }, (_, i) => epochs.numbersAt(1 + epoch * epochs.length + i).slice()),
    );
    for (const order of orders) expect(sorted(order.flatMap((batch) => [...batch]))).toEqual([...training]);
    expect(orders[1]).not.toEqual(orders[0]);
    const sizes = orders.flat().map(({ length }) => length);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([15, 16]);
    expect(placesPerStep).toBeCloseTo(900 / epochs.length, 10);
  });

  test('put samples of like lengths side by side, in batches that do not get longer and longer', () => {
    const batches = Array.from({ length: epochs.length }, (_, i) => epochs.numbersAt(1 + i).slice());
    const lengths = batches.map((batch) => Array.from(batch, (sample) => encoded.inputs[sample]!.length));
    const padded = lengths.reduce((sum, batch) => sum + batch.length * Math.max(...batch), 0);
    const own = lengths.flat().reduce((a, b) => a + b);
    expect(padded / own).toBeLessThan(1.1);
    const rises = lengths.slice(1).filter((batch, i) => Math.max(...batch) > Math.max(...lengths[i]!)).length;
    expect(rises / lengths.length).toBeGreaterThan(0.3);
    expect(rises / lengths.length).toBeLessThan(0.7);
  });

  test('of fewer samples than a batch has rows are one batch', () => {
    const few = new Epochs(encoded, training.subarray(0, 5), 16, 1);
    expect([few.length, few.rows]).toEqual([1, 5]);
    expect(sorted(few.numbersAt(7))).toEqual([...training.subarray(0, 5)]);
  });

  test('have room for the longest sample', () => {
    const longest = Math.max(...encoded.inputs.map(({ length }) => length));
    expect(capacity).toEqual({ rows: 16, timesteps: longest });
  });
});
