import { expect, it } from 'vitest';
import { randomCase } from '../../src/check/cases.ts';
import type { AdamSettings, Batch } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { relativeError } from '../fixtures.ts';
import { describeEachEngine } from './each-engine.ts';

const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

describeEachEngine('A session', (engine, accuracy) => {
  it('takes smaller batches than it was opened for', async () => {
    const { model, batch, state } = randomCase([9, 11, 2, 3], 1);
    const [small, large] = await Promise.all([
      engine().open(model, batch),
      engine().open(model, { rows: 7, timesteps: 10 }),
    ]);
    small.write(state);
    large.write({ ...state, carriedState: new Float32Array(7 * 11) });
    const [fromSmall, fromLarge] = await Promise.all([small.gradients(batch), large.gradients(batch)]);
    small.close();
    large.close();
    expect(relativeError([fromLarge.loss], [fromSmall.loss])).toBeLessThan(accuracy.gradient);
    expect(relativeError(fromLarge.flat, fromSmall.flat)).toBeLessThan(accuracy.gradient);
  });

  it('carries the state from one step to the next', async () => {
    const { model, batch, state } = randomCase([9, 11, 3, 8], 2);
    const session = await engine().open(model, batch);
    const still = { ...adam, learningRate: 0 };
    session.write(state);
    const whole = await session.evaluate({ ...batch, initialState: 'zero' });
    const half = (from: number, initialState: Batch['initialState']): Batch => ({
      rows: 3,
      timesteps: 4,
      inputs: batch.inputs.slice(3 * from, 3 * (from + 4)),
      targets: batch.targets.slice(3 * from, 3 * (from + 4)),
      initialState,
    });
    const first = await session.step(half(0, 'zero'), still);
    // Looking at other text in between is no part of the run.
    await session.evaluate({ ...batch, initialState: 'zero' });
    const second = await session.step(half(4, 'carried'), still);
    const { carriedState } = await session.read();
    const { finalState } = await session.gradients({ ...batch, initialState: 'zero' });
    session.close();
    expect((first.loss + second.loss) / 2).toBeCloseTo(whole, 5);
    expect(relativeError(carriedState, finalState)).toBeLessThan(1e-5);
  });

  // Of sequences of 7, none of the first counts, and part of the second.
  it.each([0, 10])(
    'evaluates a text longer than its sequences, state carried over, from symbol %i on',
    async (from) => {
      const { model, batch, state } = randomCase([9, 11, 3, 50], 3);
      const text: Batch = { ...batch, initialState: 'zero', countFrom: from };
      const [session, exact] = await Promise.all([
        engine().open(model, { rows: 3, timesteps: 7 }),
        new ReferenceEngine().open(model, { rows: 3, timesteps: 50 }),
      ]);
      session.write(state);
      exact.write(state);
      const [loss, expected] = [await session.evaluate(text), await exact.gradients(text)];
      session.close();
      expect(relativeError([loss], [expected.loss])).toBeLessThan(1e-5);
    },
  );

  it('goes on from what it read as if nothing had been', async () => {
    const { model, batch, state } = randomCase([9, 11, 3, 5], 4);
    const carried: Batch = { ...batch, initialState: 'carried' };
    const [one, other] = await Promise.all([engine().open(model, batch), engine().open(model, batch)]);
    one.write(state);
    for (let i = 0; i < 3; i++) await one.step(carried, adam);
    other.write(await one.read());
    for (let i = 0; i < 3; i++) await Promise.all([one.step(carried, adam), other.step(carried, adam)]);
    const [a, b] = [await one.read(), await other.read()];
    one.close();
    other.close();
    expect(b.step).toBe(6);
    expect(relativeError(b.parameters, a.parameters)).toBeLessThan(
      engine().name === 'webgpu' ? Number.MIN_VALUE : 1e-6,
    );
  });

  it('takes as many steps at once as it says, as if one after the other', async () => {
    const { model, batch, state } = randomCase([9, 11, 3, 5], 10);
    const train = async (atOnce: boolean) => {
      const session = await engine().open(model, batch);
      session.write(state);
      const losses: number[] = [];
      const steps = Array.from(
        { length: session.stepsInFlight },
        (_, i) => () => session.step(randomCase([9, 11, 3, 5], i).batch, adam),
      );
      if (atOnce) for (const { loss } of await Promise.all(steps.map((step) => step()))) losses.push(loss);
      else for (const step of steps) losses.push((await step()).loss);
      const { parameters } = await session.read();
      session.close();
      return { losses, parameters: Array.from(parameters) };
    };
    expect(await train(true)).toEqual(await train(false));
  });

  it.each(['GRU, vectors', 'RNN, vectors, squared error', 'RNN, symbols'] as const)(
    'takes a step from the places that count: %s',
    async (kind) => {
      const { model, batch, state } = randomCase([10, 7, 3, 6], 12, kind);
      const second = { ...batch, countFrom: 2 };
      const [session, exact] = await Promise.all([
        engine().open(model, batch),
        new ReferenceEngine().open(model, batch),
      ]);
      session.write(state);
      exact.write(state);
      const reported = [await session.step(batch, adam), await session.step(second, adam)];
      const expected = [await exact.step(batch, adam), await exact.step(second, adam)];
      const [trained, exactly] = [await session.read(), await exact.read()];
      session.close();
      for (const [i, { loss, gradientNorm }] of reported.entries()) {
        expect(relativeError([loss], [expected[i]!.loss])).toBeLessThan(accuracy.trained);
        expect(relativeError([gradientNorm], [expected[i]!.gradientNorm])).toBeLessThan(accuracy.trained);
      }
      expect(relativeError(trained.parameters, exactly.parameters)).toBeLessThan(accuracy.trained);
    },
  );

  it('shows what goes on within it without moving anything', async () => {
    const { model, batch, state } = randomCase([9, 11, 3, 5], 13);
    const session = await engine().open(model, { rows: 3, timesteps: 8 });
    session.write(state);
    await session.step({ ...batch, initialState: 'zero' }, adam);
    const before = await session.read();
    const carried: Batch = { ...batch, initialState: 'carried' };
    const { layers } = await session.trace(carried);
    // Whatever the targets are.
    const { outputs } = await session.trace({ ...carried, targets: batch.targets.map(() => 0) });
    const after = await session.read();
    const again = await session.trace(carried);
    session.close();
    expect(after).toEqual(before);
    expect(relativeError(layers[0]!.states['h']!.subarray(0, 3 * 11), before.carriedState)).toBeLessThan(1e-6);
    expect(Array.from(again.outputs)).toEqual(Array.from(outputs));
    for (let place = 0; place < 15; place++) {
      const together = Array.from(outputs.subarray(place * 9, (place + 1) * 9)).reduce((a, b) => a + b);
      expect(together).toBeCloseTo(1, 5);
    }
  });

  it.each([
    'GRU, symbols',
    'GRU, symbols, sigmoid',
    'RNN, symbols',
    'RNN, symbols, sigmoid, squared error',
    'RNN (tanh), symbols',
    'LSTM, symbols',
  ])('draws the same text as the reference from the same seed, the likeliest at temperature 0: %s', async (kind) => {
    const { model, batch, state } = randomCase([13, 22, 1, 1], 5, kind);
    const primes = [
      Uint32Array.of(1, 2, 3),
      Uint32Array.of(4),
      ...Array.from({ length: 5 }, () => Uint32Array.of(7, 7)),
    ];
    const [session, exact] = await Promise.all([engine().open(model, batch), new ReferenceEngine().open(model, batch)]);
    // Weights five times as large as at the start, so that the network has opinions.
    const opinionated = { ...state, parameters: state.parameters.map((x) => 5 * x) };
    session.write(opinionated);
    exact.write(opinionated);
    for (const temperature of [0, 0.7, 3]) {
      const sampling = { temperature, seed: 99 };
      const [drawn, expected] = [
        await session.generate(primes, 40, sampling),
        await exact.generate(primes, 40, sampling),
      ];
      expect(drawn.map((ids) => Array.from(ids))).toEqual(expected.map((ids) => Array.from(ids)));
    }
    const [again, otherSeed] = [
      await session.generate(primes, 40, { temperature: 1, seed: 1 }),
      await session.generate(primes, 40, { temperature: 1, seed: 2 }),
    ];
    session.close();
    expect(again).not.toEqual(otherSeed);
    // Equal primes side by side are drawn from apart.
    expect(again[2]).not.toEqual(again[3]);
  });

  it('samples symbols as often as the softmax says', async () => {
    const { model, batch, state } = randomCase([5, 3, 1, 1], 6);
    const session = await engine().open(model, batch);
    // Only the output's bias is left, so that every draw comes from the same distribution.
    const bias = [0, 1, 2, -1, 0.5];
    const parameters = new Float32Array(state.parameters.length);
    parameters.set(bias, parameters.length - bias.length);
    session.write({ ...state, parameters });
    const [temperature, rows, length] = [1.5, 20, 500];
    const drawn = await session.generate(
      Array.from({ length: rows }, () => Uint32Array.of(0)),
      length,
      { temperature, seed: 11 },
    );
    session.close();
    const weights = bias.map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((a, b) => a + b);
    for (const [symbol, weight] of weights.entries()) {
      const share = drawn.reduce((n, ids) => n + ids.filter((id) => id === symbol).length, 0) / (rows * length);
      const p = weight / total;
      // Five standard deviations of a binomial share.
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / (rows * length)));
    }
  });

  it('keeps its parameters from the first number that is not finite on', async () => {
    const { model, batch, state } = randomCase([9, 11, 3, 5], 8);
    const session = await engine().open(model, batch);
    session.write({
      ...state,
      parameters: state.parameters.map((x, i) => (i === state.parameters.length - 1 ? Number.NaN : x)),
    });
    const before = await session.read();
    // The second is in the queue before anything is known of the first.
    const steps = Array.from({ length: Math.min(2, session.stepsInFlight) }, () => session.step(batch, adam));
    const [bad, next = await session.step(batch, adam)] = await Promise.all(steps);
    const after = await session.read();
    expect(bad!.notFinite?.[0]).toBe('loss');
    expect(bad!.notFinite).toContain('V');
    expect(next.notFinite).toBeDefined();
    expect(Array.from(after.parameters)).toEqual(Array.from(before.parameters));
    session.write(state);
    expect((await session.step(batch, adam)).notFinite).toBeUndefined();
    session.close();
  });

  it('refuses in one sentence what it cannot take', async () => {
    const { model, batch } = randomCase([9, 11, 3, 5], 9);
    const session = await engine().open(model, batch);
    const tooLong = randomCase([9, 11, 3, 6], 9).batch;
    const unknown: Batch = { ...batch, inputs: batch.inputs.map(() => 9) };
    await expect(session.gradients(tooLong)).rejects.toThrow(/3 rows × 6 timesteps does not fit .* 3 × 5/);
    await expect(session.gradients(unknown)).rejects.toThrow(/Symbol 9 is not in the vocabulary, which has 9 symbols/);
    await expect(session.generate([Uint32Array.of()], 3, { temperature: 1, seed: 0 })).rejects.toThrow(
      /at least one character/,
    );
    session.close();
    const vectors = randomCase([9, 11, 3, 5], 9, 'RNN, vectors');
    const other = await engine().open(vectors.model, vectors.batch);
    await expect(other.generate([Uint32Array.of(1)], 3, { temperature: 1, seed: 0 })).rejects.toThrow(
      /predicts the symbols it reads/,
    );
    await expect(other.gradients(batch)).rejects.toThrow(/numbers that go in/);
    other.close();
  });
});
