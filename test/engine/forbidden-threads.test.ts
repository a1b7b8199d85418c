import { afterEach, expect, it, vi } from 'vitest';
import { CpuEngine } from '../../src/engine/cpu/engine.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { Run } from '../../src/training/run.ts';
import { StepsInFlight } from '../../src/training/steps-in-flight.ts';

afterEach(() => vi.restoreAllMocks());

const dataset = {
  kind: 'text',
  name: 'cat',
  text: 'The cat sat on the mat, and the dog on the log. '.repeat(40),
} as const;

/** What comes of some steps, several under way at once, and of all that can be asked besides. */
async function train(threads: number) {
  const engine = await CpuEngine.create({ threads });
  if (typeof engine === 'string') throw new Error(engine);
  const configuration = { ...defaultConfiguration, hidden: 9, batch: 8, sequence: 7, steps: 12, seed: 4 };
  const run = await Run.open(dataset, configuration, async () => ({ engine, reason: '' }));
  run.startAfresh();
  const steps = new StepsInFlight(run);
  const losses: number[] = [];
  while (!run.finished || steps.count > 0) {
    while (!run.finished && !steps.full) steps.begin();
    losses.push((await steps.take()).loss);
  }
  const { device } = engine;
  const found = {
    losses,
    state: await run.read(),
    held: await run.validate(),
    text: await run.generate('The', 20),
    sound: await run.isSound(),
  };
  run.close();
  return { device, found };
}

it('Where no thread may be started, the one that asks computes, to the same bits as another one', async () => {
  const { found } = await train(1);
  class Forbidden {
    constructor() {
      throw new Error('Access to this API has been restricted.');
    }
  }
  vi.spyOn(process.getBuiltinModule('node:worker_threads'), 'Worker').mockImplementation(Forbidden as never);
  const alone = await train(2);
  expect(alone.device).toMatch(/, 1 thread \(workers are forbidden here\)$/);
  expect(alone.found).toEqual(found);
});
