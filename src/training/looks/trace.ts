import type { Batch, Network } from '../../engine/engine.ts';
import { traceInPieces } from '../../engine/pieces.ts';

/** What went on within a network while it read one sequence from zero states, after each timestep. */
export interface SequenceTrace {
  /** Of each layer its gates and states, by their names in the equations, `[T][H]` each. */
  readonly layers: readonly Readonly<Record<string, Float32Array>>[];
  /** y, as probabilities where they are some, `[T][O]`. */
  readonly outputs: Float32Array;
}

/** Has a network read one sequence of any length: symbols `[T]`, or vectors `[T][I]`. */
export async function traceAlone(network: Network, inputs: Batch['inputs']): Promise<SequenceTrace> {
  const { layers: L, hiddenSize: H, outputSize: O, inputSize } = network.model;
  const T = inputs.length / (network.model.inputs === 'symbols' ? 1 : inputSize);
  const layers = Array.from({ length: L }, (): Record<string, Float32Array> => ({}));
  const outputs = new Float32Array(T * O);
  for await (const piece of traceInPieces(network, inputs, 1)) {
    outputs.set(piece.outputs, piece.start * O);
    for (const [layer, { gates, states }] of piece.layers.entries()) {
      const values = layers[layer]!;
      const keep = (name: string, of: ArrayLike<number>) => {
        values[name] ??= new Float32Array(T * H);
        values[name].set(of, piece.start * H);
      };
      for (const [letter, gate] of Object.entries(gates)) keep(letter, gate);
      // The state before the first timestep is of none.
      for (const [name, state] of Object.entries(states)) keep(name, state.subarray(H));
    }
  }
  return { layers, outputs };
}
