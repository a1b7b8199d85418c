import { describe, expect, it } from 'vitest';
import { type Kind, kinds, randomCase, type Shape, someDropout } from '../../src/check/cases.ts';
import { dropBelow, droppedAt, keptScale } from '../../src/engine/dropout.ts';
import {
  type AdamSettings,
  type Batch,
  type Dropout,
  dropoutMasks,
  type Engine,
  type Gradients,
} from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { toHalves } from '../../src/engine/webgpu/workbench.ts';
import { relativeError } from '../fixtures.ts';
import { expectAlike } from './alike.ts';
import { describeEachEngine, useWebGPUEngine, webgpu } from './each-engine.ts';

const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

/** Sizes of which none is a whole number of tiles, and more rows than a workgroup or a thread takes at once. */
const shape: Shape = [9, 11, 13, 6];

const some: readonly Kind[] = [
  'GRU, symbols',
  'GRU, 2 layers, symbols, ragged',
  'GRU, 3 layers, vectors, log-softmax',
  'GRU (reset after), 2 layers, vectors',
  'GRU (reset after), vectors, linear, ragged',
  'LSTM, 2 layers, symbols, ragged',
  'LSTM, classes, ragged',
  'RNN, 2 layers, vectors',
  'RNN (tanh), 2 layers, symbols, ragged',
];

const withRoom = ({ rows, timesteps }: Batch) => ({ rows, timesteps, withDropout: true });

describeEachEngine('Dropout', (engine, accuracy) => {
  it.each(some)('has the gradients and the loss of the reference with the same masks: %s', async (kind) => {
    const { model, batch, state } = randomCase(shape, 3, kind);
    const find = async (engine: Engine) => {
      const session = await engine.open(model, withRoom(batch));
      session.write(state);
      const masked: Gradients[] = [];
      for (const masks of dropoutMasks) {
        masked.push(await session.gradients({ ...batch, dropout: someDropout(model, masks, 5) }));
      }
      const [whole, evaluated] = [await session.gradients(batch), await session.evaluate(batch)];
      session.close();
      return { masked, whole, evaluated };
    };
    const [found, expected] = [await find(engine()), await find(new ReferenceEngine())];
    for (const [i, masked] of found.masked.entries()) {
      expectAlike(model, masked, expected.masked[i]!, accuracy.gradient);
      // Both masks differ from each other and from none.
      expect(relativeError(masked.flat, expected.whole.flat)).toBeGreaterThan(0.01);
      expect(relativeError(masked.flat, expected.masked[1 - i]!.flat)).toBeGreaterThan(0.01);
    }
    // Evaluation leaves nothing out.
    expectAlike(model, found.whole, expected.whole, accuracy.gradient);
    expect(relativeError([found.evaluated], [expected.whole.loss])).toBeLessThan(accuracy.gradient);
  });

  it.each(['GRU, 2 layers, symbols, ragged', 'LSTM, 2 layers, symbols, ragged'])(
    'follows Adam as the reference does, with other masks at each step: %s',
    async (kind) => {
      const { model, state } = randomCase(shape, 1, kind);
      const train = async (engine: Engine) => {
        const session = await engine.open(model, { rows: 13, timesteps: 6, withDropout: true });
        session.write(state);
        const losses: number[] = [];
        for (let i = 0; i < 6; i++) {
          const batch = { ...randomCase(shape, i, kind).batch, initialState: 'carried' } as const;
          const dropout = someDropout(model, dropoutMasks[i % 2]!, i);
          losses.push((await session.step({ ...batch, dropout }, adam)).loss);
        }
        const { parameters, carriedState } = await session.read();
        session.close();
        return { losses, parameters, carriedState };
      };
      const [trained, expected] = [await train(engine()), await train(new ReferenceEngine())];
      expect(relativeError(trained.losses, expected.losses)).toBeLessThan(accuracy.trained);
      expect(relativeError(trained.carriedState, expected.carriedState)).toBeLessThan(accuracy.trained);
      expect(relativeError(trained.parameters, expected.parameters)).toBeLessThan(accuracy.trained);
    },
  );

  it('finds the very bits of a session without room for it, where nothing is left out', async () => {
    const { model, batch, state } = randomCase(shape, 3, 'GRU, 2 layers, symbols, ragged');
    const find = async (withDropout: boolean) => {
      const session = await engine().open(model, { ...withRoom(batch), withDropout });
      session.write(state);
      const { loss, flat } = await session.gradients(batch);
      session.close();
      return { loss, flat };
    };
    expect(await find(true)).toEqual(await find(false));
  });

  it('is refused where there is no room, at a share that leaves nothing, and of candidates that a cell has not', async () => {
    const { model, batch } = randomCase(shape, 3, 'RNN, symbols');
    const dropout = someDropout(model, 'timestep', 1);
    const [without, session] = [await engine().open(model, batch), await engine().open(model, withRoom(batch))];
    const take = async (session: typeof without, change: Partial<Dropout>) =>
      session.gradients({ ...batch, dropout: { ...dropout, ...change } });
    await expect(take(without, {})).rejects.toThrow(/without room for dropout/);
    for (const outputs of [1, 0.999, -0.1, Number.NaN]) {
      await expect(take(session, { outputs })).rejects.toThrow(/The dropout of outputs is a share from 0 to below 1/);
    }
    await expect(take(session, { candidates: 0.5 })).rejects.toThrow(/The RNN has no candidates to leave out/);
    without.close();
    session.close();
  });
});

