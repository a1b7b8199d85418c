import { describe, expect, it } from 'vitest';
import { demandText } from '../../src/data/text/task.ts';
import { checkpointOf, resume } from '../../src/training/checkpoint.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import { readText } from '../../src/training/looks/reading.ts';
import { Run } from '../../src/training/run.ts';
import { adamAt, averagingAt, dropoutAt, learningRateAt } from '../../src/training/schedule.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const dataset = { kind: 'text', name: 'cat', text: 'The cat sat on the mat. '.repeat(20) } as const;
const small = { hidden: 4, batch: 2, sequence: 4, steps: 100 } as const;

async function begin(change: Partial<Configuration> = {}) {
  const engine = new ScriptedEngine();
  const run = await Run.open(dataset, { ...defaultConfiguration, ...small, ...change }, engine.choose);
  run.startAfresh();
  return { engine, run };
}

describe('The learning rate', () => {
  const run = { learningRate: 0.01, warmup: 10, steps: 110, decay: 0.2 } as const;

  it.each([
    ['linear', [0.01, 0.01, 0.005, 0.0005]],
    ['cosine', [0.01, 0.01, 0.005, 0.01 * Math.sin(Math.PI / 40) ** 2]],
  ] as const)('is constant until it falls over the last share of the steps, %s', (schedule, expected) => {
    const rates = [11, 91, 101, 110].map((step) => learningRateAt(step, { ...run, schedule }));
    for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[i]!, 12);
    expect(learningRateAt(5, { ...run, schedule })).toBeCloseTo(0.005, 12);
  });

  it('does not depend on the goal before it falls', () => {
    for (const schedule of ['linear', 'cosine'] as const) {
      for (const step of [1, 10, 11, 50, 90]) {
        const short = learningRateAt(step, { ...run, schedule });
        expect(learningRateAt(step, { ...run, schedule, steps: 10_000 })).toBe(short);
      }
    }
  });

  it('does not fall where no share of the steps is for that', () => {
    expect(learningRateAt(110, { ...run, schedule: 'linear', decay: 0 })).toBe(0.01);
  });
});

