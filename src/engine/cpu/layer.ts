import { describeCell } from '../../model/cells/cells.ts';
import { type Droppable, dropBelow, keptScale, maskKey } from '../dropout.ts';
import { at, chunks, drops, type Extent, type Matrix, rowsFrom } from './extent.ts';
import { type CellKernels, type Kernels, kernelsOf } from './kernels.ts';
import type { LayerWeights, MemoryPlan, Own, OwnLayer, PhaseWeights } from './memory.ts';

/** One layer of a network, whatever its cell: through all timesteps and back, for the rows of one member of a crew. */
export class Layer {
  /** The states before each timestep and after the last, and ∂loss by them, `[T + 1][R][H]` each. */
  readonly states: readonly Matrix[];
  readonly stateGradients: readonly Matrix[];
  /** The gates, `[T][R][H]` each; once `backward` is through, da. */
  readonly gates: readonly Matrix[];
  readonly #kernels: Kernels;
  readonly #cell: CellKernels;
  readonly #plan: MemoryPlan;
  readonly #weights: LayerWeights;
  readonly #own: Own;
  readonly #layer: OwnLayer;
  readonly #numbers: Float32Array;
  readonly #index: number;
  readonly #below: Layer | undefined;
  /** Whether symbols go in, not numbers. */
  readonly #symbols: boolean;
  readonly #H: number;

