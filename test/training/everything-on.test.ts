import { expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { checkpointOf, resume } from '../../src/training/checkpoint.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { HeldOutLooks } from '../../src/training/held-out-looks.ts';
import { Run } from '../../src/training/run.ts';
import { useCpuEngine } from '../engine/each-engine.ts';

const cpu = useCpuEngine({ threads: 1, relaxed: false });
const dataset = {
  kind: 'text',
  name: 'cat.txt',
  text: 'The cat sat on the mat, and the dog on the log. '.repeat(20),
} as const;
const everything = {
  hidden: 8,
  layers: 2,
  biases: 'off',
  batch: 4,
  sequence: 8,
  steps: 30,
  leadIn: 4,
  parts: 2,
  schedule: 'linear',
  decay: 0.3,
  dropout: 0.25,
  recurrentDropout: 0.125,
  weightDecay: 0.1,
  averaging: 0.9,
  beta1: 0.85,
  beta2: 0.98,
  evaluateEvery: 4,
  patience: 5,
} as const;

it('A training with everything on goes on to the same bits, its average and its best network among them', async () => {
  const choose = async () => ({ engine: cpu(), reason: '' });
  const train = async (run: Run, until: number) => {
    const looks = new HeldOutLooks(run);
    while (run.step < until) {
      await run.takeStep();
      if (looks.due) await looks.look(() => true);
    }
  };
  const fileOf = async (run: Run) => encodeModelFile(checkpointOf(run, await run.read()));
  const begin = async () => {
    const run = await Run.open(dataset, { ...defaultConfiguration, ...everything }, choose);
    run.startAfresh();
    return run;
  };
  const straight = await begin();
  await train(straight, 21);
  const first = await begin();
  await train(first, 10);
  const second = await resume(decodeModelFile(await fileOf(first)), dataset, {}, choose);
  await train(second, 21);
  const [whole, resumed] = [await fileOf(straight), await fileOf(second)];
  expect(Buffer.from(resumed).equals(Buffer.from(whole))).toBe(true);
  const { parameters, averaged } = await straight.read();
  expect(averaged).toBeDefined();
  expect(averaged).not.toEqual(parameters);
  const { places } = parameterLayout(straight.model);
  for (const { shape, offset, length } of places.filter(({ shape }) => shape.length === 1)) {
    expect(parameters.subarray(offset, offset + length)).toEqual(new Float32Array(shape[0]!));
  }
});