describe.each([
  'whole-sequence parts=8',
  'whole-sequence rows=2 parts=2 sums=subgroup',
  'whole-sequence rows=1 stretches=3',
  'whole-sequence weights=f16',
  'stepwise',
  'stepwise rows=8 parts=4 sums=subgroup weights=f16',
])(`Dropout, on ${webgpu}, %s`, (tuning) => {
  const engine = useWebGPUEngine({ tuning });

  it.each([
    ['GRU, 2 layers, symbols, ragged', 'timestep'],
    ['GRU (reset after), 2 layers, vectors', 'timestep'],
    ['LSTM, 2 layers, symbols, ragged', 'sequence'],
    ['RNN, 2 layers, vectors', 'timestep'],
  ] as const)('has the gradients of the reference with the same masks: %s, new ones each %s', async (kind, masks) => {
    const { model, batch, state } = randomCase(shape, 3, kind);
    const find = async (engine: Engine) => {
      // Room for more timesteps than the batch has.
      const session = await engine.open(model, { ...withRoom(batch), timesteps: batch.timesteps + 2 });
      session.write({ ...state, parameters: toHalves(state.parameters) });
      const found = await session.gradients({ ...batch, dropout: someDropout(model, masks, 5) });
      session.close();
      return found;
    };
    expectAlike(model, await find(engine()), await find(new ReferenceEngine()), 1e-5);
  });
});

describe('What dropout leaves out', () => {
  const draws = (dropout: Dropout, t: number, layer = 0, what: 'outputs' | 'candidates' = 'outputs') =>
    Array.from({ length: 4000 }, (_, i) => Number(droppedAt(dropout, what, layer, i % 40, t, Math.floor(i / 40))));
  const share = (drawn: readonly number[]) => drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  const model = kinds['GRU, symbols']!(9, 11);

  it('is the share that was asked for, in steps of 1/256, and what stays is scaled up by as much', () => {
    for (const outputs of [0, 0.1, 0.25, 0.5, 0.9]) {
      const drawn = share(draws({ ...someDropout(model, 'timestep', 3), outputs }, 2));
      expect(Math.abs(drawn - outputs)).toBeLessThan(0.03);
      expect(keptScale(outputs) * (1 - dropBelow(outputs) / 256)).toBeCloseTo(1, 12);
    }
    expect(share(draws({ ...someDropout(model, 'timestep', 3), outputs: 0 }, 2))).toBe(0);
  });

  it('differs by seed, layer and what it is of, and by timestep unless a row keeps its mask', () => {
    const each = { ...someDropout(model, 'timestep', 3), outputs: 0.5, candidates: 0.5 };
    const usual = draws(each, 0);
    /** Two masks that have nothing to do with each other agree at half of the units. */
    const apart = (other: readonly number[]) => Math.abs(share(usual.map((one, i) => Number(one === other[i]))) - 0.5);
    for (const other of [
      draws({ ...each, seed: 4 }, 0),
      draws(each, 0, 1),
      draws(each, 0, 0, 'candidates'),
      draws(each, 1),
    ]) {
      expect(apart(other)).toBeLessThan(0.04);
    }
    const whole = { ...each, masks: 'sequence' } as const;
    expect(draws(whole, 5)).toEqual(draws(whole, 0));
  });
});