describe('A step', () => {
  it('is by default one of Adam, with nothing left out', async () => {
    const { engine, run } = await begin();
    await run.takeStep();
    const { batch, adam } = engine.asked[0]!;
    expect(adam).toEqual({ learningRate: 0.005 / 20, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 });
    expect(batch).not.toHaveProperty('dropout');
    expect(batch).not.toHaveProperty('countFrom');
    expect(engine.opened).toEqual([{ rows: 2, timesteps: 4 }]);
  });

  it('takes Adam’s settings as they are chosen, and averages less at first', async () => {
    const chosen = {
      beta1: 0.8,
      beta2: 0.99,
      epsilon: 1e-6,
      weightDecay: 0.05,
      averaging: 0.95,
      clipNorm: 0,
      warmup: 0,
    };
    const { engine, run } = await begin(chosen);
    await run.takeStep();
    const { clipNorm, warmup, ...as } = chosen;
    expect(engine.asked[0]!.adam).toEqual({ ...as, learningRate: 0.005, clipNorm: Infinity, averaging: 2 / 11 });
    expect(engine.opened[0]).toEqual({ rows: 2, timesteps: 4, withAverages: true });
    expect([8, 170, 171, 10_000].map((step) => averagingAt(step, chosen))).toEqual([0.5, 0.95, 0.95, 0.95]);
    expect(adamAt(8, { ...defaultConfiguration, ...chosen }).averaging).toBe(0.5);
  });

  it('leaves out what the seed and the step say, in training alone', async () => {
    const chosen = { dropout: 0.25, recurrentDropout: 0.125, dropoutMasks: 'sequence', seed: 7 } as const;
    const { engine, run } = await begin(chosen);
    expect(engine.opened[0]).toEqual({ rows: 2, timesteps: 4, withDropout: true });
    await run.takeStep();
    await run.takeStep();
    await run.validate();
    await run.presentLoss();
    await run.isSound();
    await run.generate('The ', 3);
    const dropped = engine.asked.map(({ what, batch }) => [what, batch?.dropout?.seed] as const);
    const [first, second] = dropped.filter(([what]) => what === 'step').map(([, seed]) => seed!);
    expect(engine.asked[0]!.batch!.dropout).toEqual({
      outputs: 0.25,
      candidates: 0.125,
      masks: 'sequence',
      seed: first,
    });
    expect(first).not.toBe(second);
    expect(new Set(dropped.filter(([what]) => what !== 'step').map(([, seed]) => seed))).toEqual(new Set([undefined]));
    expect(dropped.length).toBeGreaterThan(5);
    const again = new ScriptedEngine();
    const file = checkpointOf(run, { ...(await run.read()), step: 1 });
    await (await resume(file, dataset, {}, again.choose)).takeStep();
    expect(again.asked[0]!.batch!.dropout!.seed).toBe(second);
    expect(dropoutAt(2, { ...defaultConfiguration, ...chosen, seed: 8 })!.seed).not.toBe(second);
  });

  it('reads the characters that lead in, and does not count them', async () => {
    const { engine, run } = await begin({ leadIn: 3 });
    await run.takeStep();
    const { batch } = engine.asked[0]!;
    expect(batch).toMatchObject({ rows: 2, timesteps: 7, countFrom: 3, initialState: 'zero' });
    expect(run.task.placesPerStep).toBe(8);
    const ids = Array.from(batch!.inputs).filter((_, i) => i % 2 === 0);
    expect(dataset.text).toContain(demandText(run.task).encoding.vocabulary.decode(Uint32Array.from(ids)));
  });

  it('has less to lead in, and then less to count, in a text that is short', async () => {
    const short = { kind: 'text', name: 'short', text: 'abcdefgh' } as const;
    const open = async (sequence: number) => {
      const settings = { ...defaultConfiguration, ...small, validation: 0, leadIn: 5, sequence };
      const engine = new ScriptedEngine();
      const run = await Run.open(short, settings, engine.choose);
      run.startAfresh();
      await run.takeStep();
      return engine.asked[0]!.batch!;
    };
    expect(await open(4)).toMatchObject({ timesteps: 7, countFrom: 3 });
    const long = await open(20);
    expect(long.timesteps).toBe(7);
    expect(long).not.toHaveProperty('countFrom');
  });

  it('is taken in parts where that is asked for', async () => {
    const { engine } = await begin({ parts: 2 });
    expect(engine.opened).toEqual([{ rows: 2, timesteps: 4, parts: 2 }]);
  });

  it('has no lead-in in streams, whatever is set for windows', async () => {
    const { engine } = await begin({ leadIn: 8, batches: 'streams' });
    expect(engine.opened).toEqual([{ rows: 2, timesteps: 4 }]);
  });

  it('cannot be one of settings that do not go together', async () => {
    await expect(begin({ recurrentDropout: 0.1, cell: 'rnn-tanh' })).rejects.toThrow(
      /^The .* has no candidates to leave out: set the recurrent dropout to 0\.$/,
    );
  });
});

describe('The network that is asked', () => {
  it('is the averaged one where a run averages; what is ruined shows in the one that is trained', async () => {
    const { engine, run } = await begin({ averaging: 0.9 });
    await run.takeStep();
    await run.validate();
    await run.generate('The ', 3);
    await readText(run, 'cat').catch(() => {});
    expect(new Set(engine.asked.slice(1).map(({ averaged }) => averaged))).toEqual(new Set([true]));
    expect(engine.asked.at(-1)!.what).toBe('trace');
    await run.presentLoss();
    expect(engine.asked.at(-1)).toMatchObject({ what: 'evaluate', averaged: false });
  });

  it('begins as the one that is trained, also in a run that begins to average later', async () => {
    const { run } = await begin();
    await run.takeStep();
    const file = checkpointOf(run, await run.read());
    const later = await resume(file, dataset, { averaging: 0.9 }, new ScriptedEngine().choose);
    expect((await later.read()).averaged).toEqual(file.training.parameters);
    const plain = await resume(
      checkpointOf(later, await later.read()),
      dataset,
      { averaging: 0 },
      new ScriptedEngine().choose,
    );
    expect(await plain.read()).not.toHaveProperty('averaged');
  });
});
