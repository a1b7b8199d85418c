import { statesOf } from '../../model/cells/cells.ts';
import type { ModelConfiguration } from '../../model/configuration.ts';
import { withOtherParameters } from '../averages.ts';
import { assertBatch, assertPrimes, countedPlaces } from '../batch.ts';
import type {
  AdamSettings,
  Batch,
  Capacity,
  Gradients,
  Network,
  Sampling,
  Session,
  StepCost,
  StepReport,
  Trace,
  TrainingState,
} from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { joinedStates, joinedTraces } from '../parts.ts';
import { assertTrainingState } from '../training-state.ts';
import type { Crew } from './crew.ts';
import type { MemoryPlan } from './memory.ts';
import type { Job, Results, Times } from './protocol.ts';

/** One network on a crew. All its numbers are with the crew; what comes here is what is asked for. */
export class CpuSession implements Session {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  readonly cost: StepCost;
  /** One at work, and one that waits so that nobody else has to. */
  readonly stepsInFlight = 2;
  readonly averaged?: Network;
  readonly #crew: Crew;
  readonly #session: number;
  readonly #members: number;
  /** How long the first member took for each phase of the step that was reported last. */
  times: Times | undefined;
  #underWay = 0;
  #step = 0;
  #closed = false;

  constructor(crew: Crew, session: number, { model, capacity, members, bytes }: MemoryPlan) {
    this.model = model;
    this.capacity = capacity;
    this.#crew = crew;
    this.#session = session;
    this.#members = members.length;
    this.cost = { dispatches: 0, bytes };
    if (capacity.withAverages) this.averaged = withOtherParameters(this, () => this.#tell('exchange', {}));
    this.write(initialState(model, capacity, 0));
  }

  async gradients(batch: Batch): Promise<Gradients> {
    assertBatch(batch, this.model, this.capacity);
    const results = await this.#do('gradients', { batch });
    const { length: S } = statesOf(this.model);
    return {
      loss: results.reduce((total, { loss }) => total + loss, 0) / countedPlaces(batch),
      flat: results[0]!.flat!,
      ...joinedStates(results, S, batch.timesteps),
    };
  }

  async step(batch: Batch, adam: AdamSettings): Promise<StepReport> {
    if (this.#underWay === this.stepsInFlight) {
      throw new Error(`${this.stepsInFlight} steps are under way already: await the first of them before the next.`);
    }
    assertBatch(batch, this.model, this.capacity);
    const step = ++this.#step;
    this.#underWay++;
    try {
      const [first] = await this.#do('step', { batch, step, adam });
      const { loss, gradientNorm, notFinite, times } = first!;
      this.times = times;
      const report = { step, loss, gradientNorm };
      return notFinite.length > 0 ? { ...report, notFinite } : report;
    } finally {
      this.#underWay--;
    }
  }

  async evaluate(batch: Batch): Promise<number> {
    assertBatch(batch, this.model, { ...this.capacity, timesteps: batch.timesteps });
    const losses = await this.#do('evaluate', { batch });
    return losses.reduce((total, loss) => total + loss, 0) / countedPlaces(batch);
  }

  async trace(batch: Batch): Promise<Trace> {
    assertBatch(batch, this.model, this.capacity);
    return joinedTraces(await this.#do('trace', { batch }), batch.timesteps);
  }

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    assertPrimes(primes, this.model, sampling.temperature);
    if (primes.length === 0 || length === 0) return primes.map(() => new Uint32Array(0));
    return (await this.#do('generate', { primes, length, sampling })).flat();
  }

  async read(): Promise<TrainingState> {
    const step = this.#step;
    const [state] = await this.#do('read', {});
    return { step, ...state! };
  }

  write(state: TrainingState): void {
    assertTrainingState(state, this.model, this.capacity);
    this.#step = state.step;
    this.#tell('write', { state });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#crew.tell(this.#members, { kind: 'close', session: this.#session });
  }

  /** Has something done that has no result: if the crew is gone, whoever asks next hears of it. */
  #tell<Kind extends Job['kind']>(kind: Kind, job: Omit<Extract<Job, { kind: Kind }>, 'kind'>): void {
    this.#do(kind, job).catch(() => {});
  }

  async #do<Kind extends Job['kind']>(
    kind: Kind,
    job: Omit<Extract<Job, { kind: Kind }>, 'kind'>,
  ): Promise<Results[Kind][]> {
    if (this.#closed) throw new Error('The session was closed.');
    const message = { kind: 'job', session: this.#session, job: { kind, ...job } as Job } as const;
    return (await this.#crew.ask(this.#members, () => message)) as Results[Kind][];
  }
}
