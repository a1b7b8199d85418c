import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import {
  dropoutFixtures,
  networkFixtures,
  readJson,
  readModel,
  readTensors,
  relativeError,
  relativeErrors,
  toBatch,
  type WrittenBatch,
} from '../fixtures.ts';
import { type Accuracy, describeEachEngine, useWebGPUEngine, webgpu } from './each-engine.ts';

function findsThem(engine: () => Engine, accuracy: Accuracy): void {
  it.each([...networkFixtures, ...dropoutFixtures])(
    'gives the loss, the gradients, the final states and the outputs of %s',
    async (name) => {
      const expected = readTensors(`${name}.expected`);
      const batch = toBatch(readJson(`${name}.batch`) as WrittenBatch);
      const { model, state } = readModel(name, batch.rows);
      const { rows, timesteps, dropout } = batch;
      const session = await engine().open(model, { rows, timesteps, withDropout: dropout !== undefined });
      session.write(state);
      const { loss, flat, finalState } = await session.gradients(batch);
      const { outputs } = await session.trace(batch);
      session.close();

      expect(relativeError([loss], expected['loss']!.data)).toBeLessThan(accuracy.gradient);
      expect(relativeError(finalState, expected['final_state']!.data)).toBeLessThan(accuracy.gradient);
      const errors = relativeErrors(model, flat, (parameter) => expected[parameter]!.data);
      for (const [parameter, error] of Object.entries(errors)) {
        expect(error, `gradient of ${parameter}`).toBeLessThan(accuracy.gradient);
      }
      const O = model.outputSize;
      const ended = (place: number) => (batch.lengths?.[place % batch.rows] ?? batch.timesteps) <= place / batch.rows;
      const known = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => !ended(Math.floor(i / O)));
      const logits = expected['outputs']!.data;
      const comesOut = model.output === 'log-softmax' ? softmax(logits, O) : logits;
      expect(relativeError(known(outputs), known(comesOut))).toBeLessThan(accuracy.gradient);
    },
  );
}

describeEachEngine('PyTorch’s networks', findsThem);
describe(`PyTorch’s networks, on ${webgpu}, stepwise`, () => {
  findsThem(useWebGPUEngine({ tuning: 'stepwise' }), { gradient: 1e-5, trained: 1e-4 });
});

/** Of rows of logits, the probabilities. */
function softmax(logits: ArrayLike<number>, width: number): Float64Array {
  const exponentials = Float64Array.from(logits, Math.exp);
  const sum = (i: number) => {
    const first = i - (i % width);
    return exponentials.subarray(first, first + width).reduce((a, b) => a + b, 0);
  };
  return exponentials.map((e, i) => e / sum(i));
}
