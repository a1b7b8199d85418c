import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Batch, Engine, Session } from '../../src/engine/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { HeldOutLooks } from '../../src/training/held-out-looks.ts';
import { Run } from '../../src/training/run.ts';

/** An engine whose loss at each place is the symbol’s own number. */
function numberingEngine(evaluated: (batch: Batch) => void): Engine {
  const open = async (model: ModelConfiguration, capacity: Session['capacity']) => ({
    model,
    capacity,
    async evaluate(batch: Batch) {
      evaluated(batch);
      const counted = (batch.targets as Uint32Array).subarray(batch.countFrom! * batch.rows);
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

async function openRun(evaluated: (batch: Batch) => void, change: Partial<typeof large> | { hidden: number } = {}) {
  const choice = { engine: numberingEngine(evaluated), reason: '' };
  return Run.open({ name: 'text', text }, { ...defaultConfiguration, ...large, ...change }, async () => choice);
}

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
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.map(({ countFrom }) => countFrom)).toEqual([0, ...pieces.slice(1).map(() => 16)]);
    expect(Math.max(...pieces.map(({ timesteps }) => timesteps))).toBeLessThanOrEqual(5 * 16);
    expect(shares.at(-1)).toBeCloseTo(1);
    const whole: Batch[] = [];
    const small = await openRun((batch) => whole.push(batch), { hidden: 4 });
    expect(await small.validate()).toBeCloseTo(loss!, 10);
    expect(whole).toMatchObject([{ rows: 8, timesteps: Math.floor(4499 / 8), countFrom: 0, initialState: 'zero' }]);
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
  function runOf(seconds: number, finished = false) {
    vi.useFakeTimers({ toFake: ['performance'] });
    const validate = async (signal: AbortSignal, heard: (share: number) => void) => {
      for (let piece = 1; piece <= 100; piece++) {
        signal.throwIfAborted();
        vi.advanceTimersByTime(10 * seconds);
        heard(piece / 100);
      }
      return 1;
    };
    return { finished, validate } as unknown as Run;
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

  it('tell what goes wrong', async () => {
    const run = { finished: false, validate: () => Promise.reject(new Error('The device is gone.')) } as unknown as Run;
    await expect(new HeldOutLooks(run).look(always)).rejects.toThrow('The device is gone.');
  });
});
