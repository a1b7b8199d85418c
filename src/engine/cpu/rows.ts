import { describeCell, gatesOf, tracedGates } from '../../model/cells/cells.ts';
import { targetsOf } from '../../model/configuration.ts';
import { markedTargets } from '../batch.ts';
import type { Batch, Dropout, Trace } from '../engine.ts';
import { outputsOf } from '../output.ts';
import { at, chunks, type Extent, type Matrix } from './extent.ts';
import type { Kernels } from './kernels.ts';
import { Layer } from './layer.ts';
import { type MemoryPlan, type Own, tileRows } from './memory.ts';
import type { Phase } from './protocol.ts';

type Numbers = Float32Array | Uint32Array | Int32Array;

/** The rows of a batch that one member of a crew owns, taken through all layers and timesteps without meeting anyone. */
export class Rows {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #own: Own;
  readonly #memory: ArrayBufferLike;
  readonly #numbers: Float32Array;
  /** From the first to the topmost. */
  readonly #layers: readonly Layer[];
  /** The states of all layers, S of them. */
  readonly #states: readonly Matrix[];
  readonly #H: number;
  readonly #O: number;
  /** How many rows are the batch's; of padding rows nothing counts. */
  #count = 0;
  #extent: Extent = { rows: 0, timesteps: 0, first: 0 };
  /** The first timestep at which anything counts. */
  #countFrom = 0;

