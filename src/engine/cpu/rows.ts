import type { ParameterName } from '../../model/parameters.ts';
import type { Batch } from '../engine.ts';
import type { Kernels } from './kernels.ts';
import { type MemoryPlan, type Own, tileRows } from './memory.ts';

/** The rows of a batch that one member of a crew owns, taken through all timesteps without meeting anyone. */
export class Rows {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #own: Own;
  readonly #memory: ArrayBufferLike;
  readonly #H: number;
  readonly #V: number;
  /** The parameters' addresses, and those of this member's gradients. */
  readonly #parameters: Readonly<Record<ParameterName, number>>;
  readonly #gradients: Readonly<Record<ParameterName, number>>;
  /** R: how many rows there are, padding included. */
  #rows = 0;
  /** T */
  #timesteps = 0;

  constructor(kernels: Kernels, plan: MemoryPlan, member: number, memory: ArrayBufferLike) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#own = plan.members[member]!;
    this.#memory = memory;
    this.#H = plan.padded.hiddenSize;
    this.#V = plan.padded.outputSize;
    const addresses = (start: number) => {
      const places = plan.layout.places.map(({ name, offset }) => [name, start + 4 * offset]);
      return Object.fromEntries(places) as Record<ParameterName, number>;
    };
    this.#parameters = addresses(plan.common.parameters);
    this.#gradients = addresses(this.#own.gradients);
  }

  /** How many rows there is room for, padding included. */
  get capacity(): number {
    return this.#plan.rows;
  }

  /** The states before timestep t, `[R][H]`, as a view. */
  states(t: number): Float32Array {
    const size = this.#rows * this.#H;
    return new Float32Array(this.#memory, this.#own.states + 4 * t * size, size);
  }

  /** Row `row` of the logits that were computed last, without padding. */
  logitsOf(row: number): Float32Array {
    const { outputSize } = this.#plan.model;
    return new Float32Array(this.#memory, this.#own.logits + 4 * row * this.#V, outputSize);
  }

  /** Takes over `count` rows of a batch from row `first` on. The state is set apart, with `states(0)`. */
  load({ rows, timesteps, inputs, targets }: Omit<Batch, 'initialState'>, first: number, count: number): void {
    this.size(count, timesteps);
    const R = this.#rows;
    const ownTokens = new Uint32Array(this.#memory, this.#own.tokens, timesteps * R).fill(0);
    const ownTargets = new Int32Array(this.#memory, this.#own.targets, timesteps * R).fill(-1);
    for (let t = 0; t < timesteps; t++) {
      const start = t * rows + first;
      ownTokens.set(inputs.subarray(start, start + count), t * R);
      ownTargets.set(targets.subarray(start, start + count), t * R);
    }
  }

  /** Makes room for rows through timesteps, and returns the place of their tokens, `[T][R]`. */
  size(count: number, timesteps: number): Uint32Array {
    this.#rows = tileRows * Math.ceil(count / tileRows);
    this.#timesteps = timesteps;
    return new Uint32Array(this.#memory, this.#own.tokens, timesteps * this.#rows);
  }

  /** All timesteps; keeps h, z, r, q and c. */
  forward(): void {
    const { inputs, packTransposed, multiply, gates, nextState } = this.#kernels;
    const { U_z, U_r, U_h, b_z, b_r, b_h } = this.#parameters;
    const { W_zr, W_h } = this.#plan.common;
    const { left } = this.#own;
    const [R, H] = [this.#rows, this.#H];
    for (let t = 0; t < this.#timesteps; t++) {
      const { tokens, h, zr, q, c, next } = this.#at(t);
      inputs(zr, 8 * H, tokens, R, U_z, b_z, H);
      inputs(zr + 4 * H, 8 * H, tokens, R, U_r, b_r, H);
      packTransposed(left, 16 * H, h, 4 * H, R / 4, H, 4);
      multiply(zr, 8 * H, left, W_zr, R, 2 * H, H, true);
      gates(zr, h, q, R, H);

      inputs(c, 4 * H, tokens, R, U_h, b_h, H);
      packTransposed(left, 16 * H, q, 4 * H, R / 4, H, 4);
      multiply(c, 4 * H, left, W_h, R, H, H, true);
      nextState(zr, c, h, next, R, H);
    }
  }

  /** Logits for `count` rows of T·R from row `first` on. */
  logits(first: number, count: number): void {
    const { packTransposed, repeat, multiply } = this.#kernels;
    const { left, logits } = this.#own;
    const [H, V] = [this.#H, this.#V];
    packTransposed(left, 16 * H, this.#next(first), 4 * H, count / 4, H, 4);
    repeat(logits, this.#parameters.b_y, count, V);
    multiply(logits, 4 * V, left, this.#plan.common.V, count, V, H, true);
  }

  /** The sum of the loss over all rows and timesteps, in nats. */
  loss(): number {
    let loss = 0;
    for (const [first, count] of this.#chunks()) loss += this.#softmax(first, count, 0);
    return loss;
  }

  /** As `loss`; and ∂h from the output, ∂V and ∂b_y, of `scale` times the loss. */
  output(scale: number): number {
    const { pack, packTransposed, multiply, sumRows } = this.#kernels;
    const { left, right, logits, dh } = this.#own;
    const [H, V] = [this.#H, this.#V];
    let loss = 0;
    for (const [first, count] of this.#chunks()) {
      loss += this.#softmax(first, count, scale);

      packTransposed(left, 16 * V, logits, 4 * V, count / 4, V, 4);
      multiply(dh + 4 * H * first, 4 * H, left, this.#plan.common.Vᵀ, count, H, V, false);

      pack(left, 16 * count, this.#next(first), 4 * H, H / 4, count, 4);
      pack(right, 32 * count, logits, 4 * V, V / 8, count, 8);
      multiply(this.#gradients.V, 4 * V, left, right, H, V, count, true);
      sumRows(this.#gradients.b_y, logits, 4 * V, count, V);
    }
    return loss;
  }

  /** All timesteps in reverse: da_z, da_r and da_c take the place of z, r and c. */
  backward(): void {
    const { candidateGradients, packTransposed, multiply, resetGradients } = this.#kernels;
    const { W_hᵀ, W_zrᵀ } = this.#plan.common;
    const { fromNext, dq, left, dh } = this.#own;
    const [R, H] = [this.#rows, this.#H];
    new Float32Array(this.#memory, fromNext, R * H).fill(0);
    for (let t = this.#timesteps - 1; t >= 0; t--) {
      const { h, zr, c } = this.#at(t);
      candidateGradients(zr, c, h, dh + 4 * t * R * H, fromNext, R, H);
      packTransposed(left, 16 * H, c, 4 * H, R / 4, H, 4);
      multiply(dq, 4 * H, left, W_hᵀ, R, H, H, false);

      resetGradients(zr, h, dq, fromNext, R, H);
      packTransposed(left, 32 * H, zr, 8 * H, R / 4, 2 * H, 4);
      multiply(fromNext, 4 * H, left, W_zrᵀ, R, H, 2 * H, true);
    }
  }

  /** ∂W, ∂U and ∂b of the gates and the candidate. */
  weightGradients(): void {
    const { pack, multiply, inputGradients, sumRows } = this.#kernels;
    const { states, q, zr, c, tokens, left, right } = this.#own;
    const H = this.#H;
    const gradients = this.#gradients;
    for (const [first, count] of this.#chunks()) {
      const packLeft = (x: number) => pack(left, 16 * count, x + 4 * H * first, 4 * H, H / 4, count, 4);
      const add = (gate: 'z' | 'r' | 'h', start: number, stride: number) => {
        const da = start + stride * first;
        pack(right, 32 * count, da, stride, H / 8, count, 8);
        multiply(gradients[`W_${gate}`], 4 * H, left, right, H, H, count, true);
        inputGradients(gradients[`U_${gate}`], tokens + 4 * first, da, stride, count, H);
        sumRows(gradients[`b_${gate}`], da, stride, count, H);
      };
      packLeft(states);
      add('z', zr, 8 * H);
      add('r', zr + 4 * H, 8 * H);
      packLeft(q);
      add('h', c, 4 * H);
    }
  }

  #softmax(first: number, count: number, scale: number): number {
    const { logits, parts, targets } = this.#own;
    this.logits(first, count);
    this.#kernels.softmax(logits, count, this.#V, targets + 4 * first, scale, parts);
    let loss = 0;
    const pairs = new Float32Array(this.#memory, parts, 2 * count);
    for (let i = 0; i < pairs.length; i += 2) loss += Math.log(pairs[i]!) - pairs[i + 1]!;
    return loss;
  }

  /** Where timestep t finds and leaves its numbers. */
  #at(t: number) {
    const { tokens, states, zr, q, c } = this.#own;
    const [R, H] = [this.#rows, this.#H];
    const row = t * R;
    return {
      tokens: tokens + 4 * row,
      h: states + 4 * row * H,
      zr: zr + 8 * row * H,
      q: q + 4 * row * H,
      c: c + 4 * row * H,
      next: states + 4 * (row + R) * H,
    };
  }

  /** The address of h' of row `row` of T·R. */
  #next(row: number): number {
    return this.#own.states + 4 * this.#H * (this.#rows + row);
  }

  /** The rows of T·R cut into chunks: first row and count of each. */
  *#chunks(): Iterable<readonly [number, number]> {
    const total = this.#timesteps * this.#rows;
    for (let first = 0; first < total; first += this.#plan.chunk) {
      yield [first, Math.min(this.#plan.chunk, total - first)];
    }
  }
}
