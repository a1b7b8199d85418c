/**
 * The adding problem (Hochreiter and Schmidhuber, “Long short-term memory”, Neural Computation 9, 1997, section 5.4), in the
 * form that has become usual (Arjovsky, Shah and Bengio, “Unitary evolution recurrent neural networks”, 2016): at each of T
 * timesteps a number comes in that is uniform in [0, 1], and a mark that is 1 at two of them, one in each half, and else 0. At
 * the end the sum of the two marked numbers should come out. So a network has to take in the one number, keep it to within some
 * hundredths while tens of others pass, and add the other to it.
 *
 * Who remembers nothing can do no better than to say the mean, 1. The mean squared error is then the variance of the sum of two
 * uniform numbers, 2 · 1/12 = 0.167. Who remembers all makes no error.
 */

import { Random } from '../../model/random.ts';
import type { Samples } from '../labelled/samples.ts';

/** T */
const timesteps = 100;
const count = 10_000;

/** The mean squared error of who always says the mean. */
export const varianceOfSum = 2 / 12;

/** Samples of the adding problem over 100 timesteps. */
export function adding(seed = 1): Samples {
  const random = new Random(seed);
  const half = timesteps / 2;
  const values: Float32Array<ArrayBuffer>[] = [];
  const sums: Float32Array<ArrayBuffer>[] = [];
  for (let sample = 0; sample < count; sample++) {
    const inputs = Float32Array.from({ length: 2 * timesteps }, (_, i) => (i % 2 === 0 ? random.uniform() : 0));
    const marked = [random.integer(half), half + random.integer(half)];
    for (const t of marked) inputs[2 * t + 1] = 1;
    values.push(inputs);
    sums.push(Float32Array.of(marked.reduce((sum, t) => sum + inputs[2 * t]!, 0)));
  }
  return {
    kind: 'labelled',
    name: 'Adding problem',
    inputs: { kind: 'vectors', names: ['number', 'mark'], values },
    targets: { kind: 'vectors', at: 'end', names: ['sum'], values: sums },
    best: { losses: new Float64Array(count) },
  };
}
