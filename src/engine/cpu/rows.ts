import type { Batch, Trace } from '../engine.ts';
import { probabilities } from '../reference/output.ts';
import { cells, type Timesteps } from './cells/cells.ts';
import type { Kernels } from './kernels.ts';
import { type Gate, type MemoryPlan, type Own, tileRows } from './memory.ts';

/** The rows of a batch that one member of a crew owns, taken through all timesteps without meeting anyone. */
export class Rows {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #own: Own;
  readonly #memory: ArrayBufferLike;
  readonly #cell: Timesteps;
  readonly #vectors: boolean;
  readonly #I: number;
  readonly #H: number;
  readonly #O: number;
  /** How many rows are the batch's, and R: how many there are, padding included. */
  #count = 0;
  #rows = 0;
  /** T, and the first timestep whose loss counts. */
  #timesteps = 0;
  #countFrom = 0;

  constructor(kernels: Kernels, plan: MemoryPlan, member: number, memory: ArrayBufferLike) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#own = plan.members[member]!;
    this.#memory = memory;
    this.#cell = cells[plan.model.cell].start(kernels, plan, this.#own);
    this.#vectors = plan.model.inputs === 'vectors';
    this.#I = plan.padded.inputSize;
    this.#H = plan.padded.hiddenSize;
    this.#O = plan.padded.outputSize;
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
    return new Float32Array(this.#memory, this.#own.logits + 4 * row * this.#O, outputSize);
  }

