import type { Dataset, Task } from '../data/dataset.ts';
import { taskOf } from '../data/kinds.ts';
import { demandText } from '../data/text/task.ts';
import { type Choice, chooseEngine } from '../engine/choose.ts';
import type { Capacity, Engine, Network, Session, StepReport, TrainingState } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import type { Course, HeldOut, LastStep, Training } from '../files/model-file.ts';
import { mostPoints } from '../files/training.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import type { Encoding } from '../model/encoding.ts';
import { learnedCount } from '../model/parameters.ts';
import { assertConfiguration, type Configuration } from './configuration.ts';
import { LossHistory } from './loss-history.ts';
import { passageSampling } from './passage-sampling.ts';
import { inFormOf } from './prime.ts';
import { adamAt, dropoutAt, dropsOut } from './schedule.ts';
import { readTuningSetting } from './tuning-setting.ts';

/** Multiply-adds that a piece of what is held out takes, so that a look at it can be ended soon, */
const workOfPiece = 2e9;
/** and places, for networks so small that these are what takes time and memory. */
const placesOfPiece = 2 ** 18;

/** What picks an engine: in a browser `chooseEngine`, elsewhere with what it needs to be given. */
export type Choose = (wanted: Configuration['engine']) => Promise<Choice>;

/** All that a run has learned so far. */
export interface Learned extends TrainingState {
  /** What the looks at the held-out part have shown, and the best network's parameters, where the best is kept. */
  readonly heldOut?: HeldOut & { readonly parameters?: Float32Array<ArrayBuffer> };
  /** How the training has gone until then. */
  readonly course?: Course;
}

const noPoints = { stride: 1, filled: 0, steps: [], losses: [] };

/** One training run: what there is to learn, a network, and the session that trains it. */
export class Run {
  /** What there is to learn, and how. */
  readonly task: Task;
  /** May be changed between steps, as far as `ChangeableSettings` go. */
  readonly configuration: Configuration;
  readonly #choose: Choose;
  #choice: Choice;
  #session: Session;
  #step = 0;
  #heldOut: Learned['heldOut'];
  readonly #losses = new LossHistory(mostPoints);
  #last: LastStep | undefined;
  readonly #heldOutLosses = new LossHistory(mostPoints);
  /** How long it has been trained, in seconds, as far as whoever trains it has counted. */
  secondsTraining = 0;

  /**
   * Seeks an engine and opens a session for a dataset. `startAfresh` or `write` then puts parameters in place.
   *
   * @param choose what picks the engine: in Node, where WebGPU comes from a package, `(wanted) => chooseEngine(wanted, gpu)`
   * @param before what computed it, where it goes on: on the same device it is given the same tuning, for the same bits
   * @param known how the network reads and answers, where it goes on: a text may have fewer symbols than it
   * @throws RangeError if the configuration's tuning cannot be read, its settings do not go together, or the dataset does not
   *   suffice
   * @throws Error in one sentence if there is no such engine, or the network does not fit it.
   */
  static async open(
    dataset: Dataset,
    configuration: Configuration,
    choose: Choose = chooseEngine,
    before?: Training['engine'],
    known?: Encoding,
  ): Promise<Run> {
    assertConfiguration(configuration);
    const task = await taskOf(dataset, configuration, known);
    const told = toldTuning(configuration);
    const choice = await choose(configuration.engine);
    try {
      const same = before?.device === choice.engine.device ? before.tuning : undefined;
      const session = await choice.engine.open(task.model, capacityFor(task, configuration), same ?? told);
      return new Run(task, { ...configuration }, choose, choice, session);
    } catch (error) {
      choice.engine.close();
      throw error;
    }
  }

  private constructor(task: Task, configuration: Configuration, choose: Choose, choice: Choice, session: Session) {
    this.task = task;
    this.configuration = configuration;
    this.#choose = choose;
    this.#choice = choice;
    this.#session = session;
  }

  /** What there is to learn. */
  get dataset(): Dataset {
    return this.task.dataset;
  }

  /** What the network is. */
  get model(): ModelConfiguration {
    return this.task.model;
  }

  /** What computes. */
  get engine(): Engine {
    return this.#choice.engine;
  }

  /** In a sentence, why this engine. */
  get reason(): string {
    return this.#choice.reason;
  }