  /** @param below the layer whose state goes in; without one, what goes into the network */
  constructor(kernels: Kernels, plan: MemoryPlan, own: Own, memory: ArrayBufferLike, index: number, below?: Layer) {
    this.#kernels = kernels;
    this.#cell = kernelsOf(plan.model.cell, kernels);
    this.#plan = plan;
    this.#weights = plan.common.layers[index]!;
    this.#own = own;
    this.#layer = own.layers[index]!;
    this.#numbers = new Float32Array(memory);
    this.#index = index;
    this.#below = below;
    this.#symbols = !below && plan.model.inputs === 'symbols';
    this.#H = plan.padded.hiddenSize;
    /** What lies side by side in each row. */
    const beside = (address: number, count: number): Matrix[] =>
      Array.from({ length: count }, (_, i) => ({ address: address + 4 * this.#H * i, stride: 4 * this.#H * count }));
    const { length } = describeCell(plan.model.cell).states;
    this.states = beside(this.#layer.states, length);
    this.stateGradients = beside(this.#layer.dstates, length);
    this.gates = beside(this.#layer.gates, this.#weights.gates.length);
  }

  /** All states before timestep t, side by side in each of R rows, as a view. */
  before(t: number, R: number): Float32Array {
    const { address, stride } = this.states[0]!;
    return this.#numbers.subarray((address + stride * R * t) / 4, (address + stride * R * (t + 1)) / 4);
  }

  /** What the layer above or the output reads at each row of T·R: m ⊙ h', or h' where nothing is left out. */
  out(extent: Extent): Matrix {
    if (drops(extent, 'outputs')) return { address: this.#layer.out, stride: 4 * this.#H };
    return rowsFrom(this.states[0]!, extent.rows);
  }

  /** All timesteps, from the states before the first on; keeps the states and the gates. */
  forward(extent: Extent): void {
    const { rows: R, timesteps: T, lengths } = extent;
    // Numbers meet U in large products, some timesteps ahead; a symbol's row of U is added where it is needed.
    const atOnce = this.#symbols ? R : this.#plan.chunk;
    const [out, next] = [this.out(extent), rowsFrom(this.states[0]!, R)];
    let ready = 0;
    for (let t = 0; t < T; t++) {
      for (; ready < (t + 1) * R; ready += atOnce) this.#input(extent, ready, Math.min(atOnce, T * R - ready));
      this.#forward(t, extent);
      if (lengths) this.#hold(t, R, lengths);
      this.#leaveOut(out, next, t, extent);
    }
  }

  /** Where ∂loss/∂h after each timestep comes from the layer above or from the output: 0 elsewhere, before they add it. */
  clearGradients({ rows: R, timesteps: T }: Extent, from: number): void {
    const { address, stride } = this.stateGradients[0]!;
    const row = stride / 4;
    // Nothing comes from before the first timestep, or from one that does not count; but for h, nothing after the last.
    this.#numbers.fill(0, address / 4, address / 4 + (1 + from) * R * row);
    this.#numbers.fill(0, address / 4 + T * R * row, address / 4 + (T + 1) * R * row);
  }

  /** All timesteps in reverse: da takes the gates' place, and ∂loss by the states becomes whole. */
  backward(extent: Extent): void {
    const dh = rowsFrom(this.stateGradients[0]!, extent.rows);
    const last = extent.timesteps - 1;
    this.#leaveOut(dh, dh, last, extent);
    for (let t = last; t >= 0; t--) {
      // Before this timestep adds to ∂loss by h' of the one before what reaches it otherwise.
      if (t > 0) this.#leaveOut(dh, dh, t - 1, extent);
      this.#backward(t, extent);
    }
  }

  /** ∂W, ∂U and ∂b of all gates, once `backward` is through; and ∂loss/∂h of the layer below after each timestep. */
  weightGradients(extent: Extent): void {
    const { packLeftTransposed, packRight, multiply, inputGradients, sumRows } = this.#kernels;
    const { left, right, inputsᵀ, gradients } = this.#own;
    const { inputSize: I, gates, phases } = this.#weights;
    const H = this.#H;
    const x = this.#inputs(extent);
    this.#below?.clearGradients(extent, 0);
    for (const [first, count] of chunks(extent, this.#plan.chunk)) {
      if (this.#below) this.#passDown(this.#below, extent.rows, first, count);
      if (!this.#symbols) packLeftTransposed(inputsᵀ, at(x, first), x.stride, I, count);
      for (const phase of phases) {
        const operand = this.#operand(phase);
        packLeftTransposed(left, at(operand, first), operand.stride, H, count);
        for (let i = phase.first; i < phase.end; i++) {
          const { U, W, b } = gates[i]!;
          const { stride } = this.gates[i]!;
          const da = at(this.gates[i]!, first);
          packRight(right, 32 * count, da, stride, H, count);
          /** sum ← sum + packed · da */
          const add = (sum: number, packed: number, rows: number) =>
            multiply(sum, 4 * H, packed, right, rows, H, count, sum, 4 * H);
          if (W !== undefined) add(gradients + W, left, H);
          if (U !== undefined && this.#symbols) inputGradients(gradients + U, at(x, first), da, stride, count, H);
          else if (U !== undefined) add(gradients + U, inputsᵀ, I);
          sumRows(gradients + b, da, stride, count, H);
        }
      }
    }
  }

  /** Packs some rows of the weights, as they are from here on, for the products: a share of each. */
  pack(share: (count: number) => readonly [first: number, end: number]): void {
    const { packRight, packRightTransposed } = this.#kernels;
    const { inputSize: I, gates, phases } = this.#weights;
    const { parameters } = this.#plan.common;
    const H = this.#H;
    const [first, end] = share(H / 8);
    for (const phase of phases) {
      for (let i = 0; i < phase.m; i++) {
        const source = parameters + gates[phase.first + i]!.W! + 32 * H * first;
        const [beside, below] = [phase.W + 4 * H * H * i, phase.Wᵀ + 32 * H * i];
        packRight(beside + 256 * first, 32 * H, source, 4 * H, H, 8 * (end - first));
        packRightTransposed(below + 32 * phase.m * H * first, 32 * phase.m * H, source, 4 * H, 8 * (end - first), H);
      }
    }
    if (this.#symbols) return;
    const [input, inputsEnd] = share(I / 8);
    for (const { U, packedU, packedUᵀ } of gates) {
      if (U === undefined) continue;
      const source = parameters + U + 32 * H * input;
      const rows = 8 * (inputsEnd - input);
      packRight(packedU + 256 * input, 32 * I, source, 4 * H, H, rows);
      if (this.#below) packRightTransposed(packedUᵀ + 32 * H * input, 32 * H, source, 4 * H, rows, H);
    }
  }

  /** x U + b for `count` rows of T·R from row `first` on, into the gates' place; of a gate without U, b alone. */
  #input(extent: Extent, first: number, count: number): void {
    const { inputs, packLeft, repeat, multiply } = this.#kernels;
    const { inputSize: I, gates } = this.#weights;
    const { parameters } = this.#plan.common;
    const { left } = this.#own;
    const H = this.#H;
    const matrix = this.#inputs(extent);
    const x = at(matrix, first);
    if (!this.#symbols) packLeft(left, x, matrix.stride, count, I);
    for (const [i, { U, b, packedU }] of gates.entries()) {
      const { stride } = this.gates[i]!;
      const out = at(this.gates[i]!, first);
      if (U === undefined) repeat(out, stride, parameters + b, count, H);
      else if (this.#symbols) inputs(out, stride, x, count, parameters + U, parameters + b, H);
      else multiply(out, stride, left, packedU, count, H, I, parameters + b, 0);
    }
  }

  /** ∂loss by what went in, Σ da Uᵀ, for `count` rows of T·R from row `first` on: ∂h after the timestep of the layer below. */
  #passDown(below: Layer, R: number, first: number, count: number): void {
    const { packLeft, multiply } = this.#kernels;
    const { left } = this.#own;
    const H = this.#H;
    const { stride } = below.stateGradients[0]!;
    const dx = at(below.stateGradients[0]!, R + first);
    let from = 0;
    for (const [i, { U, packedUᵀ }] of this.#weights.gates.entries()) {
      if (U === undefined) continue;
      const da = this.gates[i]!;
      packLeft(left, at(da, first), da.stride, count, H);
      multiply(dx, stride, left, packedUᵀ, count, H, H, from, stride);
      from = dx;
    }
  }

  /** A timestep: each phase's recurrent products, then what the cell makes of them. */
  #forward(t: number, extent: Extent): void {
    const { packLeft, multiply } = this.#kernels;
    const { left } = this.#own;
    const { phases } = this.#weights;
    const H = this.#H;
    const R = extent.rows;
    const { before, after, gates, q } = this.#at(t, R);
    const { stride } = this.gates[0]!;
    const mask = this.#mask('candidates', t, extent);
    for (const [i, phase] of phases.entries()) {
      const operand = this.#operand(phase);
      const sum = gates + 4 * H * phase.first;
      packLeft(left, at(operand, t * R), operand.stride, R, H);
      multiply(sum, stride, left, phase.W, R, phase.m * H, H, sum, stride);
      this.#cell.forward[i]!(gates, before, after, q, mask, R, H);
    }
  }

  /** A timestep in reverse. */
  #backward(t: number, extent: Extent): void {
    const { packLeft, multiply } = this.#kernels;
    const { left, dq } = this.#own;
    const { phases } = this.#weights;
    const H = this.#H;
    const R = extent.rows;
    const { before, after, gates, q, dbefore, dafter } = this.#at(t, R);
    const { stride } = this.stateGradients[0]!;
    const mask = this.#mask('candidates', t, extent);
    for (let i = phases.length - 1; i >= 0; i--) {
      const { operand, first, m, Wᵀ } = phases[i]!;
      this.#cell.backward[i]!(gates, before, after, q, dbefore, dafter, dq, mask, R, H);
      packLeft(left, gates + 4 * H * first, this.gates[0]!.stride, R, m * H);
      if (operand === 'h') multiply(dbefore, stride, left, Wᵀ, R, H, m * H, dbefore, stride);
      else multiply(dq, 4 * H, left, Wᵀ, R, H, m * H, 0, 0);
    }
  }

  /** to ← m ⊙ from, at a timestep, for h' on its way out or ∂loss by it on its way back; nothing if none is left out. */
  #leaveOut(to: Matrix, from: Matrix, t: number, extent: Extent): void {
    const mask = this.#mask('outputs', t, extent);
    if (mask === 0) return;
    const row = t * extent.rows;
    this.#kernels.leaveOut(at(to, row), to.stride, at(from, row), from.stride, mask, extent.rows, this.#H);
  }

  /** Draws the mask of a timestep: its address; 0 if nothing is left out. */
  #mask(what: Droppable, t: number, extent: Extent): number {
    if (!drops(extent, what)) return 0;
    const { mask } = this.#own;
    const { rows, first, dropout } = extent;
    const { masks, seed, [what]: rate } = dropout!;
    const key = maskKey(seed, what, this.#index);
    this.#kernels.drawMask(mask, key, first, masks === 'timestep' ? t : 0, rows, dropBelow(rate), keptScale(rate));
    return mask;
  }

  /** Where all is that belongs to a timestep. */
  #at(t: number, R: number) {
    const [states, gradients] = [this.states[0]!, this.stateGradients[0]!];
    return {
      before: at(states, t * R),
      after: at(states, (t + 1) * R),
      gates: at(this.gates[0]!, t * R),
      q: this.#layer.q + 4 * this.#H * t * R,
      dbefore: at(gradients, t * R),
      dafter: at(gradients, (t + 1) * R),
    };
  }

  /**
   * Leaves the states of rows that have ended as they were, and their gates at 0. Backward needs no such care: nothing that
   * counts reads their states, so what comes back is 0.
   */
  #hold(t: number, R: number, lengths: Uint32Array): void {
    for (const [row, length] of lengths.entries()) {
      if (t < length) continue;
      const [states, gates] = [this.states[0]!, this.gates[0]!];
      const [before, after, gate] = [at(states, t * R + row), at(states, (t + 1) * R + row), at(gates, t * R + row)];
      this.#numbers.copyWithin(after / 4, before / 4, (before + states.stride) / 4);
      this.#numbers.fill(0, gate / 4, (gate + gates.stride) / 4);
    }
  }

  /** What goes in at each row of T·R. */
  #inputs(extent: Extent): Matrix {
    if (this.#below) return this.#below.out(extent);
    return { address: this.#own.inputs, stride: this.#symbols ? 4 : 4 * this.#weights.inputSize };
  }

  /** What a phase's recurrent products read at each row of T·R. */
  #operand({ operand }: PhaseWeights): Matrix {
    return operand === 'h' ? this.states[0]! : { address: this.#layer.q, stride: 4 * this.#H };
  }
}
