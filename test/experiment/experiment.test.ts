import { describe, expect, test } from 'vitest';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import { split } from '../../src/data/text/split.ts';
import type { Sampling } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { type ExperimentProgress, runExperiment } from '../../src/experiment/experiment.ts';
import { defaultOptions } from '../../src/experiment/options.ts';
import { symbolModel } from '../../src/model/configuration.ts';

const parts = split(fieldNotes().text.slice(0, 20_000), 0.1);
const options = { ...defaultOptions, trials: 200, length: 30 };

/** Knows the training text by heart: goes on as it does after the first occurrence of the prime; else repeats itself. */
class Memory {
  readonly calls: { readonly primes: readonly Uint32Array[]; readonly sampling: Sampling }[] = [];

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    this.calls.push({ primes, sampling });
    const known = parts.vocabulary.decode(parts.training);
    return primes.map((prime) => {
      const place = known.indexOf(parts.vocabulary.decode(prime));
      const after = place < 0 ? parts.training.subarray(0, 0) : parts.training.subarray(place + prime.length);
      return Uint32Array.from({ length }, (_, i) => after[i] ?? 0);
    });
  }
}

describe('runExperiment', () => {
  test('gives a model that knows the text by heart full marks, in one batch, and counts its curve', async () => {
    const memory = new Memory();
    const { series } = await runExperiment(memory, parts, { ...options, heldOut: true });
    expect(memory.calls.map(({ primes }) => primes.length)).toEqual([400]);
    expect(series.map(({ model, primesFrom }) => `${model}: ${primesFrom}`)).toEqual([
      'network: training text',
      'network: held-out part',
      ...[2, 4, 6, 8].map((order) => `n-gram, order ${order}: training text`),
    ]);
    const [network, heldOut, ...nGrams] = series;
    // Only at the end of the text is there less to agree with than was predicted.
    const text = Array.from(parts.vocabulary.decode(parts.training));
    for (const { start, prime, place, length } of network!.trials) {
      expect(text.slice(start, start + 10).join('')).toBe(prime);
      expect(length).toBe(Math.min(30, text.length - place! - 10));
    }
    expect(heldOut!.trials.some(({ place }) => place === null)).toBe(true);
    for (const { curve, trials } of series) {
      expect(curve).toEqual(Array.from({ length: 31 }, (_, n) => trials.filter(({ length }) => length >= n).length));
      expect(curve[0]).toBe(200);
    }
    // The more an n-gram looks back on, the longer it keeps to the text.
    const sums = nGrams.map(({ trials }) => trials.reduce((sum, { length }) => sum + length, 0));
    expect(sums).toEqual(sums.toSorted((a, b) => a - b));
    for (const { before, prime, place, prediction, length, after } of network!.trials) {
      const stands = `${before}${prime}${Array.from(prediction).slice(0, length).join('')}${after}`;
      expect(text.slice(Math.max(0, place! - 24), place! + 10 + length + 24).join('')).toBe(stands);
    }
  });

  test('runs on an engine, and comes out the same for the same seed only', async () => {
    const model = symbolModel('gru', parts.vocabulary.size, 3);
    const session = await new ReferenceEngine().open(model, { rows: 1, timesteps: 4 });
    const few = { ...options, trials: 20, temperature: 1 };
    const first = await runExperiment(session, parts, few);
    expect(await runExperiment(session, parts, few)).toEqual(first);
    expect((await runExperiment(session, parts, { ...few, seed: 2 })).series).not.toEqual(first.series);
    expect(first.series[0]!.trials.every(({ prediction }) => Array.from(prediction).length === 30)).toBe(true);
    session.close();
  });

  test('tells how far it is', async () => {
    const told: ExperimentProgress[] = [];
    await runExperiment(new Memory(), parts, options, (progress) => told.push(progress));
    expect(new Set(told.map(({ phase }) => phase))).toEqual(new Set(['predicting', 'n-grams', 'matching']));
  });

  test('stops at once when it is cancelled, whatever it is at', async () => {
    for (const phase of ['predicting', 'n-grams', 'matching']) {
      const cancelling = new AbortController();
      const forever = { generate: () => new Promise<never>(() => {}) };
      const session = phase === 'predicting' ? forever : new Memory();
      const stopped = runExperiment(
        session,
        parts,
        { ...options, trials: 20_000, orders: [8, 8] },
        (progress) => progress.phase === phase && queueMicrotask(() => cancelling.abort()),
        cancelling.signal,
      );
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    }
  });

  test.each([
    [{ trials: 0 }, /Trials is a whole number from 1 to 100000, not 0\./],
    [{ primeLength: 2.5 }, /Prime length is a whole number/],
    [{ temperature: Number.NaN }, /Temperature is a number from 0 to 100, not NaN\./],
    [{ orders: [-1] }, /order of an n-gram/],
    [{ primeLength: 1000, heldOut: true }, null],
  ])('refuses %j in one sentence', async (change, words) => {
    const short = split(fieldNotes().text.slice(0, 5000), 0.1);
    const refused = runExperiment(new Memory(), short, { ...options, ...change });
    await expect(refused).rejects.toThrow(words ?? /held-out part has 500 characters, too few for primes of 1000/);
  });
});
