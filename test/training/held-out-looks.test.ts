import { afterEach, describe, expect, it, vi } from 'vitest';
import { heldOutText } from '../../src/data/text/batches.ts';
import type { Corpus } from '../../src/data/text/corpus.ts';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import { demandText } from '../../src/data/text/task.ts';
import { isCounted } from '../../src/engine/batch.ts';
import { CpuEngine } from '../../src/engine/cpu/engine.ts';
import type { Batch, Engine, Session } from '../../src/engine/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { HeldOutLooks } from '../../src/training/held-out-looks.ts';
import { Run } from '../../src/training/run.ts';
import { relativeError } from '../fixtures.ts';

/** An engine whose loss at each place is the symbol’s own number. */
function numberingEngine(evaluated: (batch: Batch) => void): Engine {
  const open = async (model: ModelConfiguration, capacity: Session['capacity']) => ({
    model,
    capacity,
    async evaluate(batch: Batch) {
      evaluated(batch);
      const counts = (_: number, i: number) => isCounted(batch, Math.floor(i / batch.rows), i % batch.rows);
      const counted = (batch.targets as Uint32Array).filter(counts);
      return counted.reduce((sum, target) => sum + target, 0) / counted.length;
    },
    close() {},
  });
  return { open, device: 'a device', close() {} } as unknown as Engine;
}

const symbols = 'abcdefghijklmnop';
const text = Array.from({ length: 9000 }, (_, i) => symbols[(i * i + (i >> 4)) % 16]).join('');
/** A network so large that a piece of a text is no longer than it must be. */
const large = { hidden: 4000, batch: 8, sequence: 16, validation: 0.5 } as const;

async function openRun(
  evaluated: (batch: Batch) => void,
  change: { hidden?: number } = {},
  dataset: Corpus = { kind: 'text', name: 'text', text },
) {
  const choice = { engine: numberingEngine(evaluated), reason: '' };
  return Run.open(dataset, { ...defaultConfiguration, ...large, ...change }, async () => choice);
}

/** As much of a run as looks ask for. */
const fakeRun = (of: object) =>
  ({ step: 1, finished: false, configuration: defaultConfiguration, judge: async () => {}, ...of }) as unknown as Run;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('A look at the held-out text', () => {
  it('counts every place once, however many pieces it takes', async () => {
    const pieces: Batch[] = [];
    const shares: number[] = [];
    const run = await openRun((batch) => pieces.push(batch));
    const loss = await run.validate(undefined, (share) => shares.push(share));
    expect(pieces.length).toBeGreaterThan(3);
    expect(Math.max(...pieces.map(({ timesteps }) => timesteps))).toBeLessThanOrEqual(3 * 64);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1);
    const { validation } = demandText(run.task).text;
    expect(loss).toBeCloseTo(validation.reduce((sum, symbol) => sum + symbol, 0) / validation.length, 10);
    const whole: Batch[] = [];
    const small = await openRun((batch) => whole.push(batch), { hidden: 4 });
    expect(await small.validate()).toBeCloseTo(loss!, 10);
    expect(whole).toMatchObject([{ rows: 8, timesteps: 64 + Math.ceil(validation.length / 8), countFrom: 64 }]);
  });

  it('takes a bounded share of the memory, however long the text is and however small the network', async () => {
    const sizes: number[] = [];
    const long = { kind: 'text', name: 'text', text: text.repeat(250) } as const;
    const run = await openRun(({ rows, timesteps }) => sizes.push(rows * timesteps), { hidden: 1 }, long);
    await run.validate();
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
  });

  it('is of a network that knows what it has read: with several rows as with one', async () => {
    const engine = await CpuEngine.create();
    if (typeof engine === 'string') throw new Error(engine);
    const change = { hidden: 24, sequence: 16, batch: 16, steps: 60, learningRate: 0.02, validation: 0.2 };
    const dataset = { kind: 'text', name: 'notes', text: fieldNotes().text.slice(0, 12_000) } as const;
    const run = await Run.open(dataset, { ...defaultConfiguration, ...change }, async () => ({ engine, reason: '' }));
    run.startAfresh();
    while (!run.finished) await run.takeStep();
    const { training, validation } = demandText(run.task).text;
    const inOne = heldOutText(training, validation, { rows: 1, timesteps: 512 }, 1e6)[Symbol.iterator]().next().value!;
    const carried = await run.session.evaluate(inOne);
    expect(relativeError([(await run.validate())!], [carried])).toBeLessThan(1e-4);
    // What reading each row from a blank state would give.
    const {
      rows,
      timesteps,
      countFrom = 0,
      ...rest
    } = heldOutText(training, validation, run.session.capacity, 1e6)[Symbol.iterator]().next().value!;
    const from = countFrom * rows;
    const blank = {
      ...rest,
      rows,
      timesteps: timesteps - countFrom,
      inputs: rest.inputs.slice(from),
      targets: rest.targets.slice(from),
    };
    expect(relativeError([await run.session.evaluate(blank)], [carried])).toBeGreaterThan(1e-3);
    run.close();
  });

  it('ends after the piece under way when it is asked to', async () => {
    const end = new AbortController();
    let pieces = 0;
    const run = await openRun(() => {
      if (++pieces === 3) setTimeout(() => end.abort());
    });
    await expect(run.validate(end.signal)).rejects.toThrow(/aborted/);
    expect(pieces).toBe(3);
  });
});

