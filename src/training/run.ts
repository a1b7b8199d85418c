import type { Corpus } from '../corpus/corpus.ts';
import { type Split, split } from '../corpus/split.ts';
import { type Choice, chooseEngine } from '../engine/choose.ts';
import type { AdamSettings, Engine, Session, StepReport, TrainingState } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import type { Training } from '../files/model-file.ts';
import { type ModelConfiguration, symbolModel } from '../model/configuration.ts';
import { parameterLayout } from '../model/parameters.ts';
import { hash } from '../model/random.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { type Batches, contiguousStreams, fitCapacity, heldOutText, leastOfPiece, randomWindows } from './batches.ts';
import type { Configuration } from './configuration.ts';
import { inFormOf } from './prime.ts';
import { learningRateAt } from './schedule.ts';
import { readTuningSetting } from './tuning-setting.ts';

/** Adam's settings that nobody has to choose. */
const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Multiply-adds that a piece of the held-out text takes, so that a look at it can be ended soon, */
const workOfPiece = 2e9;
/** and places, for networks so small that these are what takes time and memory. */
const placesOfPiece = 2 ** 18;

/** By how many symbols at the end of the training text it is told how good a network is between two steps. */
const symbolsTried = 4096;

/** What picks an engine: in a browser `chooseEngine`, elsewhere with what it needs to be given. */
export type Choose = (wanted: Configuration['engine']) => Promise<Choice>;

/** One training run: a text, a network, and the session that trains it. */
export class Run {
  readonly corpus: Corpus;
  readonly vocabulary: Vocabulary;
  /** The text as symbols: what is trained on, and what is held out. */
  readonly text: Split;
  readonly model: ModelConfiguration;
  readonly trainingLength: number;
  readonly validationLength: number;
  /** May be changed between steps, as far as `ChangeableSettings` go. */
  readonly configuration: Configuration;
  readonly #batches: Batches;
  readonly #capacity;
  readonly #choose: Choose;
  #choice: Choice;
  #session: Session;
  #step = 0;

  /**
   * Seeks an engine and opens a session for a text. `startAfresh` or `write` then puts parameters in place.
   *
   * @param choose what picks the engine: in Node, where WebGPU comes from a package, `(wanted) => chooseEngine(wanted, gpu)`
   * @param before what computed it, where it goes on: on the same device it is given the same tuning, for the same bits
   * @param known the network's symbols, where it goes on: the text's and maybe others
   * @throws RangeError if the configuration's tuning cannot be read
   * @throws Error in one sentence if there is no such engine, or the network does not fit it.
   */
  static async open(
    corpus: Corpus,
    configuration: Configuration,
    choose: Choose = chooseEngine,
    before?: Training['engine'],
    known?: Vocabulary,
  ): Promise<Run> {
    const { vocabulary, training, validation } = split(corpus.text, configuration.validation, known);
    const capacity = fitCapacity({ rows: configuration.batch, timesteps: configuration.sequence }, training.length);
    const { cell, hidden, output, layers } = configuration;
    const model = symbolModel(cell, vocabulary.size, hidden, { output, layers });
    const told = toldTuning(configuration);
    const choice = await choose(configuration.engine);
    try {
      const same = before?.device === choice.engine.device ? before.tuning : undefined;
      const session = await choice.engine.open(model, capacity, same ?? told);
      return new Run(corpus, { ...configuration }, vocabulary, training, validation, choose, choice, session);
    } catch (error) {
      choice.engine.close();
      throw error;
    }
  }

