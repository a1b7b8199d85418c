import { statesOf } from '../../model/cells/cells.ts';
import { isLearned, isMatrix } from '../../model/parameters.ts';
import { countedPlaces, timestepsOf } from '../batch.ts';
import { clipScale } from '../clip.ts';
import type { AdamSettings, Batch, Dropout, Trace, TrainingState } from '../engine.ts';
import { joinedStates, joinedTraces } from '../parts.ts';
import { generate } from './generate.ts';
import type { Kernels } from './kernels.ts';
import { Meeting } from './meeting.ts';
import { type MemoryPlan, tileRows } from './memory.ts';
import type { Job, Phase, Results } from './protocol.ts';
import { Rows } from './rows.ts';
import { carriedIn, flatAt, readFlat, readState, writeState } from './state.ts';

/** Does not measure time. */
const ignore = () => {};

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
  /** Set by the first number that is not finite: no parameter moves from there on. */
  #halted = false;

  constructor(kernels: Kernels, plan: MemoryPlan, index: number, memory: ArrayBufferLike) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#index = index;
    this.#memory = memory;
    this.#meeting = new Meeting(memory, plan.common.meeting, plan.members.length);
    this.#rows = new Rows(kernels, plan, index, memory);
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
        return this.#trace(job.batch);
      case 'generate': {
        const { primes, length, sampling } = job;
        this.#meeting.attend();
        const [first, end] = this.#share(primes.length);
        return generate(this.#rows, this.#plan, primes.slice(first, end), first, length, sampling);
      }
      case 'exchange':
        this.#exchange();
        return;
      case 'read':
        this.#meeting.attend();
        return this.#index === 0 ? readState(this.#plan, this.#memory) : undefined;
      case 'write':
        this.#write(job.state);
        return;
    }
  }

  #gradients(batch: Batch): Results['gradients'] {
    const { model, members } = this.#plan;
    const { length: S } = statesOf(model);
    const { loss, answers } = this.#pass(batch, ignore, () => ({
      finalState: this.#rows.finalStates(),
      stateGradients: this.#rows.stateGradients(),
    }));
    this.#sum(ignore);
    const flat = this.#index === 0 ? readFlat(this.#plan, this.#memory, members[0]!.gradients) : undefined;
    return { loss, ...joinedStates(answers, S, batch.timesteps), ...(flat && { flat }) };
  }

  #step(batch: Batch, step: number, settings: AdamSettings): Results['step'] {
    const times: Partial<Record<Phase, number>> = {};
    let last = performance.now();
    const lap = (phase: Phase) => {
      const now = performance.now();
      times[phase] = (times[phase] ?? 0) + now - last;
      last = now;
    };
    const { members, common, capacity, layout } = this.#plan;
    const names = layout.places.map(({ name }) => name);
    const { length } = names;

    const losses = new Float64Array(this.#memory, common.losses, members.length);
    const keep = (first: number) => this.#rows.keep(carriedIn(this.#plan, this.#memory), capacity.rows, first);
    losses[this.#index] = this.#pass(batch, lap, keep).loss;
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
    const { model, capacity } = this.#plan;
    const piece = (t: number) => timestepsOf(batch, model, t, Math.min(t + capacity.timesteps, timesteps));
    let loss = 0;
    this.#inParts(piece(0), undefined, ignore, (first, count) => {
      for (let t = 0; t < timesteps; t += capacity.timesteps) {
        if (t > 0) {
          this.#rows.goOn();
          this.#rows.load(piece(t), first, count);
        }
        this.#rows.forward();
        loss += this.#rows.loss();
      }
    });
    return loss;
  }

  #trace(batch: Batch): Trace {
    const traces = this.#inParts(batch, undefined, ignore, () => {
      this.#rows.forward();
      return this.#rows.trace();
    });
    return joinedTraces(traces, batch.timesteps);
  }

  /**
   * Forward and backward for this member's rows, and what is asked of each part of them, by the number of its first row. Returns
   * their loss and the answers, and leaves their gradients.
   */
  #pass<Answer>(batch: Batch, lap: (phase: Phase) => void, ask: (first: number) => Answer) {
    const scale = 1 / countedPlaces(batch);
    const [start] = this.#own(batch);
    let loss = 0;
    const answers = this.#inParts(batch, batch.dropout, lap, (first) => {
      // Others may have needed the gradients until the meeting.
      if (first === start) flatAt(this.#plan, this.#memory, this.#plan.members[this.#index]!.gradients).fill(0);
      this.#rows.forward();
      lap('forward');
      loss += this.#rows.output(scale);
      lap('output');
      this.#rows.backward(lap);
      return ask(first);
    });
    return { loss, answers };
  }

  /**
   * Takes over this member's rows of a batch, as many at once as there is room for, with what they leave out and the states they
   * start from, and does something with them: with the first once all members have theirs.
   */
  #inParts<Result>(
    batch: Batch,
    dropout: Dropout | undefined,
    lap: (phase: Phase) => void,
    act: (first: number, count: number) => Result,
  ): Result[] {
    const { rows: room, capacity } = this.#plan;
    const { initialState, rows } = batch;
    const [start, all] = this.#own(batch);
    // A member without rows takes part all the same.
    return Array.from({ length: Math.max(1, Math.ceil(all / room)) }, (_, i) => {
      const first = start + i * room;
      const count = Math.min(room, start + all - first);
      this.#rows.load(batch, first, count, dropout);
      if (initialState === 'zero') this.#rows.start();
      else if (initialState === 'carried') this.#rows.start(carriedIn(this.#plan, this.#memory), capacity.rows, first);
      else this.#rows.start(initialState, rows, first);
      lap('load');
      if (i === 0) {
        this.#meeting.attend();
        lap('waiting');
      }
      return act(first, count);
    });
  }

  /** This member's rows of a batch: the first, and how many. */
  #own({ rows }: Batch): [first: number, count: number] {
    const [firstTile, endTile] = this.#share(Math.ceil(rows / tileRows));
    const first = Math.min(firstTile * tileRows, rows);
    return [first, Math.min(endTile * tileRows, rows) - first];
  }

  /** Packs this member's share of the weights, as they are from here on, for the products. */
  #pack(): void {
    this.#rows.pack((count) => this.#share(count));
  }

  /**
   * Adds all members' gradients up into the first one's, and by parameter the squares of what a step learns by: each member its
   * share.
   */
  #sum(lap: (phase: Phase) => void): void {
    const { addTo, squares } = this.#kernels;
    const { members, common, layout } = this.#plan;
    const total = members[0]!.gradients;
    this.#meeting.attend();
    lap('waiting');
    const sums = new Float64Array(this.#memory, common.squares, members.length * layout.places.length);
    for (const [i, { offset, length }] of this.#shares()) {
      for (const { gradients } of members.slice(1)) addTo(total + offset, gradients + offset, length);
      const learned = isLearned(layout.model, layout.places[i]!);
      sums[this.#index * layout.places.length + i] = learned ? squares(total + offset, length) : 0;
    }
    lap('sum');
    this.#meeting.attend();
    lap('waiting');
  }

  #adam(step: number, settings: AdamSettings, scale: number): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay = 0, averaging = 0 } = settings;
    const { adam, average } = this.#kernels;
    const { parameters, m, v, averaged } = this.#plan.common;
    const { gradients } = this.#plan.members[0]!;
    const rate = learningRate / (1 - beta1 ** step);
    const root = 1 / Math.sqrt(1 - beta2 ** step);
    for (const [i, { offset, length }] of this.#shares()) {
      const place = this.#plan.layout.places[i]!;
      if (!isLearned(this.#plan.layout.model, place)) continue;
      const places = [parameters + offset, m + offset, v + offset, gradients + offset] as const;
      const decay = isMatrix(place) ? learningRate * weightDecay : 0;
      adam(...places, length, scale, rate, root, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decay);
      if (averaged !== undefined) average(averaged + offset, parameters + offset, length, averaging);
    }
  }

  /** Puts the averaged parameters in the parameters' place, and these in theirs. */
  #exchange(): void {
    const { parameters, averaged } = this.#plan.common;
    this.#meeting.attend();
    for (const [, { offset, length }] of this.#shares()) {
      const [own, other] = [parameters, averaged!].map(
        (start) => new Float32Array(this.#memory, start + offset, length),
      ) as [Float32Array, Float32Array];
      const kept = own.slice();
      own.set(other);
      other.set(kept);
    }
    this.#meeting.attend();
    this.#pack();
  }

  #write(state: TrainingState): void {
    this.#meeting.attend();
    this.#halted = false;
    if (this.#index === 0) writeState(this.#plan, this.#memory, state);
    this.#meeting.attend();
    this.#pack();
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
