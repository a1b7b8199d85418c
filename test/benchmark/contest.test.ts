import { describe, expect, it } from 'vitest';
import { exerciseOf, type System, sluice } from '../../src/benchmark/contenders.ts';
import { Contest, type Turns } from '../../src/benchmark/contest.ts';
import type { Contender } from '../../src/benchmark/results.ts';
import type { Size } from '../../src/benchmark/sizes.ts';
import { summarise } from '../../src/benchmark/statistics.ts';
import { type Progress, runSuite } from '../../src/benchmark/suite.ts';
import { useCpuEngine } from '../engine/each-engine.ts';

const size = { V: 5, H: 6, B: 3, T: 4 };
const engine = useCpuEngine({ threads: 1, relaxed: false });

/** A framework that tells these losses, one a step, the last again and again. */
const telling = (losses: readonly (number | Error)[], system = 'Other, wasm'): System => ({
  system,
  device: 'wasm',
  prepare: async () => {
    let count = 0;
    return {
      step: async () => {
        const told = losses[Math.min(count++, losses.length - 1)]!;
        if (told instanceof Error) throw told;
        return told;
      },
      close: () => {},
    };
  },
});

/** Rounds without any waiting. */
const quick = { least: 3, most: 3, milliseconds: 0, turn: 0, pause: 0 } as const;

/** What becomes of systems beside each other. */
async function compare(systems: readonly System[], turns: Turns = quick): Promise<readonly Contender[]> {
  const contest = new Contest(exerciseOf(size), turns);
  for (const system of systems) await contest.admit(system);
  await contest.takeTurns();
  contest.close();
  return contest.contenders;
}

describe('A contender', () => {
  it('is timed when its first losses are those of Sluice', async () => {
    const [ours] = await compare([sluice(engine())]);
    expect(ours!.losses[0]).toBeCloseTo(Math.log(size.V), 0);
    const [, again] = await compare([sluice(engine()), telling(ours!.losses)]);
    expect(again).toMatchObject({ first: expect.any(Number), losses: ours!.losses });
    expect(again!.rounds).toHaveLength(3);
    expect(again!.milliseconds).toEqual(summarise(again!.rounds!));
  });

  it.each([
    ['an untrained one', [1.7, 1.7, 1.7], 'Its loss at step 2 is 1.70000, not 1.60000'],
    ['another network', [1.5, 1.4, 1.3], 'Its loss at step 1 is 1.50000, not 1.70000'],
    ['no numbers', [Number.NaN], 'Its loss at step 1 is NaN, not 1.70000'],
  ])('has no time when its losses are those of %s', async (_, losses, message) => {
    const [, entry] = await compare([telling([1.7, 1.6, 1.5], 'Trusted'), telling(losses)]);
    expect(entry!.problem).toContain(message);
    expect(entry!.milliseconds).toBeUndefined();
  });

  it('is measured by the first whose losses stand', async () => {
    const found = await compare([telling([Number.NaN], 'Broken'), telling([1.7], 'Sound'), telling([1.6])]);
    expect(found.map(({ problem }) => problem?.slice(0, 32))).toEqual([
      'Its loss at step 1 is NaN, not N',
      undefined,
      'Its loss at step 1 is 1.60000, n',
    ]);
  });
});

