import { expect, it } from 'vitest';
import { randomCase } from '../../src/check/cases.ts';
import type { AdamSettings, Capacity, Session, TrainingState } from '../../src/engine/engine.ts';
import { assertTrainingState } from '../../src/engine/training-state.ts';
import { isMatrix, parameterLayout } from '../../src/model/parameters.ts';
import { relativeError } from '../fixtures.ts';
import { describeEachEngine } from './each-engine.ts';

const plain: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };
const adam: AdamSettings = { ...plain, weightDecay: 0.3, averaging: 0.9 };

const shape = [9, 11, 3, 5] as const;
/** Batch number `i` of a training, each going on from the states of the one before. */
const batchOf = (i: number) => ({ ...randomCase(shape, i).batch, initialState: 'carried' as const });
const { model, batch, state } = randomCase(shape, 20);
const room: Capacity = { rows: batch.rows, timesteps: batch.timesteps, withAverages: true };
const bits = ({ parameters, m, v, averaged, carriedState }: TrainingState) =>
  [parameters, m, v, averaged ?? [], carriedState].map((flat) => Array.from(flat));

async function takeSteps(session: Session, first: number, end: number, settings = adam): Promise<void> {
  for (let i = first; i < end; i++) await session.step(batchOf(i), settings);
}

/** The bits of what a few steps leave. */
const trained = async (session: Session, settings: AdamSettings) => {
  session.write(state);
  await takeSteps(session, 0, 4, settings);
  const read = await session.read();
  session.close();
  return read;
};

describeEachEngine('Weight decay and averages', (engine, accuracy) => {
  it('are nothing where they are 0, left out, or not kept', async () => {
    const without = await trained(await engine().open(model, { ...room, withAverages: false }), plain);
    const zero = await trained(await engine().open(model, room), { ...plain, weightDecay: 0, averaging: 0 });
    expect(without.averaged).toBeUndefined();
    // The average is then the parameters themselves.
    expect(bits(zero)).toEqual(bits({ ...without, averaged: without.parameters }));
  });

  it('take matrices and leave biases, in every layer', async () => {
    const stack = randomCase([9, 11, 3, 5], 21, 'LSTM, symbols');
    const deep = { ...stack.model, layers: 3 };
    const { length, places } = parameterLayout(deep);
    const session = await engine().open(deep, { ...room, withAverages: false });
    const { carriedState } = await session.read();
    const ones = new Float32Array(length).fill(1);
    session.write({
      step: 0,
      parameters: ones,
      m: new Float32Array(length),
      v: new Float32Array(length),
      carriedState,
    });
    // As no gradient ever passes ε, decay is all that moves anything.
    await session.step({ ...stack.batch, initialState: 'zero' }, { ...plain, weightDecay: 25, epsilon: 1e30 });
    const { parameters } = await session.read();
    session.close();
    for (const place of places) {
      const expected = new Array(place.length).fill(isMatrix(place) ? 0.75 : 1);
      expect(Array.from(parameters.subarray(place.offset, place.offset + place.length)), place.name).toEqual(expected);
    }
  });

  it('go on from what was read, to the last bit', async () => {
    const [one, other] = await Promise.all([engine().open(model, room), engine().open(model, room)]);
    one.write(state);
    await takeSteps(one, 0, 3);
    other.write(await one.read());
    for (const session of [one, other]) await takeSteps(session, 3, 6);
    const [a, b] = [await one.read(), await other.read()];
    one.close();
    other.close();
    // The reference computes in float64, and hands out float32.
    if (engine().name === 'reference') expect(relativeError(b.averaged!, a.averaged!)).toBeLessThan(1e-6);
    else expect(bits(b)).toEqual(bits(a));
    expect(relativeError(a.averaged!, a.parameters)).toBeGreaterThan(1e-3);
  });

  it('begin with the parameters where a state has no average', async () => {
    const session = await engine().open(model, room);
    session.write(state);
    const { averaged } = await session.read();
    session.close();
    expect(Array.from(averaged!)).toEqual(Array.from(state.parameters));
  });

  it('answer as a session would whose parameters are the averages, and leave the training alone', async () => {
    const [session, exact] = await Promise.all([engine().open(model, room), engine().open(model, room)]);
    session.write(state);
    await takeSteps(session, 0, 3);
    const before = await session.read();
    exact.write({ ...before, parameters: before.averaged! });
    const primes = [Uint32Array.of(1, 2, 3), Uint32Array.of(4)];
    const ask = async (network: NonNullable<Session['averaged']>) => [
      await network.evaluate(batch),
      await network.gradients(batchOf(3)),
      await network.trace(batchOf(3)),
      await network.generate(primes, 20, { temperature: 1, seed: 5 }),
    ];
    const [answers, expected, own] = [await ask(session.averaged!), await ask(exact), await ask(session)];
    const after = await session.read();
    session.close();
    exact.close();
    if (engine().name === 'reference') {
      expect(relativeError([answers[0] as number], [expected[0] as number])).toBeLessThan(accuracy.trained);
    } else expect(answers).toEqual(expected);
    expect(answers[0]).not.toEqual(own[0]);
    expect(bits(after)).toEqual(bits(before));
  });

  it('can be asked between steps that are under way', async () => {
    const [one, other] = await Promise.all([engine().open(model, room), engine().open(model, room)]);
    for (const session of [one, other]) session.write(state);
    const first = one.step(batchOf(0), adam);
    const asked = one.averaged!.evaluate(batch);
    const second = one.stepsInFlight > 1 ? one.step(batchOf(1), adam) : undefined;
    await first;
    await (second ?? one.step(batchOf(1), adam));

    await takeSteps(other, 0, 1);
    const loss = await other.averaged!.evaluate(batch);
    await takeSteps(other, 1, 2);
    expect(await asked).toBe(loss);
    expect(bits(await one.read())).toEqual(bits(await other.read()));
    one.close();
    other.close();
  });

  it('stay as they are from the first number that is not finite on', async () => {
    const session = await engine().open(model, room);
    session.write(state);
    await takeSteps(session, 0, 2);
    const { parameters, ...rest } = await session.read();
    session.write({ ...rest, parameters: parameters.map((x, i) => (i === parameters.length - 1 ? Number.NaN : x)) });
    const { notFinite } = await session.step(batch, adam);
    const { averaged } = await session.read();
    session.close();
    expect(notFinite).toContain('V');
    expect(Array.from(averaged!)).toEqual(Array.from(rest.averaged!));
  });
});

it('An average that belongs to another network is refused', () => {
  const wrong = { ...state, averaged: new Float32Array(3) };
  expect(() => assertTrainingState(wrong, model, room)).toThrow(/averaged has 3 elements; this network has \d+\./);
});
