import { expect, it } from 'vitest';
import type { AdamSettings } from '../../src/engine/engine.ts';
import {
  gradientFixtures,
  readJson,
  readModel,
  readTensors,
  relativeError,
  relativeErrors,
  toBatch,
  type WrittenBatch,
} from '../fixtures.ts';
import { describeEachEngine } from './each-engine.ts';

interface Trajectory {
  readonly adam: AdamSettings;
  readonly batches: WrittenBatch[];
  readonly expected: { readonly losses: number[]; readonly gradientNorms: number[] };
}

interface DecayingTrajectory extends Omit<Trajectory, 'batches'> {
  readonly steps: Pick<AdamSettings, 'learningRate' | 'averaging'>[];
}

describeEachEngine('PyTorch’s fixtures', (engine, accuracy) => {
  it.each(gradientFixtures)('gives the loss, the gradients and the final state of %s', async (name) => {
    const expected = readTensors(`${name}.expected`);
    const batch = toBatch(readJson(`${name}.batch`) as WrittenBatch);
    const { model, state } = readModel(name, batch.rows);
    const session = await engine().open(model, batch);
    session.write(state);
    const { loss, flat, finalState } = await session.gradients(batch);
    session.close();

    expect(relativeError([loss], expected['loss']!.data)).toBeLessThan(accuracy.gradient);
    expect(relativeError(finalState, expected['final_state']!.data)).toBeLessThan(accuracy.gradient);
    const errors = relativeErrors(model, flat, (parameter) => expected[parameter]!.data);
    for (const [parameter, error] of Object.entries(errors)) {
      expect(error, `gradient of ${parameter}`).toBeLessThan(accuracy.gradient);
    }
  });

  it('follows Adam, with the gradient clipped, for 20 steps', async () => {
    const name = 'adam-gru-13x16x4x9-20steps';
    const { adam, batches, expected } = readJson(`${name}.trajectory`) as Trajectory;
    const trained = readTensors(`${name}.expected`);
    const { model, state } = readModel(name, 4);
    const session = await engine().open(model, { rows: 4, timesteps: 9 });
    session.write(state);
    for (const [i, batch] of batches.entries()) {
      const { step, loss, gradientNorm } = await session.step(toBatch(batch), adam);
      expect(step).toBe(i + 1);
      expect(relativeError([loss], [expected.losses[i]!])).toBeLessThan(accuracy.trained);
      expect(relativeError([gradientNorm], [expected.gradientNorms[i]!])).toBeLessThan(accuracy.trained);
    }
    const { parameters, step } = await session.read();
    session.close();

    expect(step).toBe(20);
    const errors = relativeErrors(model, parameters, (parameter) => trained[parameter]!.data);
    for (const [parameter, error] of Object.entries(errors)) {
      expect(error, parameter).toBeLessThan(accuracy.trained);
    }
  });

  it('follows AdamW and averages of the parameters, under a schedule, for 20 steps', async () => {
    const [given, name] = ['adam-gru-13x16x4x9-20steps', 'adamw-gru-13x16x4x9-20steps'];
    const { batches } = readJson(`${given}.trajectory`) as Trajectory;
    const { adam, steps, expected } = readJson(`${name}.trajectory`) as DecayingTrajectory;
    const trained = readTensors(`${name}.expected`);
    const { model, state } = readModel(given, 4);
    const session = await engine().open(model, { rows: 4, timesteps: 9, withAverages: true });
    session.write(state);
    for (const [i, batch] of batches.entries()) {
      const { loss, gradientNorm } = await session.step(toBatch(batch), { ...adam, ...steps[i]! });
      expect(relativeError([loss], [expected.losses[i]!])).toBeLessThan(accuracy.trained);
      expect(relativeError([gradientNorm], [expected.gradientNorms[i]!])).toBeLessThan(accuracy.trained);
    }
    const { parameters, averaged } = await session.read();
    session.close();

    for (const [flat, prefix] of [
      [parameters, ''],
      [averaged!, 'averaged.'],
    ] as const) {
      const errors = relativeErrors(model, flat, (parameter) => trained[prefix + parameter]!.data);
      for (const [parameter, error] of Object.entries(errors)) {
        expect(error, prefix + parameter).toBeLessThan(accuracy.trained);
      }
    }
  });
});
