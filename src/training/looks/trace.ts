import type { Network } from '../../engine/engine.ts';
import { traceInPieces } from '../../engine/pieces.ts';

/** What went on within a network while it read one text from zero states, after each of its symbols. */
export interface TextTrace {
  /** Of each layer its gates and states, by their names in the equations, `[T][H]` each. */
  readonly layers: readonly Readonly<Record<string, Float32Array>>[];
  /** y as probabilities, `[T][V]`. */
  readonly outputs: Float32Array;
}

/** Has a network read a text, of any length. */
export async function traceText(network: Network, ids: Uint32Array<ArrayBuffer>): Promise<TextTrace> {
  const { layers: L, hiddenSize: H, outputSize: V } = network.model;
  const layers = Array.from({ length: L }, (): Record<string, Float32Array> => ({}));
  const outputs = new Float32Array(ids.length * V);
  for await (const piece of traceInPieces(network, ids, 1)) {
    outputs.set(piece.outputs, piece.start * V);
    for (const [layer, { gates, states }] of piece.layers.entries()) {
      const values = layers[layer]!;
      const keep = (name: string, of: ArrayLike<number>) => {
        values[name] ??= new Float32Array(ids.length * H);
        values[name].set(of, piece.start * H);
      };
      for (const [letter, gate] of Object.entries(gates)) keep(letter, gate);
      // The state before the first symbol is no symbol's.
      for (const [name, state] of Object.entries(states)) keep(name, state.subarray(H));
    }
  }
  return { layers, outputs };
}
