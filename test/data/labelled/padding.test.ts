import { expect, it } from 'vitest';
import { batchOf } from '../../../src/data/labelled/batches.ts';
import { samplesTask } from '../../../src/data/labelled/task.ts';
import { initialState } from '../../../src/engine/initial-state.ts';
import { describeEachEngine } from '../../engine/each-engine.ts';
import { relativeError, relativeErrors } from '../../fixtures.ts';
import { configured, drawn, forms } from './small.ts';

describeEachEngine('A padded batch of mixed lengths', (engine, { gradient }) => {
  it.each(forms)('is the mean over its samples: $inputs in, $targets out, $at', async (form) => {
    const { encoded, model, training } = samplesTask(drawn(form, 6, 9), configured({ hidden: 5, validation: 0 }));
    const batch = batchOf(encoded, training);
    const session = await engine().open(model, batch);
    session.write(initialState(model, batch, 1));
    const { loss, flat } = await session.gradients(batch);
    const mean = { loss: 0, flat: new Float64Array(flat.length) };
    const total = encoded.counted.reduce((a, b) => a + b);
    for (const sample of training) {
      const alone = await session.gradients(batchOf(encoded, Uint32Array.of(sample)));
      const weight = encoded.counted[sample]! / total;
      mean.loss += weight * alone.loss;
      for (const [i, value] of alone.flat.entries()) mean.flat[i]! += weight * value;
    }
    session.close();
    expect(new Set(batch.lengths).size).toBeGreaterThan(2);
    expect(relativeError([loss], [mean.loss])).toBeLessThan(gradient);
    const errors = relativeErrors(model, flat, (_, offset, length) => mean.flat.subarray(offset, offset + length));
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(gradient);
  });
});