  constructor(kernels: Kernels, plan: MemoryPlan, member: number, memory: ArrayBufferLike) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#own = plan.members[member]!;
    this.#memory = memory;
    this.#numbers = new Float32Array(memory);
    const layers: Layer[] = [];
    for (const index of plan.common.layers.keys()) {
      layers.push(new Layer(kernels, plan, this.#own, memory, index, layers.at(-1)));
    }
    this.#layers = layers;
    this.#states = layers.flatMap(({ states }) => states);
    this.#H = plan.padded.hiddenSize;
    this.#O = plan.padded.outputSize;
  }

  /** How many rows there is room for, padding included. */
  get capacity(): number {
    return this.#plan.rows;
  }

  /** Row `row` of the logits that were computed last, without padding. */
  logitsOf(row: number): Float32Array {
    const start = this.#own.logits / 4 + row * this.#O;
    return this.#numbers.subarray(start, start + this.#plan.model.outputSize);
  }

  /** Takes over `count` rows of a batch from row `first` on, and what they leave out, but not the states they start from. */
  load(batch: Batch, first: number, count: number, dropout?: Dropout): void {
    const { rows, timesteps: T, inputs, targets } = batch;
    const { model, padded } = this.#plan;
    const own = this.#own;
    const lengths = batch.lengths?.subarray(first, first + count);
    this.size(count, T);
    this.#extent = { ...this.#extent, lengths, first, dropout };
    const R = this.#extent.rows;
    /** Copies these rows of `[T][B][size]` to `[T][R][room]`. */
    const take = (values: Numbers, size: number, to: Numbers, room: number) => {
      for (let t = 0; t < T; t++) {
        const start = (t * rows + first) * size;
        if (size === room) to.set(values.subarray(start, start + count * size), t * R * room);
        else {
          for (let row = 0; row < count; row++) {
            to.set(values.subarray(start + row * size, start + (row + 1) * size), (t * R + row) * room);
          }
        }
      }
    };
    const readsVectors = model.inputs === 'vectors';
    const [size, room] = readsVectors ? [model.inputSize, padded.inputSize] : [1, 1];
    const into: Numbers = readsVectors
      ? new Float32Array(this.#memory, own.inputs, T * R * room)
      : new Uint32Array(this.#memory, own.inputs, T * R);
    into.fill(0);
    take(inputs, size, into, room);
    // After a row's end there may be anything.
    for (const [row, length] of lengths?.entries() ?? []) {
      for (let place = length * R + row; place < T * R; place += R) into.fill(0, place * room, (place + 1) * room);
    }

    const marked = new Int32Array(this.#memory, own.targets, T * R).fill(-1);
    take(markedTargets(batch), 1, marked, 1);
    const counted = marked.findIndex((target) => target >= 0);
    this.#countFrom = counted < 0 ? T : Math.floor(counted / R);
    if (targetsOf(model) === 'vectors') {
      const vectors = new Float32Array(this.#memory, own.targetVectors, T * R * this.#O).fill(0);
      take(targets, model.outputSize, vectors, this.#O);
    }
  }

  /** Makes room for rows through timesteps, and returns the place of their symbols, `[T][R]`. */
  size(count: number, timesteps: number): Uint32Array {
    const rows = tileRows * Math.ceil(count / tileRows);
    this.#count = count;
    this.#extent = { rows, timesteps, first: 0 };
    return new Uint32Array(this.#memory, this.#own.inputs, timesteps * rows);
  }

  /** Starts from given states, `[S][rows][…]`, of which these rows' are those from row `first` on; if none are, from 0. */
  start(given?: Float32Array, rows = 0, first = 0): void {
    for (const layer of this.#layers) layer.before(0, this.#extent.rows).fill(0);
    if (given === undefined) return;
    const width = given.length / (this.#states.length * rows);
    for (const [s, state] of this.#states.entries()) {
      for (let row = 0; row < this.#count; row++) {
        const from = (s * rows + first + row) * width;
        this.#numbers.set(given.subarray(from, from + width), at(state, row) / 4);
      }
    }
  }

  /** Starts from the states that the timesteps before ended in. */
  goOn(): void {
    const { rows, timesteps } = this.#extent;
    for (const layer of this.#layers) layer.before(0, rows).set(layer.before(timesteps, rows));
  }

  /** Keeps the states after the last timestep in the place of rows from `first` on, `[S][rows][H]`, padding included. */
  keep(kept: Float32Array, rows: number, first: number): void {
    const end = this.#extent.timesteps * this.#extent.rows;
    for (const [s, state] of this.#states.entries()) {
      for (let row = 0; row < this.#count; row++) {
        const from = at(state, end + row) / 4;
        kept.set(this.#numbers.subarray(from, from + this.#H), (s * rows + first + row) * this.#H);
      }
    }
  }

  /** All timesteps of all layers; keeps the states and the gates. */
  forward(): void {
    for (const layer of this.#layers) layer.forward(this.#extent);
  }

  /** Logits for `count` rows of T·R from row `first` on. */
  logits(first: number, count: number): void {
    const { packLeft, multiply } = this.#kernels;
    const { left, logits } = this.#own;
    const { parameters, output } = this.#plan.common;
    const [H, O] = [this.#H, this.#O];
    const out = this.#top.out(this.#extent);
    packLeft(left, at(out, first), out.stride, count, H);
    multiply(logits, 4 * O, left, output.packedV, count, O, H, parameters + output.bias, 0);
  }

  /** The sum of the loss over all rows and the timesteps that count. */
  loss(): number {
    let loss = 0;
    for (const [first, count] of this.#counted()) loss += this.#cost(first, count, 0);
    return loss;
  }

  /** As `loss`; and ∂h from the output, ∂V and its bias's, of `scale` times the loss. */
  output(scale: number): number {
    const { packLeft, packLeftTransposed, packRight, multiply, sumRows } = this.#kernels;
    const { left, right, logits, gradients } = this.#own;
    const { output } = this.#plan.common;
    const [H, O] = [this.#H, this.#O];
    const [out, dh] = [this.#top.out(this.#extent), this.#top.stateGradients[0]!];
    this.#top.clearGradients(this.#extent, this.#countFrom);
    let loss = 0;
    for (const [first, count] of this.#counted()) {
      loss += this.#cost(first, count, scale);

      packLeft(left, logits, 4 * O, count, O);
      multiply(at(dh, this.#extent.rows + first), dh.stride, left, output.packedVᵀ, count, H, O, 0, 0);

      packLeftTransposed(left, at(out, first), out.stride, H, count);
      packRight(right, 32 * count, logits, 4 * O, O, count);
      multiply(gradients + output.V, 4 * O, left, right, H, O, count, gradients + output.V, 4 * O);
      sumRows(gradients + output.bias, logits, 4 * O, count, O);
    }
    return loss;
  }

  /** All timesteps of all layers in reverse: ∂loss by the states becomes whole; and ∂W, ∂U and ∂b of all gates. */
  backward(lap: (phase: Phase) => void): void {
    for (const layer of this.#layers.toReversed()) {
      layer.backward(this.#extent);
      lap('backward');
      layer.weightGradients(this.#extent);
      lap('weight gradients');
    }
  }

  /** Packs some rows of all weights, as they are from here on, for the products: a share of each. */
  pack(share: (count: number) => readonly [first: number, end: number]): void {
    const { packRight, packRightTransposed } = this.#kernels;
    const { parameters, output } = this.#plan.common;
    const [H, O] = [this.#H, this.#O];
    for (const layer of this.#layers) layer.pack(share);
    const [first, end] = share(H / 8);
    const V = parameters + output.V + 32 * O * first;
    packRight(output.packedV + 256 * first, 32 * H, V, 4 * O, O, 8 * (end - first));
    packRightTransposed(output.packedVᵀ + 32 * O * first, 32 * O, V, 4 * O, 8 * (end - first), O);
  }

  /** What `forward` brought about in the batch's rows, `[…][count][…]` each. */
  trace(): Trace {
    const { model } = this.#plan;
    const { rows, timesteps: T } = this.#extent;
    const [gates, { states: names }] = [gatesOf(model.cell), describeCell(model.cell)];
    const outputs = new Float32Array(T * this.#count * model.outputSize);
    for (const [first, count] of chunks(this.#extent, this.#plan.chunk)) {
      this.logits(first, count);
      for (let i = 0; i < count; i++) {
        const [t, row] = [Math.floor((first + i) / rows), (first + i) % rows];
        if (row >= this.#count) continue;
        outputs.set(outputsOf(model, this.logitsOf(i)), (t * this.#count + row) * model.outputSize);
      }
    }
    return {
      layers: this.#layers.map((layer) => ({
        states: Object.fromEntries(names.map((name, i) => [name, this.#unpadded([layer.states[i]!], 0, T + 1)])),
        gates: Object.fromEntries(
          tracedGates(model.cell).map((gate) => [
            gate.letter,
            this.#unpadded([layer.gates[gates.indexOf(gate)]!], 0, T),
          ]),
        ),
      })),
      outputs,
    };
  }

  /** The states after the last timestep, `[S][count][H]`. */
  finalStates(): Float32Array<ArrayBuffer> {
    return this.#unpadded(this.#states, this.#extent.timesteps, 1);
  }

  /** ∂loss by the states of the batch's rows once `backward` is through, `[S][T + 1][count][H]`. */
  stateGradients(): Float32Array<ArrayBuffer> {
    return this.#unpadded(
      this.#layers.flatMap(({ stateGradients }) => stateGradients),
      0,
      this.#extent.timesteps + 1,
    );
  }

  /** The sum of the loss over `count` rows of T·R from row `first` on; ∂logits of `scale` times it is left. */
  #cost(first: number, count: number, scale: number): number {
    const { softmax, oneHot, elementwiseCost } = this.#kernels;
    const { logits, parts, right, targetVectors } = this.#own;
    const { model } = this.#plan;
    const { output, cost } = model;
    const O = this.#O;
    const targets = this.#own.targets + 4 * first;
    this.logits(first, count);
    if (output === 'log-softmax') softmax(logits, count, O, targets, scale, parts);
    else {
      const vectors = targetsOf(model) === 'vectors' ? targetVectors + 4 * O * first : right;
      if (vectors === right) oneHot(right, targets, count, O);
      const [sigmoid, squared] = [output === 'sigmoid', cost === 'squared-error'];
      elementwiseCost(logits, count, O, targets, vectors, sigmoid, squared, scale, parts);
    }
    let loss = 0;
    const pairs = new Float32Array(this.#memory, parts, 2 * count);
    for (let i = 0; i < pairs.length; i += 2) loss += Math.log(pairs[i]!) - pairs[i + 1]!;
    return loss;
  }

  /** The chunks of T·R in which anything may count. */
  #counted() {
    return chunks(this.#extent, this.#plan.chunk, this.#countFrom);
  }

  get #top(): Layer {
    return this.#layers.at(-1)!;
  }

  /** H numbers of each of the batch's rows at `timesteps` timesteps from t on, without padding: one matrix after the other. */
  #unpadded(matrices: readonly Matrix[], t: number, timesteps: number): Float32Array<ArrayBuffer> {
    const { hiddenSize } = this.#plan.model;
    const { rows } = this.#extent;
    const numbers = new Float32Array(matrices.length * timesteps * this.#count * hiddenSize);
    let place = 0;
    for (const matrix of matrices) {
      for (let i = t; i < t + timesteps; i++) {
        for (let row = 0; row < this.#count; row++, place += hiddenSize) {
          const from = at(matrix, i * rows + row) / 4;
          numbers.set(this.#numbers.subarray(from, from + hiddenSize), place);
        }
      }
    }
    return numbers;
  }
}