describe('Turns', () => {
  /** Systems that write down when they take a step, and when they end. */
  function writing(log: { what: string; at: number }[]) {
    return (name: string, milliseconds: number, failsAt = Number.POSITIVE_INFINITY): System => ({
      system: name,
      device: 'none',
      prepare: async () => {
        let count = 0;
        return {
          step: async () => {
            log.push({ what: name, at: performance.now() });
            if (++count === failsAt) throw new Error('It fell.');
            await new Promise((resolve) => setTimeout(resolve, milliseconds));
            return 1;
          },
          close: () => log.push({ what: `${name} ends`, at: performance.now() }),
        };
      },
    });
  }

  it('go round, each with a rest after it, and leave everybody open until the end', async () => {
    const log: { what: string; at: number }[] = [];
    const system = writing(log);
    const found = await compare([system('a', 1), system('b', 12)], { ...quick, turn: 10, pause: 40 });
    const turns = log.slice(6).filter(({ what }, i, all) => what !== all[i - 1]?.what);
    expect(turns.map(({ what }) => what)).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a ends', 'b ends']);
    const restsBefore = turns.slice(1, 6).map(({ at }) => at - log[log.findIndex((step) => step.at === at) - 1]!.at);
    for (const rest of restsBefore) expect(rest).toBeGreaterThanOrEqual(39);
    // The quick one takes several steps a turn, and each counts for itself.
    expect(log.filter(({ what }) => what === 'a').length).toBeGreaterThan(3 + 2 * 3);
    expect(found[0]!.milliseconds!.median).toBeLessThan(found[1]!.milliseconds!.median / 2);
  });

  it('go on without one that fails, which is closed at once', async () => {
    const log: { what: string; at: number }[] = [];
    const system = writing(log);
    const found = await compare([system('a', 0), system('b', 0, 5), system('c', 0)]);
    expect(found.map(({ system, problem, rounds }) => [system, problem, rounds?.length])).toEqual([
      ['a', undefined, 3],
      ['b', 'It fell.', undefined],
      ['c', undefined, 3],
    ]);
    const steps = log.slice(9).map(({ what }) => what);
    expect(steps).toEqual(['a', 'b', 'c', 'a', 'b', 'b ends', 'c', 'a', 'c', 'a ends', 'c ends']);
  });

  it('come to an end when each has had its time, or earlier where that is enough', async () => {
    const system = writing([]);
    const rounds = async (turns: Turns) => (await compare([system('a', 5), system('b', 5)], turns))[0]!.rounds!.length;
    expect(await rounds({ ...quick, least: 2, most: 100, milliseconds: 0 })).toBe(2);
    expect(await rounds({ ...quick, least: 1, most: 4, milliseconds: 1e6 })).toBe(4);
    expect(await rounds({ ...quick, least: 1, most: 100, milliseconds: 20 })).toBeOneOf([2, 3, 4, 5]);
  });
});

it('The suite says of which framework there is nothing to compare a network with, and leaves it out', async () => {
  const takes = ({ layers = 1 }: Size) => layers === 1;
  const bench = {
    environment: { host: 'test', system: 'test', cores: 1, engines: [] },
    peers: [
      { ...telling([1.6], 'Shallow, wasm'), takes },
      { ...telling([1.6], 'Mixed, wasm'), takes },
      telling([1.6], 'Mixed, webgpu'),
    ],
  };
  let last: Progress | undefined;
  const sizes = [size, { ...size, cell: 'lstm', layers: 2 } as const];
  for await (const progress of runSuite(bench, { sizes, parts: ['contenders'] })) last = progress;
  const { problems, contenders } = last!.results;
  expect(problems).toEqual([
    'Side by side at 5×6×3×4, LSTM, 2 layers: of Shallow there is no such network to compare with.',
  ]);
  expect(contenders.map(({ system, size }) => [system, size.layers ?? 1])).toEqual([
    ['Shallow, wasm', 1],
    ['Mixed, wasm', 1],
    ['Mixed, webgpu', 1],
    ['Mixed, webgpu', 2],
  ]);
});

it('The suite goes on when a contender fails to load, or fails in the midst of it', async () => {
  const absent: System = {
    system: 'Absent, webgpu',
    device: 'webgpu',
    prepare: () => Promise.reject(new Error('It is not installed.')),
  };
  const bench = {
    environment: { host: 'test', system: 'test', cores: 1, engines: [] },
    cpu: engine(),
    peers: [absent, telling([1.6, new Error('Out of memory')], 'Failing, wasm'), telling([9], 'Wrong, wasm')],
  };
  const told: string[] = [];
  let last: Progress | undefined;
  for await (const progress of runSuite(bench, { sizes: [size], parts: ['kernels', 'contenders'] })) {
    told.push(progress.doing);
    last = progress;
  }
  const { results } = last!;
  expect(told.slice(1)).toEqual([
    ...['Sluice, cpu', 'Absent, webgpu', 'Failing, wasm', 'Wrong, wasm'].map(
      (who) => `Side by side at 5×6×3×4: ${who}`,
    ),
    'Side by side at 5×6×3×4, in turns',
    '',
  ]);
  expect(results.complete).toBe(true);
  expect(results.phases).toHaveLength(1);
  expect(results.contenders.map(({ system, problem }) => [system, problem?.slice(0, 19)])).toEqual([
    ['Sluice, cpu', undefined],
    ['Absent, webgpu', 'It is not installed'],
    ['Failing, wasm', 'Out of memory'],
    ['Wrong, wasm', 'Its loss at step 1 '],
  ]);
});

it('The suite closes all that take part when nobody wants to know any more', async () => {
  let closed = 0;
  const prepare = async () => ({ step: async () => 1, close: () => closed++ });
  const peers = ['One', 'Two'].map((system) => ({ system, device: 'none', prepare }));
  const bench = { environment: { host: 'test', system: 'test', cores: 1, engines: [] }, peers };
  for await (const { doing } of runSuite(bench, { sizes: [size], parts: ['contenders'] })) {
    if (doing.endsWith('in turns')) break;
  }
  expect(closed).toBe(2);
});