  /** Takes over `count` rows of a batch from row `first` on. The state is set apart, with `states(0)`. */
  load(batch: Omit<Batch, 'initialState'>, first: number, count: number): void {
    const { rows, timesteps, countFrom = 0 } = batch;
    this.size(count, timesteps);
    this.#countFrom = countFrom;
    const R = this.#rows;
    const own = this.#own;
    const targets = new Int32Array(this.#memory, own.targets, timesteps * R).fill(-1);
    if (!this.#vectors) {
      const symbols = new Uint32Array(this.#memory, own.inputs, timesteps * R).fill(0);
      for (let t = 0; t < timesteps; t++) {
        const start = t * rows + first;
        symbols.set(batch.inputs.subarray(start, start + count), t * R);
        targets.set(batch.targets.subarray(start, start + count), t * R);
      }
      return;
    }
    const { inputSize, outputSize } = this.#plan.model;
    const inputs = new Float32Array(this.#memory, own.inputs, timesteps * R * this.#I).fill(0);
    const vectors = new Float32Array(this.#memory, own.targetVectors, timesteps * R * this.#O).fill(0);
    for (let t = 0; t < timesteps; t++) {
      targets.fill(0, t * R, t * R + count);
      for (let row = 0; row < count; row++) {
        const from = t * rows + first + row;
        inputs.set(batch.inputs.subarray(from * inputSize, (from + 1) * inputSize), (t * R + row) * this.#I);
        vectors.set(batch.targets.subarray(from * outputSize, (from + 1) * outputSize), (t * R + row) * this.#O);
      }
    }
  }

  /** Makes room for rows through timesteps, and returns the place of their symbols, `[T][R]`. */
  size(count: number, timesteps: number): Uint32Array {
    this.#count = count;
    this.#rows = tileRows * Math.ceil(count / tileRows);
    this.#timesteps = timesteps;
    return new Uint32Array(this.#memory, this.#own.inputs, timesteps * this.#rows);
  }

  /** All timesteps; keeps the states and the gates. */
  forward(): void {
    const R = this.#rows;
    // Vectors meet U in large products, ahead of time; a symbol's row of U is added where it is needed.
    if (this.#vectors) for (const [first, count] of this.#chunks()) this.#input(first, count);
    for (let t = 0; t < this.#timesteps; t++) {
      if (!this.#vectors) this.#input(t * R, R);
      this.#cell.forward(t, R);
    }
  }

  /** Logits for `count` rows of T·R from row `first` on. */
  logits(first: number, count: number): void {
    const { packTransposed, repeat, multiply } = this.#kernels;
    const { left, logits } = this.#own;
    const { common, output } = this.#plan;
    const [H, O] = [this.#H, this.#O];
    packTransposed(left, 16 * H, this.#next(first), 4 * H, count / 4, H, 4);
    repeat(logits, 4 * O, common.parameters + output.bias, count, O);
    multiply(logits, 4 * O, left, common.V, count, O, H, true);
  }

  /** The sum of the loss over all rows and the timesteps that count. */
  loss(): number {
    let loss = 0;
    for (const [first, count] of this.#chunks(this.#countFrom)) loss += this.#cost(first, count, 0);
    return loss;
  }

  /** As `loss`; and ∂h from the output, ∂V and its bias's, of `scale` times the loss. */
  output(scale: number): number {
    const { pack, packTransposed, multiply, sumRows } = this.#kernels;
    const { left, right, logits, gradients, dh } = this.#own;
    const { common, output } = this.#plan;
    const [H, O] = [this.#H, this.#O];
    // Nothing comes from before the first timestep, or from one that does not count.
    new Float32Array(this.#memory, dh, (1 + this.#countFrom) * this.#rows * H).fill(0);
    let loss = 0;
    for (const [first, count] of this.#chunks(this.#countFrom)) {
      loss += this.#cost(first, count, scale);

      packTransposed(left, 16 * O, logits, 4 * O, count / 4, O, 4);
      multiply(dh + 4 * H * (this.#rows + first), 4 * H, left, common.Vᵀ, count, H, O, false);

      pack(left, 16 * count, this.#next(first), 4 * H, H / 4, count, 4);
      pack(right, 32 * count, logits, 4 * O, O / 8, count, 8);
      multiply(gradients + output.V, 4 * O, left, right, H, O, count, true);
      sumRows(gradients + output.bias, logits, 4 * O, count, O);
    }
    return loss;
  }

  /** All timesteps in reverse: da takes the gates' place, and ∂h becomes whole. */
  backward(): void {
    for (let t = this.#timesteps - 1; t >= 0; t--) this.#cell.backward(t, this.#rows);
  }

  /** ∂W, ∂U and ∂b of all gates. */
  weightGradients(): void {
    const { pack, multiply, inputGradients, sumRows } = this.#kernels;
    const { inputs, inputsᵀ, left, right, gradients, operands } = this.#own;
    const [I, H] = [this.#I, this.#H];
    for (const [first, count] of this.#chunks()) {
      const packLeft = (packed: number, x: number, width: number) =>
        pack(packed, 16 * count, x + 4 * width * first, 4 * width, width / 4, count, 4);
      if (this.#vectors) packLeft(inputsᵀ, inputs, I);
      for (const gate of this.#plan.gates) {
        const [da, stride] = this.#gate(gate, first);
        if (gate.place === 0) packLeft(left, operands[gate.group]!, H);
        pack(right, 32 * count, da, stride, H / 8, count, 8);
        multiply(gradients + gate.W, 4 * H, left, right, H, H, count, true);
        if (this.#vectors) multiply(gradients + gate.U, 4 * H, inputsᵀ, right, I, H, count, true);
        else inputGradients(gradients + gate.U, inputs + 4 * first, da, stride, count, H);
        sumRows(gradients + gate.b, da, stride, count, H);
      }
    }
  }

  /** What `forward` brought about in the batch's rows, `[…][count][…]` each. */
  trace(): Trace {
    const { model, gates } = this.#plan;
    const T = this.#timesteps;
    const names = cells[model.cell].traced;
    const outputs = new Float32Array(T * this.#count * model.outputSize);
    for (const [first, count] of this.#chunks()) {
      this.logits(first, count);
      for (let i = 0; i < count; i++) {
        const [t, row] = [Math.floor((first + i) / this.#rows), (first + i) % this.#rows];
        if (row >= this.#count) continue;
        const y = probabilities(model, Float64Array.from(this.logitsOf(i)));
        outputs.set(y, (t * this.#count + row) * model.outputSize);
      }
    }
    return {
      states: this.#unpadded(this.#own.states, 4 * this.#H, T + 1),
      gates: Object.fromEntries(names.map((name, i) => [name, this.#unpadded(...this.#gate(gates[i]!, 0), T)])),
      outputs,
    };
  }

  /** ∂loss/∂h of the batch's rows once `backward` is through, `[T + 1][count][H]`. */
  stateGradients(): Float32Array<ArrayBuffer> {
    return this.#unpadded(this.#own.dh, 4 * this.#H, this.#timesteps + 1);
  }

  /** x U + b for `count` rows of T·R from row `first` on, into the gates' place. */
  #input(first: number, count: number): void {
    const { inputs, packTransposed, repeat, multiply } = this.#kernels;
    const { common, gates } = this.#plan;
    const { left } = this.#own;
    const [I, H] = [this.#I, this.#H];
    const x = this.#own.inputs + (this.#vectors ? 4 * I : 4) * first;
    if (this.#vectors) packTransposed(left, 16 * I, x, 4 * I, count / 4, I, 4);
    for (const [i, gate] of gates.entries()) {
      const [out, stride] = this.#gate(gate, first);
      const [U, b] = [common.parameters + gate.U, common.parameters + gate.b];
      if (this.#vectors) {
        repeat(out, stride, b, count, H);
        multiply(out, stride, left, common.U[i]!, count, H, I, true);
      } else inputs(out, stride, x, count, U, b, H);
    }
  }

  /** The sum of the loss over `count` rows of T·R from row `first` on; ∂logits of `scale` times it is left. */
  #cost(first: number, count: number, scale: number): number {
    const { softmax, oneHot, sigmoidCost } = this.#kernels;
    const { logits, parts, right, targetVectors } = this.#own;
    const { output, cost } = this.#plan.model;
    const O = this.#O;
    const targets = this.#own.targets + 4 * first;
    this.logits(first, count);
    if (output === 'log-softmax') softmax(logits, count, O, targets, scale, parts);
    else {
      if (!this.#vectors) oneHot(right, targets, count, O);
      const vectors = this.#vectors ? targetVectors + 4 * O * first : right;
      sigmoidCost(logits, count, O, targets, vectors, cost === 'squared-error', scale, parts);
    }
    let loss = 0;
    const pairs = new Float32Array(this.#memory, parts, 2 * count);
    for (let i = 0; i < pairs.length; i += 2) loss += Math.log(pairs[i]!) - pairs[i + 1]!;
    return loss;
  }

  /** Where a gate of row `row` of T·R lies, and how far it is to the next row's, in bytes. */
  #gate({ group, size, place }: Gate, row: number): [address: number, stride: number] {
    const stride = 4 * size * this.#H;
    return [this.#own.gates[group]! + stride * row + 4 * place * this.#H, stride];
  }

  /** The address of h' of row `row` of T·R. */
  #next(row: number): number {
    return this.#own.states + 4 * this.#H * (this.#rows + row);
  }

  /** H numbers of each of the batch's rows at each of the first `timesteps` timesteps, without padding. */
  #unpadded(address: number, stride: number, timesteps: number): Float32Array<ArrayBuffer> {
    const { hiddenSize } = this.#plan.model;
    const rows = new Float32Array(timesteps * this.#count * hiddenSize);
    for (let t = 0, place = 0; t < timesteps; t++) {
      for (let row = 0; row < this.#count; row++, place += hiddenSize) {
        rows.set(new Float32Array(this.#memory, address + stride * (t * this.#rows + row), hiddenSize), place);
      }
    }
    return rows;
  }

  /** The rows of T·R from a timestep on cut into chunks: first row and count of each. */
  *#chunks(from = 0): Iterable<readonly [number, number]> {
    const total = this.#timesteps * this.#rows;
    for (let first = from * this.#rows; first < total; first += this.#plan.chunk) {
      yield [first, Math.min(this.#plan.chunk, total - first)];
    }
  }
}
