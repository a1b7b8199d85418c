import { targetsOf } from '../../../model/configuration.ts';
import { powerOf2 } from '../limits.ts';
import { type Network, placesOf, strideOf, vector } from '../network.ts';
import { batch, type Dispatch, inRows, outOf, parametersAt, work } from './dispatch.ts';

/** From what the topmost layer puts out to what comes out, the losses and ∂logits. */
export function output(network: Network, cost = network.model.cost): Dispatch {
  const { model, padded } = network;
  const top = model.layers - 1;
  const { hiddenSize: HIDDEN, outputSize } = padded;
  const vectors = targetsOf(model) === 'vectors';
  const LANES = Math.min(32, powerOf2(outputSize / vector));
  const QUADS = 64 / LANES;
  const shape = { HIDDEN, OUTPUTS: model.outputSize, BIAS_OFFSET: strideOf(HIDDEN * outputSize), QUADS, LANES };
  const bindings = {
    batch,
    targets: { buffer: 'targets' },
    states: outOf(network, top),
    output: parametersAt(network, placesOf(network, top, 'output', 'outputBias')),
    dlogits: { buffer: 'dlogits' },
    losses: { buffer: 'losses' },
  } as const satisfies Dispatch['bindings'];
  const which =
    model.output === 'log-softmax'
      ? { kernel: 'output-softmax', files: ['parts/batch', 'output-softmax'], constants: shape, bindings }
      : {
          kernel: 'output-elementwise',
          files: ['parts/batch', 'parts/activations', 'output-elementwise'],
          constants: {
            ...shape,
            VECTORS: Number(vectors),
            SQUARED: Number(cost === 'squared-error'),
            LINEAR: Number(model.output === 'linear'),
          },
          // Without vectors something has to be bound all the same.
          bindings: { ...bindings, vectors: vectors ? { buffer: 'targetVectors' as const } : bindings.output },
        };
  return {
    ...which,
    workgroups: ({ rows, timesteps }) => inRows(Math.ceil((rows * timesteps) / (4 * QUADS))),
    // In: h, V, b_y, targets; out: ∂logits, losses.
    work: ({ rows, timesteps }) => {
      const { hiddenSize: H, outputSize: O } = model;
      const N = rows * timesteps;
      return work(2 * N * H * O, N * H + H * O + O + N * (vectors ? O : 1) + N * O + N);
    },
  };
}

/** What comes out in ∂logits' place, where the targets are none: of a σ, the gradient of its cross-entropy. */
export const probabilities = (network: Network): Dispatch =>
  output(network, network.model.output === 'sigmoid' ? 'cross-entropy' : network.model.cost);
