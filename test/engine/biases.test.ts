import { expect, it } from 'vitest';
import { randomCase } from '../../src/check/cases.ts';
import type { AdamSettings, Engine } from '../../src/engine/engine.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { initialParameters, isMatrix, learnedCount, parameterLayout } from '../../src/model/parameters.ts';
import { relativeError } from '../fixtures.ts';
import { describeEachEngine } from './each-engine.ts';

const adam: AdamSettings = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 0.1,
  weightDecay: 0.1,
  averaging: 0.9,
};
const shape = [9, 11, 3, 5] as const;
const ofCase = randomCase(shape, 30, 'LSTM, symbols').model;
const model: ModelConfiguration = { ...ofCase, layers: 2, biases: false };
const { places } = parameterLayout(model);
const batchOf = (i: number) => randomCase(shape, 30 + i, 'LSTM, symbols').batch;

/** Opens a session and takes 20 steps from the same start as any other: their norms, and what they leave. */
async function train(engine: Engine, model: ModelConfiguration) {
  const { rows, timesteps } = batchOf(0);
  const session = await engine.open(model, { rows, timesteps, withAverages: true });
  session.write(initialState(model, session.capacity, 1));
  const norms: number[] = [];
  for (let i = 0; i < 20; i++) {
    norms.push((await session.step({ ...batchOf(i), initialState: 'zero' }, adam)).gradientNorm);
  }
  const gradients = await session.gradients({ ...batchOf(0), initialState: 'zero' });
  const state = await session.read();
  session.close();
  return { norms, gradients, state };
}

const expected = train(new ReferenceEngine(), model);

describeEachEngine('A network without biases', (engine, accuracy) => {
  it('keeps them at 0, and learns all else as float64 does', async () => {
    const { norms, gradients, state } = await train(engine(), model);
    for (const flat of [state.parameters, state.averaged!, state.m, state.v]) {
      for (const place of places.filter((place) => !isMatrix(place))) {
        const bias = flat.subarray(place.offset, place.offset + place.length);
        expect(
          bias.every((value) => value === 0),
          place.name,
        ).toBe(true);
      }
    }
    const reference = await expected;
    expect(relativeError(state.parameters, reference.state.parameters)).toBeLessThan(accuracy.trained);
    expect(relativeError(Float64Array.from(norms), Float64Array.from(reference.norms))).toBeLessThan(accuracy.trained);
    // The gradients by the biases are there all the same.
    expect(relativeError(Float64Array.from(gradients.flat), reference.gradients.flat)).toBeLessThan(accuracy.trained);
    const bias = places.find((place) => !isMatrix(place))!;
    expect(gradients.flat.subarray(bias.offset, bias.offset + bias.length).every((value) => value !== 0)).toBe(true);
  });
});

it('It begins with the matrices of the network with biases, and learns them alone', () => {
  const [without, having] = [initialParameters(model, 1), initialParameters({ ...model, biases: true }, 1)];
  for (const place of places) {
    const [some, others] = [without, having].map((flat) => flat.subarray(place.offset, place.offset + place.length));
    expect(some, place.name).toEqual(isMatrix(place) ? others : new Float32Array(place.length));
  }
  const ofMatrices = places.filter(isMatrix).reduce((sum, { length }) => sum + length, 0);
  expect(learnedCount(model)).toBe(ofMatrices);
  expect(learnedCount({ ...model, biases: true })).toBe(without.length);
});

it('The norm of its gradient is of the matrices alone', async () => {
  const [without, having] = await Promise.all(
    [model, { ...model, biases: true }].map(async (model) => {
      const { rows, timesteps } = batchOf(0);
      const session = await new ReferenceEngine().open(model, { rows, timesteps });
      session.write({ ...initialState(model, session.capacity, 1), parameters: initialParameters(model, 1).fill(0.1) });
      const { flat } = await session.gradients({ ...batchOf(0), initialState: 'zero' });
      const { gradientNorm } = await session.step({ ...batchOf(0), initialState: 'zero' }, adam);
      const learned = places.filter((place) => model.biases || isMatrix(place));
      const squares = learned.flatMap(({ offset, length }) =>
        Array.from(flat.subarray(offset, offset + length), (g) => g * g),
      );
      expect(gradientNorm).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b)), 10);
      return gradientNorm;
    }),
  );
  expect(without).toBeLessThan(having!);
});