  private constructor(
    corpus: Corpus,
    configuration: Configuration,
    vocabulary: Vocabulary,
    training: Split['training'],
    validation: Split['validation'],
    choose: Choose,
    choice: Choice,
    session: Session,
  ) {
    this.corpus = corpus;
    this.configuration = configuration;
    this.vocabulary = vocabulary;
    this.text = { vocabulary, training, validation };
    this.model = session.model;
    this.trainingLength = training.length;
    this.validationLength = validation.length;
    this.#capacity = session.capacity;
    this.#choose = choose;
    this.#choice = choice;
    this.#session = session;
    this.#batches =
      configuration.batches === 'windows'
        ? randomWindows(training, this.#capacity, configuration.seed)
        : contiguousStreams(training, this.#capacity);
  }

  /** What computes. */
  get engine(): Engine {
    return this.#choice.engine;
  }

  /** In a sentence, why this engine. */
  get reason(): string {
    return this.#choice.reason;
  }

  /** The network on its engine. */
  get session(): Session {
    return this.#session;
  }

  /** How many steps have been asked for; some may still be under way. */
  get step(): number {
    return this.#step;
  }

  /** Whether the goal of `configuration.steps` is reached. */
  get finished(): boolean {
    return this.#step >= this.configuration.steps;
  }

  /** How many numbers the network learns. */
  get parameterCount(): number {
    return parameterLayout(this.model).length;
  }

  /** B·T */
  get charactersPerStep(): number {
    return this.#capacity.rows * this.#capacity.timesteps;
  }

  /** Puts the network as it is before its first step in place, and returns it. */
  startAfresh(): TrainingState {
    const state = initialState(this.model, this.#capacity, this.configuration.seed);
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
    const tuning = await engine.tune(this.model, this.#capacity, { weights, signal });
    if (tuning === this.#session.tuning) return false;
    const session = await engine.open(this.model, this.#capacity, tuning);
    if (signal?.aborted) {
      session.close();
      throw signal.reason;
    }
    const state = await this.#session.read();
    this.#session.close();
    this.#session = session;
    this.write(state);
    return true;
  }

  /** Asks for the next step. */
  async takeStep(): Promise<StepReport & { learningRate: number }> {
    const learningRate = learningRateAt(this.#step + 1, this.configuration);
    const clipNorm = this.configuration.clipNorm || Number.POSITIVE_INFINITY;
    const adam: AdamSettings = { ...adamDefaults, learningRate, clipNorm };
    const report = this.#session.step(this.#batches(this.#step + 1), adam);
    this.#step++;
    return { ...(await report), learningRate };
  }

  /**
   * The mean loss in nats over the held-out text, read as what follows the training text; `undefined` if nothing is held out. A
   * long text is read in pieces: `heldOutText` says how.
   *
   * @param signal ends it after the piece under way
   * @param heard is told after each piece how much of the text is read, from 0 to 1
   * @throws the signal's reason, once it is aborted
   */
  async validate(signal?: AbortSignal, heard: (share: number) => void = () => {}): Promise<number | undefined> {
    const { training, validation } = this.text;
    if (validation.length === 0) return undefined;
    const places = Math.min(placesOfPiece, workOfPiece / this.parameterCount);
    const longest = Math.max(leastOfPiece(training, this.#capacity), Math.floor(places / this.#capacity.rows));
    let [loss, read] = [0, 0];
    for (const piece of heldOutText(training, validation, this.#capacity, longest)) {
      signal?.throwIfAborted();
      loss += piece.share * (await this.#session.evaluate(piece));
      read += piece.share;
      // Signals and commands come in between two pieces, also where the engine computes in this very thread.
      await new Promise((resolve) => setTimeout(resolve));
      heard(read);
    }
    return loss;
  }

  /**
   * A passage that goes on from a prime.
   *
   * @throws RangeError naming a character of the prime that the text does not have.
   */
  async generate(prime: string, length: number): Promise<string> {
    const { temperature, seed } = this.configuration;
    const sampling = { temperature, seed: hash(seed ^ hash(this.#step)) };
    const ids = this.vocabulary.encode(inFormOf(this.vocabulary, prime));
    const [generated] = await this.#session.generate([ids], length, sampling);
    return this.vocabulary.decode(generated!);
  }

  /** Whether the next step would find finite numbers alone. Moves nothing. */
  async isSound(): Promise<boolean> {
    const { loss, flat } = await this.#session.gradients(this.#batches(this.#step + 1));
    return Number.isFinite(loss) && flat.every((value) => Number.isFinite(value));
  }

  /**
   * The mean loss in nats of the network as it is, over the end of the training text: little enough to be asked for now and
   * then, and the same each time. Moves nothing.
   */
  async presentLoss(): Promise<number> {
    const { training } = this.text;
    const from = Math.max(1, training.length - symbolsTried);
    const [piece] = heldOutText(training.subarray(0, from), training.subarray(from), this.#capacity, symbolsTried);
    return this.#session.evaluate(piece!);
  }

  /** A copy of all that has been learned so far. */
  read(): Promise<TrainingState> {
    return this.#session.read();
  }

  /** Goes on from a state, at its step. */
  write(state: TrainingState): void {
    this.#session.write(state);
    this.#step = state.step;
  }

  /** Goes on from a state on a new device. Until that stands, everything stays as it is. */
  async moveToNewDevice(state: TrainingState): Promise<void> {
    const choice = await this.#choose(this.configuration.engine);
    const { tuning } = this.#session;
    const session = await choice.engine.open(this.model, this.#capacity, tuning).catch((error: unknown) => {
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
