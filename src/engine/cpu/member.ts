import { type ParameterLayout, parameterLayout, parameterNames } from '../../model/parameters.ts';
import { countedPlaces, timestepsOf } from '../batch.ts';
import type { AdamSettings, Batch, TrainingState } from '../engine.ts';
import { relayout, resizeRows } from '../padding.ts';
import { clipScale } from '../reference/adam.ts';
import { cells } from './cells/cells.ts';
import { generate } from './generate.ts';
import type { Kernels } from './kernels.ts';
import { Meeting } from './meeting.ts';
import { type MemoryPlan, tileRows } from './memory.ts';
import type { Job, Phase, Results } from './protocol.ts';
import { Rows } from './rows.ts';

/**
 * One worker's part in a session. All members carry out the same jobs in the same order, each for its rows of the batch
 * and its share of the parameters, and meet between the parts of a job where one needs what another did. They do not meet
 * at a job's end, but when the next one has begun: so nobody waits for others and then for a message.
 */
export class Member {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #index: number;
  readonly #memory: ArrayBufferLike;
  readonly #meeting: Meeting;
  readonly #rows: Rows;
  readonly #layout: ParameterLayout;
  /** Set by the first number that is not finite: no parameter moves from there on. */
  #halted = false;

  constructor(kernels: Kernels, plan: MemoryPlan, index: number, memory: ArrayBufferLike) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#index = index;
    this.#memory = memory;
    this.#meeting = new Meeting(memory, plan.common.meeting, plan.members.length);
    this.#rows = new Rows(kernels, plan, index, memory);
    this.#layout = parameterLayout(plan.model);
  }

  /** Carries out this member's part of a job. */
  run(job: Job): Results[Job['kind']] {
    switch (job.kind) {
      case 'gradients':
        return this.#gradients(job.batch);
      case 'step':
        return this.#step(job.batch, job.step, job.adam);
      case 'evaluate':
        return this.#evaluate(job.batch);
      case 'trace':
        this.#load(job.batch);
        this.#meeting.attend();
        this.#rows.forward();
        return this.#rows.trace();
      case 'generate': {
        const { primes, length, sampling } = job;
        this.#meeting.attend();
        const [first, end] = this.#share(primes.length);
        return generate(this.#rows, this.#plan, primes.slice(first, end), first, length, sampling);
      }
      case 'read':
        this.#meeting.attend();
        return this.#index === 0 ? this.#read() : undefined;
      case 'write':
        this.#write(job.state);
        return;
    }
  }

  #gradients(batch: Batch): Results['gradients'] {
    const [, count] = this.#load(batch);
    this.#meeting.attend();
    const loss = this.#pass(batch, () => {});
    this.#sum(() => {});
    const flat =
      this.#index === 0
        ? relayout(this.#plan.layout, this.#flat(this.#plan.members[0]!.gradients), this.#layout, this.#empty())
        : undefined;
    const { hiddenSize: H } = this.#plan.padded;
    const final = this.#rows.states(batch.timesteps).subarray(0, count * H);
    const finalState = resizeRows(final, H, this.#plan.model.hiddenSize);
    const stateGradients = this.#rows.stateGradients();
    return { loss, finalState, stateGradients, ...(flat && { flat }) };
  }

  #step(batch: Batch, step: number, settings: AdamSettings): Results['step'] {
    const times: Partial<Record<Phase, number>> = {};
    let last = performance.now();
    const lap = (phase: Phase) => {
      const now = performance.now();
      times[phase] = (times[phase] ?? 0) + now - last;
      last = now;
    };
    const { members, common } = this.#plan;
    const names = parameterNames(this.#plan.model.cell);
    const { length } = names;

    const [first, count] = this.#load(batch);
    lap('load');
    this.#meeting.attend();
    lap('waiting');
    const losses = new Float64Array(this.#memory, common.losses, members.length);
    losses[this.#index] = this.#pass(batch, lap);
    this.#keep(first, count, batch.timesteps);
    this.#sum(lap);

    // Every member comes to the same figures, in the same order, so that all decide the same.
    const loss = losses.reduce((a, b) => a + b, 0) / countedPlaces(batch);
    const squares = new Float64Array(this.#memory, common.squares, members.length * length);
    const byParameter = names.map((_, i) => members.reduce((sum, _, m) => sum + squares[m * length + i]!, 0));
    const gradientNorm = Math.sqrt(byParameter.reduce((a, b) => a + b, 0));
    const notFinite: string[] = names.filter((_, i) => !Number.isFinite(byParameter[i]));
    if (!Number.isFinite(loss)) notFinite.unshift('loss');
    this.#halted ||= notFinite.length > 0;
    if (!this.#halted) {
      this.#adam(step, settings, clipScale(gradientNorm, settings.clipNorm));
      lap('Adam');
      this.#pack();
      lap('pack');
    }
    return { loss, gradientNorm, notFinite, times };
  }

  #evaluate(batch: Batch): number {
    const { timesteps } = batch;
    const longest = this.#plan.capacity.timesteps;
    let loss = 0;
    for (let t = 0; t < timesteps; t += longest) {
      const piece = timestepsOf(batch, this.#plan.model, t, Math.min(t + longest, timesteps));
      // The states that the piece before ended in: copied, because what comes next may lie over it.
      const ended = t === 0 ? undefined : this.#rows.states(longest).slice();
      this.#load(piece);
      if (ended) this.#rows.states(0).set(ended);
      else this.#meeting.attend();
      this.#rows.forward();
      loss += this.#rows.loss();
    }
    return loss;
  }

  /** Forward and backward for this member's rows. Returns their loss, and leaves their gradients. */
  #pass(batch: Batch, lap: (phase: Phase) => void): number {
    this.#flat(this.#plan.members[this.#index]!.gradients).fill(0);
    this.#rows.forward();
    lap('forward');
    const loss = this.#rows.output(1 / countedPlaces(batch));
    lap('output');
    this.#rows.backward();
    lap('backward');
    this.#rows.weightGradients();
    lap('weight gradients');
    return loss;
  }

  /** Takes over this member's rows of a batch, with the state they start from: the first of them, and how many. */
  #load(batch: Batch): [first: number, count: number] {
    const { common, padded, model } = this.#plan;
    const { hiddenSize: H } = padded;
    const [firstTile, endTile] = this.#share(Math.ceil(batch.rows / tileRows));
    const from = Math.min(firstTile * tileRows, batch.rows);
    const count = Math.min(endTile * tileRows, batch.rows) - from;
    this.#rows.load(batch, from, count);
    const states = this.#rows.states(0).fill(0);
    const { initialState } = batch;
    if (initialState === 'carried') {
      states.set(new Float32Array(this.#memory, common.carried + 4 * from * H, count * H));
    } else if (initialState !== 'zero') {
      const own = initialState.subarray(from * model.hiddenSize, (from + count) * model.hiddenSize);
      states.set(resizeRows(own, model.hiddenSize, H));
    }
    return [from, count];
  }

  /** Keeps the states that this member's rows ended in, for a batch that carries them on. */
  #keep(first: number, count: number, timesteps: number): void {
    const { hiddenSize: H } = this.#plan.padded;
    const carried = new Float32Array(this.#memory, this.#plan.common.carried + 4 * first * H, count * H);
    carried.set(this.#rows.states(timesteps).subarray(0, count * H));
  }

  /** Packs the rows of this member's share of the weights, as they are from here on, for the products. */
  #pack(): void {
    const { pack, packTransposed } = this.#kernels;
    const { common, padded, gates, model, output } = this.#plan;
    const { inputSize: I, hiddenSize: H, outputSize: O } = padded;
    const [first, end] = this.#share(H / 8);
    const rows = 8 * (end - first);
    for (const [i, { group, size, place, U, W }] of gates.entries()) {
      const source = common.parameters + W + 32 * H * first;
      const [beside, below] = [common.W[group]! + 4 * H * H * place, common.Wᵀ[group]! + 32 * H * place];
      pack(beside + 256 * first, 32 * H, source, 4 * H, H / 8, rows, 8);
      packTransposed(below + 32 * size * H * first, 32 * size * H, source, 4 * H, rows / 8, H, 8);
      if (model.inputs === 'symbols') continue;
      const [input, inputsEnd] = this.#share(I / 8);
      const inputs = common.parameters + U + 32 * H * input;
      pack(common.U[i]! + 256 * input, 32 * I, inputs, 4 * H, H / 8, 8 * (inputsEnd - input), 8);
    }
    const V = common.parameters + output.V + 32 * O * first;
    pack(common.V + 256 * first, 32 * H, V, 4 * O, O / 8, rows, 8);
    packTransposed(common.Vᵀ + 32 * O * first, 32 * O, V, 4 * O, rows / 8, O, 8);
  }

  /** Adds all members' gradients up into the first one's, and their squares by parameter: each member its share. */
  #sum(lap: (phase: Phase) => void): void {
    const { addTo, squares } = this.#kernels;
    const { members, common, layout } = this.#plan;
    const total = members[0]!.gradients;
    this.#meeting.attend();
    lap('waiting');
    const sums = new Float64Array(this.#memory, common.squares, members.length * layout.places.length);
    for (const [i, { offset, length }] of this.#shares()) {
      for (const { gradients } of members.slice(1)) addTo(total + offset, gradients + offset, length);
      sums[this.#index * layout.places.length + i] = squares(total + offset, length);
    }
    lap('sum');
    this.#meeting.attend();
    lap('waiting');
  }

  #adam(step: number, { learningRate, beta1, beta2, epsilon }: AdamSettings, scale: number): void {
    const { parameters, m, v } = this.#plan.common;
    const { gradients } = this.#plan.members[0]!;
    const rate = learningRate / (1 - beta1 ** step);
    const root = 1 / Math.sqrt(1 - beta2 ** step);
    for (const [, { offset, length }] of this.#shares()) {
      const places = [parameters + offset, m + offset, v + offset, gradients + offset] as const;
      this.#kernels.adam(...places, length, scale, rate, root, beta1, 1 - beta1, beta2, 1 - beta2, epsilon);
    }
  }

  #read(): Omit<TrainingState, 'step'> {
    const { common, capacity, padded, model } = this.#plan;
    const read = (address: number) => relayout(this.#plan.layout, this.#flat(address), this.#layout, this.#empty());
    const carried = new Float32Array(this.#memory, common.carried, capacity.rows * padded.hiddenSize);
    return {
      parameters: read(common.parameters),
      m: read(common.m),
      v: read(common.v),
      carriedState: resizeRows(carried, padded.hiddenSize, model.hiddenSize),
    };
  }

  #write({ parameters, m, v, carriedState }: TrainingState): void {
    this.#meeting.attend();
    this.#halted = false;
    if (this.#index === 0) {
      const { common, layout, padded, model } = this.#plan;
      const write = (address: number, flat: Float32Array) =>
        relayout(this.#layout, flat, layout, this.#flat(address).fill(0));
      write(common.parameters, parameters);
      write(common.m, m);
      write(common.v, v);
      // What keeps a padding output out of the softmax and the cost, and a padding unit's state at 0.
      const paddingBias = { outputBias: -3e38, bias: cells[model.cell].paddingBias };
      for (const [i, { role, offset, length }] of layout.places.entries()) {
        if (role !== 'bias' && role !== 'outputBias') continue;
        const start = offset + this.#layout.places[i]!.length;
        this.#flat(common.parameters).fill(paddingBias[role], start, offset + length);
      }
      const resized = resizeRows(carriedState, model.hiddenSize, padded.hiddenSize);
      new Float32Array(this.#memory, common.carried, resized.length).set(resized);
    }
    this.#meeting.attend();
    this.#pack();
  }

  #flat(address: number): Float32Array {
    return new Float32Array(this.#memory, address, this.#plan.layout.length);
  }

  #empty(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#layout.length);
  }

  /** This member's share of `count` things: the first, and the end. */
  #share(count: number): [number, number] {
    const members = this.#plan.members.length;
    return [Math.floor((this.#index * count) / members), Math.floor(((this.#index + 1) * count) / members)];
  }

  /** This member's share of each parameter, eight rows by eight: offset in bytes, length in elements. */
  *#shares(): Iterable<readonly [parameter: number, { readonly offset: number; readonly length: number }]> {
    for (const [i, { offset, length, shape }] of this.#plan.layout.places.entries()) {
      const eights = shape[0]! / 8;
      const [first, end] = this.#share(eights);
      const size = length / eights;
      yield [i, { offset: 4 * (offset + first * size), length: (end - first) * size }];
    }
  }
}