  /** The network on its engine, as it is trained. */
  get session(): Session {
    return this.#session;
  }

  /** The network to be asked: the one with the averaged parameters, if the run averages. */
  get network(): Network {
    return this.#session.averaged ?? this.#session;
  }

  /** How many steps have been asked for; some may still be under way. */
  get step(): number {
    return this.#step;
  }

  /** Whether the goal of `configuration.steps` is reached, or `configuration.patience` has run out. */
  get finished(): boolean {
    return this.#step >= this.configuration.steps || this.outOfPatience;
  }

  /** What the looks at the held-out part have shown; nothing before the first. */
  get heldOut(): HeldOut | undefined {
    return this.#heldOut;
  }

  /** How the training has gone until now. */
  get course(): Course {
    const points = { training: this.#losses.points, heldOut: this.#heldOutLosses.points };
    return { seconds: this.secondsTraining, ...points, ...(this.#last && { last: this.#last }) };
  }

  /** The running mean of the loss by now; `undefined` before the first step. */
  get smoothedLoss(): number | undefined {
    return this.#losses.smoothed.at(-1);
  }

  /** Whether as many looks as `configuration.patience` have shown no better network than the best before. */
  get outOfPatience(): boolean {
    const { patience } = this.configuration;
    return patience > 0 && this.#heldOut !== undefined && this.#heldOut.sinceBest >= patience;
  }

  /** How many numbers the network learns. */
  get parameterCount(): number {
    return learnedCount(this.model);
  }

  /** Puts the network as it is before its first step in place, and returns it. */
  startAfresh(): Learned {
    const state = initialState(this.model, this.#session.capacity, this.configuration.seed);
    this.write(state);
    return state;
  }

  /**
   * Before the first step, goes over to what turns out to be the fastest way of cutting up the work for this device. A run
   * that was told a way stays with it; so does one that has taken a step, since another way would give other last bits.
   *
   * @param signal while it has not been aborted, nothing else may be asked of the run
   * @returns whether anything changed
   * @throws the signal's reason, once it is aborted; the run is then as it was
   */
  async tune(signal?: AbortSignal): Promise<boolean> {
    const { engine } = this;
    const setting = readTuningSetting(this.configuration.tuning);
    if (this.#step > 0 || engine.tune === undefined || setting.kind === 'told') return false;
    const weights = setting.kind === 'measure' ? setting.weights : 'f32';
    const tuning = await engine.tune(this.model, this.#session.capacity, { weights, signal });
    if (tuning === this.#session.tuning) return false;
    const session = await engine.open(this.model, this.#session.capacity, tuning);
    if (signal?.aborted) {
      session.close();
      throw signal.reason;
    }
    const state = await this.read();
    this.#session.close();
    this.#session = session;
    this.write(state);
    return true;
  }

  /** Asks for the next step. */
  async takeStep(): Promise<StepReport & { learningRate: number }> {
    const step = this.#step + 1;
    const adam = adamAt(step, this.configuration);
    const dropout = dropoutAt(step, this.configuration);
    const batch = this.task.batch(step);
    const asked = this.#session.step(dropout === undefined ? batch : { ...batch, dropout }, adam);
    this.#step = step;
    const report = await asked;
    const { learningRate } = adam;
    if (report.notFinite === undefined) {
      const { loss, gradientNorm } = report;
      this.#losses.push(step, loss);
      this.#last = { step, loss, gradientNorm, learningRate };
    }
    return { ...report, learningRate };
  }

  /**
   * The mean loss over what is held out, read in pieces; `undefined` if nothing is.
   *
   * @param signal ends it after the piece under way
   * @param heard is told after each piece how much is read, from 0 to 1
   * @throws the signal's reason, once it is aborted
   */
  async validate(signal?: AbortSignal, heard: (share: number) => void = () => {}): Promise<number | undefined> {
    const { task } = this;
    if (task.validationLength === 0) return undefined;
    let [loss, read] = [0, 0];
    for (const piece of task.heldOut(Math.min(placesOfPiece, workOfPiece / this.parameterCount))) {
      signal?.throwIfAborted();
      loss += piece.share * (await this.network.evaluate(piece));
      read += piece.share;
      // Signals and commands come in between two pieces, also where the engine computes in this very thread.
      await new Promise((resolve) => setTimeout(resolve));
      heard(read);
    }
    return loss;
  }

  /**
   * Takes note of what a look at the held-out part has shown of the network as it stands: the best so far is kept. No step
   * may be under way.
   *
   * @param loss what `validate` gave, in nats
   */
  async judge(loss: number): Promise<void> {
    const before = this.#heldOut;
    const lookedAt = this.#step;
    if (Number.isFinite(loss)) this.#heldOutLosses.push(lookedAt, loss);
    if (before !== undefined && !(loss < before.best.loss)) {
      this.#heldOut = { ...before, lookedAt, sinceBest: before.sinceBest + 1 };
    } else if (Number.isFinite(loss)) {
      const heldOut = { lookedAt, sinceBest: 0, best: { step: lookedAt, loss } };
      this.#heldOut = this.configuration.keep === 'last' ? heldOut : { ...heldOut, parameters: await this.#asked() };
    }
  }

  /** Lets a run go on that is out of patience: looks without a better network are counted anew. */
  renewPatience(): void {
    if (this.#heldOut !== undefined) this.#heldOut = { ...this.#heldOut, sinceBest: 0 };
  }

  /** The parameters of the network to be asked. */
  async #asked(): Promise<Float32Array<ArrayBuffer>> {
    const { averaged, parameters } = await this.#session.read();
    return averaged ?? parameters;
  }

  /**
   * A passage that goes on from a prime.
   *
   * @throws RangeError naming a character of the prime that the network does not know, or if it reads no symbols.
   */
  async generate(prime: string, length: number): Promise<string> {
    const { vocabulary } = demandText(this.task).encoding;
    const sampling = passageSampling(this.configuration, this.#step);
    const ids = vocabulary.encode(inFormOf(vocabulary, prime));
    const [generated] = await this.network.generate([ids], length, sampling);
    return vocabulary.decode(generated!);
  }

  /** Whether the next step would find finite numbers alone. Moves nothing. */
  async isSound(): Promise<boolean> {
    const { loss, flat } = await this.#session.gradients(this.task.batch(this.#step + 1));
    return Number.isFinite(loss) && flat.every((value) => Number.isFinite(value));
  }

  /**
   * The mean loss of the network as it is over a little of the training part: little enough to be asked for now and then, and the
   * same each time. Moves nothing.
   */
  async presentLoss(): Promise<number> {
    return this.#session.evaluate(this.task.tried());
  }

  /** A copy of all that has been learned so far. */
  async read(): Promise<Learned> {
    const [heldOut, course] = [this.#heldOut, this.course];
    const state = { ...(await this.#session.read()), course };
    return heldOut === undefined ? state : { ...state, heldOut };
  }

  /** Goes on from a state, at its step. */
  write({ heldOut, course, ...state }: Learned): void {
    this.#session.write(state);
    this.secondsTraining = course?.seconds ?? 0;
    this.#losses.restore(course?.training ?? noPoints);
    this.#last = course?.last;
    this.#heldOutLosses.restore(course?.heldOut ?? noPoints);
    this.#step = state.step;
    this.#heldOut = heldOut;
  }

  /** Goes on from a state on a new device. Until that stands, everything stays as it is. */
  async moveToNewDevice(state: Learned): Promise<void> {
    const choice = await this.#choose(this.configuration.engine);
    const { tuning } = this.#session;
    const session = await choice.engine.open(this.model, this.#session.capacity, tuning).catch((error: unknown) => {
      choice.engine.close();
      throw error;
    });
    this.close();
    this.#choice = choice;
    this.#session = session;
    this.write(state);
  }

  /** Closes the session and its engine. */
  close(): void {
    this.#session.close();
    this.#choice.engine.close();
  }
}

/** The line that a configuration tells its engine, if it does. */
function toldTuning({ tuning }: Configuration): string | undefined {
  const read = readTuningSetting(tuning);
  return read.kind === 'told' ? read.line : undefined;
}

/** What a run's session needs room for. */
function capacityFor({ capacity }: Task, configuration: Configuration): Capacity {
  const { averaging, parts } = configuration;
  return {
    ...capacity,
    ...(dropsOut(configuration) && { withDropout: true }),
    ...(averaging > 0 && { withAverages: true }),
    ...(parts > 1 && { parts }),
  };
}
