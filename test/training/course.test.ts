import { expect, it } from 'vitest';
import type { Corpus } from '../../src/data/text/corpus.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { decodeModelFile, encodeModelFile, type LastStep } from '../../src/files/model-file.ts';
import { mostPoints } from '../../src/files/training.ts';
import { checkpointOf, resume } from '../../src/training/checkpoint.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { LossHistory } from '../../src/training/loss-history.ts';
import { Run } from '../../src/training/run.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const dataset: Corpus = { kind: 'text', name: 'cat', text: 'The cat sat on the mat. '.repeat(20) };
const configuration = { ...defaultConfiguration, hidden: 4, batch: 2, sequence: 4 };
const reference = async () => ({ engine: new ReferenceEngine(), reason: '' });

it('A file holds how its training has gone, and a run that goes on from it goes on with that', async () => {
  const whole = await Run.open(dataset, configuration, reference);
  whole.startAfresh();
  const losses: number[] = [];
  let last: LastStep | undefined;
  for (let step = 1; step <= 6; step++) {
    const { loss, gradientNorm, learningRate } = await whole.takeStep();
    losses.push(loss);
    last = { step, loss, gradientNorm, learningRate };
    if (step % 2 === 0) await whole.judge(10 - step);
  }
  whole.secondsTraining = 1.5;
  const file = decodeModelFile(encodeModelFile(checkpointOf(whole, await whole.read())));
  expect(file.training!.course).toEqual({
    seconds: 1.5,
    training: { stride: 1, filled: 1, steps: [1, 2, 3, 4, 5, 6], losses },
    heldOut: { stride: 1, filled: 1, steps: [2, 4, 6], losses: [8, 6, 4] },
    last,
  });
  const resumed = await resume(file, dataset, {}, reference);
  expect(resumed.course).toEqual(whole.course);
  expect(resumed.smoothedLoss).toBe(whole.smoothedLoss);
  for (const run of [whole, resumed]) await run.takeStep();
  expect(resumed.course.training.steps).toEqual([1, 2, 3, 4, 5, 6, 7]);

  // What came after never was, for a run that goes back.
  whole.write({ ...(await whole.read()), ...file.training! });
  expect(whole.course).toEqual(file.training!.course);
  whole.startAfresh();
  expect(whole.course.last).toBeUndefined();
  expect(whole.course).toMatchObject({ seconds: 0, training: { steps: [] }, heldOut: { steps: [] } });
});

it('A file does not grow with the steps that were taken', async () => {
  const run = await Run.open(dataset, configuration, new ScriptedEngine().choose);
  run.startAfresh();
  for (let step = 1; step <= 3 * mostPoints + 1; step++) await run.takeStep();
  const { steps, stride } = run.course.training;
  expect(steps.length).toBeLessThanOrEqual(mostPoints);
  expect(steps.at(-1)).toBe(3 * mostPoints + 1);
  expect(stride).toBe(4);
});

it('A smoothed line is hardly another one when it is made again from merged points', () => {
  const [lived, restored] = [new LossHistory(512), new LossHistory(512)];
  for (let step = 1; step <= 20_000; step++) lived.push(step, 1 + 100 / step + 0.2 * Math.sin(step * step));
  restored.restore(lived.points);
  for (const [i, smooth] of lived.smoothed.entries()) {
    if (lived.steps[i]! > 500) expect(restored.smoothed[i]! / smooth).toBeCloseTo(1, 1);
  }
  expect(restored.smoothed.at(-1)! / lived.smoothed.at(-1)!).toBeCloseTo(1, 2);
});
