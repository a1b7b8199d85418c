import { expect, it } from 'vitest';
import { type Kind, kinds, randomCase, type Shape } from '../../src/check/cases.ts';
import type { AdamSettings, Engine } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { relativeError, relativeErrors } from '../fixtures.ts';
import { describeEachEngine } from './each-engine.ts';

const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

/** Sizes of which none is a whole number of tiles. */
const shape: Shape = [9, 11, 3, 6];

describeEachEngine('Every kind of network', (engine, accuracy) => {
  it.each(Object.keys(kinds) as Kind[])('follows Adam as the reference does: %s', async (kind) => {
    const { model, state } = randomCase(shape, 1, kind);
    const train = async (engine: Engine) => {
      const session = await engine.open(model, { rows: 3, timesteps: 6 });
      session.write(state);
      const losses: number[] = [];
      for (let i = 0; i < 10; i++) {
        const batch = { ...randomCase(shape, i, kind).batch, initialState: 'carried', countFrom: i % 3 } as const;
        losses.push((await session.step(batch, adam)).loss);
      }
      const { parameters, carriedState } = await session.read();
      session.close();
      return { losses, parameters, carriedState };
    };
    const [trained, expected] = [await train(engine()), await train(new ReferenceEngine())];
    expect(relativeError(trained.losses, expected.losses)).toBeLessThan(accuracy.trained);
    expect(relativeError(trained.carriedState, expected.carriedState)).toBeLessThan(accuracy.trained);
    const part = (offset: number, length: number) => expected.parameters.subarray(offset, offset + length);
    const errors = relativeErrors(model, trained.parameters, (_, offset, length) => part(offset, length));
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(accuracy.trained);
  });

  it.each<Kind>([
    'GRU, symbols',
    'RNN, symbols, sigmoid, squared error',
    'RNN, vectors',
    'LSTM, 2 layers, symbols, ragged',
    'GRU (reset after), classes, ragged',
    'RNN (tanh), vectors, linear, ragged',
  ])('evaluates a text longer than its sequences, of which the first half does not count: %s', async (kind) => {
    const { model, batch, state } = randomCase([9, 11, 3, 50], 3, kind);
    const [session, exact] = await Promise.all([
      engine().open(model, { rows: 3, timesteps: 7 }),
      new ReferenceEngine().open(model, { rows: 3, timesteps: 50 }),
    ]);
    session.write(state);
    exact.write(state);
    for (const countFrom of [0, 25, 49]) {
      const text = { ...batch, countFrom };
      const [loss, expected] = [await session.evaluate(text), await exact.evaluate(text)];
      expect(relativeError([loss], [expected]), `from ${countFrom}`).toBeLessThan(1e-5);
    }
    session.close();
  });

  it.each<Kind>([
    'GRU, symbols, sigmoid',
    'RNN, symbols',
    'RNN, symbols, sigmoid, squared error',
    'GRU, 2 layers, symbols, ragged',
    'GRU (reset after), symbols',
    'LSTM, 2 layers, symbols, ragged',
    'RNN, 2 layers, symbols, ragged',
  ])('draws the same text as the reference from the same seed: %s', async (kind) => {
    const { model, batch, state } = randomCase([13, 20, 1, 1], 5, kind);
    const primes = [Uint32Array.of(1, 2, 3), Uint32Array.of(4), Uint32Array.of(7, 7), Uint32Array.of(7, 7)];
    const [session, exact] = await Promise.all([engine().open(model, batch), new ReferenceEngine().open(model, batch)]);
    // Weights ten times as large as at the start, so that the network has opinions.
    const opinionated = { ...state, parameters: state.parameters.map((x) => 10 * x) };
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
    session.close();
  });

  it.each<Kind>(['GRU, vectors', 'LSTM, 2 layers, vectors'])(
    'can be looked into between two steps, as if nobody had looked: %s',
    async (kind) => {
      const { model, batch, state } = randomCase(shape, 2, kind);
      const carried = { ...batch, initialState: 'carried' } as const;
      const session = await engine().open(model, batch);
      session.write(state);
      await session.step(carried, adam);
      const before = await session.read();
      const { layers } = await session.trace(carried);
      const { stateGradients } = await session.gradients({ ...batch, initialState: 'zero' });
      await session.evaluate(batch);
      const after = await session.read();
      session.close();
      expect(after).toEqual(before);
      const states = layers.flatMap(({ states }) => Object.values(states));
      const each = batch.rows * model.hiddenSize;
      expect(stateGradients.length).toBe(states.length * (batch.timesteps + 1) * each);
      // What a trace starts from is the state that was carried to it.
      const first = states.flatMap((state) => Array.from(state.subarray(0, each)));
      expect(relativeError(first, before.carriedState)).toBeLessThan(1e-6);
    },
  );

  it('does not hide a target that is not a number', async () => {
    const { model, batch, state } = randomCase(shape, 4, 'RNN, vectors');
    const session = await engine().open(model, batch);
    session.write(state);
    const report = await session.step(
      { ...batch, targets: Float32Array.from(batch.targets, (t, i) => (i === 0 ? NaN : t)) },
      adam,
    );
    const { parameters } = await session.read();
    session.close();
    expect(report.notFinite?.[0]).toBe('loss');
    expect(report.notFinite).toContain('U');
    expect(Array.from(parameters)).toEqual(Array.from(state.parameters));
  });

  it.each<Kind>(['RNN, vectors', 'GRU, classes, ragged'])(
    'writes no text unless it predicts the symbols that it reads: %s',
    async (kind) => {
      const { model, batch } = randomCase(shape, 6, kind);
      const session = await engine().open(model, batch);
      const drawn = session.generate([Uint32Array.of(1)], 3, { temperature: 1, seed: 0 });
      await expect(drawn).rejects.toThrow(/predicts the symbols it reads/);
      session.close();
    },
  );
});
