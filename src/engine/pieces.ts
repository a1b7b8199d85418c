import { type NetworkState, statesOf } from '../model/cells/cells.ts';
import { targetsOf } from '../model/configuration.ts';
import type { Batch, Network, Trace } from './engine.ts';

/** What went on within a network while it read one piece of what it was given. */
export interface Piece extends Trace {
  /** The piece's first timestep. */
  readonly start: number;
  readonly timesteps: number;
  /** The states after its last timestep, `[S][rows][H]`: from them the network can go on. */
  readonly finalState: Float32Array<ArrayBuffer>;
}

/**
 * Has a network read symbols or vectors in pieces as long as its session takes, each from the states in which the last one
 * ended.
 *
 * @param inputs symbols `[T][rows]`, or vectors `[T][rows][I]`
 * @param initialState the states before the first timestep, `[S][rows][H]`; zero if it is left out
 */
export async function* traceInPieces(
  network: Network,
  inputs: Batch['inputs'],
  rows: number,
  initialState: 'zero' | Float32Array<ArrayBuffer> = 'zero',
): AsyncGenerator<Piece, void> {
  const { model, capacity } = network;
  const width = rows * (model.inputs === 'symbols' ? 1 : model.inputSize);
  const length = inputs.length / width;
  let state = initialState;
  for (let start = 0; start < length; start += capacity.timesteps) {
    const timesteps = Math.min(capacity.timesteps, length - start);
    const read = inputs.slice(start * width, (start + timesteps) * width);
    // Nothing is compared with the targets, but a batch has some.
    const places = timesteps * rows;
    const targets =
      targetsOf(model) === 'symbols' ? new Uint32Array(places) : new Float32Array(places * model.outputSize);
    const trace: Trace = await network.trace({ rows, timesteps, inputs: read, targets, initialState: state });
    const size = rows * model.hiddenSize;
    const final = ({ layer, name }: NetworkState) => trace.layers[layer]!.states[name]!.subarray(-size);
    const finalState = Float32Array.from(statesOf(model).flatMap((one) => Array.from(final(one))));
    yield { ...trace, start, timesteps, finalState };
    state = finalState;
  }
}
