import { describe, expect, it } from 'vitest';
import { sizesAround } from '../../src/benchmark/curves.ts';
import { estimate } from '../../src/benchmark/estimate.ts';
import type { Results } from '../../src/benchmark/results.ts';
import { type Assignment, runSuite } from '../../src/benchmark/suite.ts';
import type { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import type { Tried } from '../../src/engine/webgpu/tuner.ts';
import { useCpuEngine } from '../engine/each-engine.ts';
import { sampleResults } from './sample-results.ts';

const size = { V: 5, H: 6, B: 3, T: 4 };
const whole = 'whole-sequence rows=4 workgroup=256 parts=1 weights=f32 stretches=3 splits=2';
const stepwise = 'stepwise rows=32 parts=4 weights=f32 splits=2';
const rounded = { tuning: whole.replace('f32', 'f16'), milliseconds: 0.5 };
const cpu = useCpuEngine({ threads: 1, relaxed: false });

/** What passes for a GPU: the processor computes, and each session tells how it was to cut up its work. */
function engineWith(measureTunings: WebGPUEngine['measureTunings'], usual = whole) {
  const opened: string[] = [];
  const open: WebGPUEngine['open'] = async (model, capacity, tuning = usual) => {
    opened.push(tuning);
    return Object.assign(await cpu().open(model, capacity), { tuning }) as never;
  };
  const engine = { name: 'webgpu', device: 'a card', software: true, open, measureTunings } as unknown as WebGPUEngine;
  return { engine, opened };
}

/** A tuner that finds this; and of those that it is told to try, that the last would be the fastest of all. */
const finding = (tuning: string, tried: readonly Tried[]): WebGPUEngine['measureTunings'] => {
  return async (_model, _capacity, { tunings } = {}) => {
    if (!tunings) return { tuning, tried, untried: 1 };
    return { tuning: tunings[1]!, tried: tunings.map((tuning) => ({ tuning, milliseconds: 0.5 })), untried: 0 };
  };
};

async function run(webgpu: WebGPUEngine, assignment: Partial<Assignment>): Promise<Results> {
  const environment = { host: 'test', system: 'test', cores: 1, engines: [] };
  let last: Results | undefined;
  const all: Assignment = { sizes: [size], parts: ['tuning', 'steps', 'contenders'], ...assignment };
  for await (const { results } of runSuite({ environment, webgpu, peers: [] }, all)) last = results;
  return last!;
}

const trained = ({ steps }: Results) => steps.filter(({ task }) => task === 'training');

describe('The suite', () => {
  it('measures with the winner, and beside it with the best of the other strategy', async () => {
    const others = [
      { tuning: 'stepwise rows=32 parts=1 splits=2', milliseconds: 3 },
      { tuning: 'stepwise rows=16 parts=8 splits=2', why: 'wrong' },
    ] as const;
    const tried = [{ tuning: whole, milliseconds: 1 }, ...others, { tuning: stepwise, milliseconds: 2 }];
    const { engine, opened } = engineWith(finding(whole, tried));
    const results = await run(engine, {});
    expect(results).toMatchObject({ complete: true, problems: [] });
    // What rounds weights is shown, and does not compete.
    expect(results.tunings).toEqual([
      { size, winner: whole, tried: [...tried, rounded], untried: 1, milliseconds: expect.any(Number) },
    ]);
    expect(trained(results).map(({ strategy, tuning }) => [strategy, tuning])).toEqual([
      ['whole-sequence', whole],
      ['stepwise', stepwise],
    ]);
    // Steps twice, and side by side.
    expect(opened).toEqual([whole, stepwise, whole]);
  });

  it('goes from its base along the curves with what fits other sizes', async () => {
    const tried = [
      { tuning: whole, milliseconds: 2 },
      { tuning: stepwise, milliseconds: 1 },
    ];
    const { engine, opened } = engineWith(finding(stepwise, tried));
    const results = await run(engine, { parts: ['tuning', 'curves'] });
    expect(opened.slice(0, 2)).toEqual([stepwise, whole]);
    const others = ['stepwise rows=32 parts=4 weights=f32', 'whole-sequence rows=4 workgroup=256 parts=1 weights=f32'];
    expect(opened.slice(2)).toEqual(sizesAround(size, 'software').flatMap(() => others));
    expect(results.base).toEqual(size);
  });

  it('goes on as the engine thinks best where the tuner fails, and says so', async () => {
    const { engine, opened } = engineWith(() => Promise.reject(new Error('The device is too small.')));
    const results = await run(engine, { parts: ['tuning', 'steps'] });
    expect(results.problems).toEqual(['The tuner at 5×6×3×4: The device is too small.']);
    expect(opened).toEqual([whole, 'stepwise']);
  });

  it('measures no strategy twice where the engine has but one', async () => {
    const { engine, opened } = engineWith(finding(stepwise, []), stepwise);
    await run(engine, { parts: ['steps'] });
    expect(opened).toEqual([stepwise]);
  });

  it('measures nothing but what it was told', async () => {
    const { engine, opened } = engineWith(() => Promise.reject(new Error('Nobody asked.')));
    const told = 'stepwise rows=4';
    const { problems } = await run(engine, { parts: ['steps', 'contenders'], tuning: told });
    expect({ opened, problems }).toEqual({ opened: [told, told], problems: [] });
  });
});

it('The tuner’s time is part of the estimate', () => {
  const { environment } = sampleResults();
  const software = { ...environment, adapter: { ...environment.adapter!, software: true } };
  const sizes = [size, { ...size, H: 7 }];
  const seconds = (of: typeof environment) =>
    estimate(of, { sizes, parts: ['tuning', 'steps'] }) - estimate(of, { sizes, parts: ['steps'] });
  expect(seconds(environment)).toBeGreaterThan(2);
  expect(seconds(environment)).toBeLessThan(30);
  expect(seconds(software)).toBeGreaterThan(60);
  const { adapter: _, ...bare } = environment;
  expect(seconds(bare)).toBe(0);
});
