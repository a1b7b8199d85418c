import { type NetworkState, statesOf } from '../../model/cells/cells.ts';
import type { Batch, Capacity } from '../engine.ts';
import { resizeRows } from '../padding.ts';
import type { Part } from '../parts.ts';
import { type BufferName, ofLayer } from './buffers.ts';
import { bytes, type Network } from './network.ts';
import type { ReadBack } from './read-back.ts';

/** Where states are kept from one batch to the next, `[S][B][H]` for the largest batch. */
export type Kept = 'carriedState' | 'evaluatedState';

/** The states of all layers on a device: in each layer's buffer h `[T + 1][B][H]`, and behind it the second state, the same. */
export class DeviceStates {
  readonly #device: GPUDevice;
  readonly #network: Network;
  readonly #buffers: Readonly<Record<BufferName, GPUBuffer>>;
  readonly #states: readonly NetworkState[];
  readonly #mostRows: number;

  constructor(
    device: GPUDevice,
    network: Network,
    buffers: Readonly<Record<BufferName, GPUBuffer>>,
    { rows }: Capacity,
  ) {
    this.#device = device;
    this.#network = network;
    this.#buffers = buffers;
    this.#states = statesOf(network.model);
    this.#mostRows = rows;
  }

  /** S: how many there are. */
  get count(): number {
    return this.#states.length;
  }

  /** Sets the states that a part starts from, and the gradients by second states after the last timestep, which are 0. */
  begin(encoder: GPUCommandEncoder, { batch, first }: Part, carried: Kept): void {
    const { initialState, rows, timesteps } = batch;
    const { model, padded } = this.#network;
    const size = this.#size(rows);
    if (initialState === 'carried') this.#copy(encoder, { batch, first }, 0, carried);
    for (const [i, { layer }] of this.#states.entries()) {
      const [states, start] = [this.#buffer('states', layer), this.#start(i, batch)];
      if (initialState === 'zero') encoder.clearBuffer(states, start, size);
      else if (initialState !== 'carried') {
        const H = model.hiddenSize;
        const own = initialState.subarray(i * rows * H, (i + 1) * rows * H);
        this.#device.queue.writeBuffer(states, start, resizeRows(own, H, padded.hiddenSize));
      }
      if (start > 0) encoder.clearBuffer(this.#buffer('dstates', layer), start + timesteps * size, size);
    }
  }

  /** Keeps the states in which a part ended, in the place of its rows. */
  keep(encoder: GPUCommandEncoder, part: Part, kept: Kept): void {
    this.#copy(encoder, part, part.batch.timesteps, kept);
  }

  /** All states, or the gradients by them, before `count` timesteps of a batch from `first` on: `[S]` × `[count][B][H]`. */
  read(readBack: ReadBack, name: 'states' | 'dstates', batch: Batch, first: number, count: number) {
    const { model, padded } = this.#network;
    const rows = batch.rows * padded.hiddenSize;
    return Promise.all(
      this.#states.map(async ({ layer }, i) => {
        const start = this.#start(i, batch) / bytes + first * rows;
        const state = await readBack.read(this.#buffer(name, layer), start, count * rows);
        return resizeRows(state, padded.hiddenSize, model.hiddenSize);
      }),
    );
  }

  /** Copies the states before timestep t to where they are kept; those before the first from there. */
  #copy(encoder: GPUCommandEncoder, { batch, first }: Part, t: number, kept: Kept): void {
    const size = this.#size(batch.rows);
    for (const [i, { layer }] of this.#states.entries()) {
      const states = this.#buffer('states', layer);
      const [at, place] = [this.#start(i, batch) + t * size, this.#size(i * this.#mostRows + first)];
      if (t === 0) encoder.copyBufferToBuffer(this.#buffers[kept], place, states, at, size);
      else encoder.copyBufferToBuffer(states, at, this.#buffers[kept], place, size);
    }
  }

  #buffer(name: 'states' | 'dstates', layer: number): GPUBuffer {
    return this.#buffers[ofLayer(name, layer)]!;
  }

  /** Bytes of a state of some rows. */
  #size(rows: number): number {
    return rows * this.#network.padded.hiddenSize * bytes;
  }

  /** Where a state begins in its layer's buffer, in bytes. */
  #start(state: number, { rows, timesteps }: Batch): number {
    return (state % this.#network.states) * (timesteps + 1) * this.#size(rows);
  }
}
