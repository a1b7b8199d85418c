import type { Network, Trace } from '../engine/engine.ts';
import { type NetworkState, statesOf } from '../model/cells/cells.ts';

/** What went on within a network while it read one piece of what it was given. */
export interface Piece extends Trace {
  /** The piece's first timestep. */
  readonly start: number;
  readonly timesteps: number;
}

/**
 * Has a network read symbols from zero states, in pieces as long as its session takes, each from the states in which the
 * last one ended.
 *
 * @param inputs `[T][rows]`
 */
export async function* traceInPieces(
  network: Network,
  inputs: Uint32Array<ArrayBuffer>,
  rows: number,
): AsyncGenerator<Piece, void> {
  const { model, capacity } = network;
  let initialState: 'zero' | Float32Array<ArrayBuffer> = 'zero';
  for (let start = 0; start < inputs.length / rows; start += capacity.timesteps) {
    const read = inputs.slice(start * rows, (start + capacity.timesteps) * rows);
    const timesteps = read.length / rows;
    const trace: Trace = await network.trace({ rows, timesteps, inputs: read, targets: read, initialState });
    yield { ...trace, start, timesteps };
    const size = rows * model.hiddenSize;
    const final = ({ layer, name }: NetworkState) => trace.layers[layer]!.states[name]!.subarray(-size);
    initialState = Float32Array.from(statesOf(model).flatMap((state) => Array.from(final(state))));
  }
}