describe('Looks while a run trains', () => {
  /** A run of which each look takes so many seconds, in a hundred pieces. */
  function runOf(seconds: number, finished = false, evaluateEvery = 0) {
    vi.useFakeTimers({ toFake: ['performance'] });
    const validate = async (signal: AbortSignal, heard: (share: number) => void) => {
      for (let piece = 1; piece <= 100; piece++) {
        signal.throwIfAborted();
        vi.advanceTimersByTime(10 * seconds);
        heard(piece / 100);
      }
      return 1;
    };
    return fakeRun({ finished, validate, configuration: { ...defaultConfiguration, evaluateEvery } });
  }
  const pass = (seconds: number) => vi.advanceTimersByTime(1000 * seconds);
  const always = () => true;

  it('begin in the third second, and take a tenth of the time', async () => {
    const looks = new HeldOutLooks(runOf(0.9));
    pass(2.9);
    expect(looks.due).toBe(false);
    pass(0.2);
    expect(looks.due).toBe(true);
    expect(await looks.look(always)).toBe(1);
    pass(8.9);
    expect(looks.due).toBe(false);
    pass(0.2);
    expect(looks.due).toBe(true);
  });

  it('are put off, the first as well, while one would take too long', async () => {
    const looks = new HeldOutLooks(runOf(54));
    pass(3);
    const before = performance.now();
    expect(await looks.look(always)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(1100);
    pass(530);
    expect(looks.due).toBe(false);
    pass(10);
    expect(looks.due).toBe(true);
    expect(await looks.look(always)).toBe(1);
  });

  it('take their time at the goal, but end when they are not wanted any more', async () => {
    expect(await new HeldOutLooks(runOf(54, true)).look(always)).toBe(1);
    const before = performance.now();
    let asked = 0;
    expect(await new HeldOutLooks(runOf(54, true)).look(() => ++asked < 3)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('take their time where they come every so many steps', async () => {
    const looks = new HeldOutLooks(runOf(54, false, 1));
    expect(looks.due).toBe(true);
    expect(await looks.look(always)).toBe(1);
  });

  it('tell what goes wrong', async () => {
    const run = fakeRun({ validate: () => Promise.reject(new Error('The device is gone.')) });
    await expect(new HeldOutLooks(run).look(always)).rejects.toThrow('The device is gone.');
  });
});

it('The loss of a network between two steps is that over the end of the training text', async () => {
  const asked: Batch[] = [];
  const run = await openRun((batch) => asked.push(batch), { hidden: 4 });
  const end = demandText(run.task).text.training.slice(-4096);
  expect(await run.presentLoss()).toBeCloseTo(end.reduce((sum, symbol) => sum + symbol, 0) / end.length, 10);
  expect(asked).toHaveLength(1);
  const short = await openRun(() => {}, { hidden: 4 }, { kind: 'text', name: 'two', text: 'ab' });
  expect(await short.presentLoss()).toBe(1);
});
