import type { Dataset } from '../data/dataset.ts';
import { demandText } from '../data/text/task.ts';
import { chooseEngine } from '../engine/choose.ts';
import { CapacityError, DeviceLostError, type EngineName, ShaderError } from '../engine/engine.ts';
import type { ExperimentProgress } from '../experiment/experiment.ts';
import type { ExperimentOptions } from '../experiment/options.ts';
import { decodeModelFile } from '../files/model-file.ts';
import { resume } from './checkpoint.ts';
import { type Configuration, settings } from './configuration.ts';
import { HeldOutLooks } from './held-out-looks.ts';
import type { Look } from './looks/look.ts';
import { CheckpointOccasions, PassageOccasions, SnapshotOccasions } from './occasions.ts';
import { inFormOf, usablePrime } from './prime.ts';
import type {
  ChangeableSettings,
  CheckpointPurpose,
  Command,
  EngineReport,
  Event,
  Progress,
  RunState,
} from './protocol.ts';
import type { RecipeName } from './recipes.ts';
import { type Choose, type Learned, Run } from './run.ts';
import { Snapshots } from './snapshots.ts';
import { SpeedMeter } from './speed-meter.ts';
import { type StepOfRun, StepsInFlight } from './steps-in-flight.ts';
import { readTuningSetting } from './tuning-setting.ts';

/** Seconds between two reports of progress. */
const reportEvery = 0.1;
const passageLength = 240;
/** Seconds that a network which has learned nothing stands untouched before the device is asked how to be fast. */
const untouchedBefore = 0.3;

const now = () => performance.now() / 1000;

function describeEngine({
  engine: { name, device, software },
  reason,
  session: { cost, tuning },
  parameterCount,
}: Run): EngineReport {
  const told = { name, device, software, reason, cost, parameters: parameterCount };
  return tuning === undefined ? told : { ...told, tuning };
}

/** Whether a command can wait until what is found out unasked about the device is known; others end that. */
const waits = ({ kind }: Command): boolean => kind === 'look' || kind === 'time' || kind === 'readBack';

/**
 * What a run begins with: what it has learned, or else the network before its first step.
 *
 * @throws CapacityError if there is no memory for it beside its session; the run is then closed
 */
async function begun(run: Run, learned: boolean): Promise<Learned> {
  try {
    return learned ? await run.read() : run.startAfresh();
  } catch (error) {
    run.close();
    if (!(error instanceof RangeError)) throw error;
    throw new CapacityError('There is no memory left for this network. Choose a smaller one.', { cause: error });
  }
}

/**
 * Carries out a page's commands on one run at a time, and tells what comes of them. What looks into a network, and what measures how
 * long it matches, is fetched when it is asked for.
 */
export class Trainer {
  readonly #tell: (event: Event) => void;
  readonly #choose: Choose;
  #run: Run | undefined;
  #state: RunState = { kind: 'opening' };
  /** Resolves when the loop that trains has come to rest. */
  #loop: Promise<void> = Promise.resolve();
  /** Whether that loop is to come to rest before the goal. */
  #pausing = false;
  /** Resolves when the last command that puts another network or device in place is done: they take turns. */
  #turn: Promise<void> = Promise.resolve();
  /** Those of the run. */
  #snapshots: Snapshots | undefined;
  /** What was asked to be seen and was not yet, by kind. */
  readonly #looks = new Map<Look['kind'], Look>();
  /** How long a passage is that was asked for and is not written yet; 0: none was. */
  #lengthAsked = 0;
  /** Which layer is watched while the network reads back what it writes; `undefined`: it does not. */
  #readBackLayer: number | undefined;
  /** The matching experiment that is under way. */
  #experiment: AbortController | undefined;
  /** Ends what is found out unasked: how the device is fastest, how long recipes take, how many units fit. */
  #unasked = new AbortController();
  /** Resolves when it is known how the device is fastest, or nobody waits for it any more. */
  #tuned: Promise<void> = Promise.resolve();
  #progress: Progress[] = [];
  #speed = new SpeedMeter();

  constructor(tell: (event: Event) => void, choose: Choose = chooseEngine) {
    this.#tell = tell;
    this.#choose = choose;
  }

  async handle(command: Command): Promise<void> {
    const run = this.#run;
    if (command.kind === 'open' || (this.#state.kind !== 'opening' && !waits(command))) {
      this.#unasked.abort();
      this.#unasked = new AbortController();
    }
    try {
      await this.#handle(command);
    } catch (error) {
      // What was asked of a network that has since been replaced is of no interest any more.
      if (this.#run === run) this.#refuse(error, command.kind);
    }
  }

  async #handle(command: Command): Promise<void> {
    switch (command.kind) {
      case 'open':
        return this.#inTurn(() => this.#open(command));
      case 'startAfresh':
        return this.#inTurn(() => this.#startAfresh());
      case 'recover':
        return this.#inTurn(() => this.#recover());
      case 'readBack':
        this.#readBackLayer = command.layer;
        return;
    }
    const run = this.#run;
    // Until it is prepared, nothing is asked of it.
    if (run !== undefined && this.#state.kind === 'opening') await this.#turn.catch(() => {});
    if (run === undefined || this.#run !== run) return;
    switch (command.kind) {
      case 'train':
        // Whoever wants more of a run that is out of patience has some.
        if (this.#state.kind === 'finished' && run.outOfPatience) run.renewPatience();
        if (this.#state.kind === 'paused' || (this.#state.kind === 'finished' && !run.finished)) this.#train(run);
        return;
      case 'pause':
        return this.#pause();
      case 'step':
        if (this.#state.kind === 'paused') this.#train(run, 1);
        return;
      case 'change':
        return this.#change(run, command.change);
      case 'save':
        return this.#save(run, command.purpose);
      case 'generate':
        this.#lengthAsked = command.length;
        // While it trains, it is written between two steps, by weights that are known to be sound.
        if (this.#state.kind !== 'training') await this.#writeAsked(run);
        return;
      case 'look':
        this.#looks.set(command.look.kind, command.look);
        await this.#tuned;
        // While it trains, the loop comes to it when the steps under way are done.
        if (this.#run === run && this.#state.kind !== 'training') await this.#look(run);
        return;
      case 'match':
        return this.#match(run, command.options);
      case 'cancelMatch':
        this.#experiment?.abort();
        return;
      case 'time':
        return this.#time(run, command.recipes);
    }
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.catch(() => {}).then(act);
    return this.#turn;
  }

  async #open({ dataset, configuration, file }: Extract<Command, { kind: 'open' }>): Promise<void> {
    const before = this.#run;
    if (before === undefined) this.#enter({ kind: 'opening' });
    let engine: EngineName | undefined;
    const choose: Choose = async (wanted) => {
      const choice = await this.#choose(wanted);
      engine = choice.engine.name;
      return choice;
    };
    let run: Run;
    let state: Learned;
    try {
      run = await (file === undefined
        ? Run.open(dataset, configuration, choose)
        : resume(decodeModelFile(file), dataset, configuration, choose));
      state = await begun(run, file !== undefined);
    } catch (error) {
      const message = (error as Error).message;
      const shader = error instanceof ShaderError && {
        shader: { file: error.file, line: error.line, source: error.source },
      };
      const failed = { kind: 'failed', message, ...(engine && { engine }), ...shader } as const;
      const tell = (units?: number) =>
        before === undefined
          ? this.#enter({ ...failed, ...(units && { units }) })
          : this.#tell({ kind: 'refused', of: 'open', message, ...(units && { units }) });
      tell();
      if (error instanceof CapacityError && file === undefined) void this.#fit(dataset, configuration, tell);
      return;
    }
    await this.#pause();
    before?.close();
    this.#run = run;
    this.#watch(run);
    await this.#begin(run, state);
  }

  /** Finds out how many units would fit where there were too many, and tells that, unless something else is asked for before. */
  async #fit(dataset: Dataset, configuration: Configuration, tell: (units: number) => void): Promise<void> {
    const { signal } = this.#unasked;
    const { mostUnits } = await import('./most-units.ts');
    const units = await mostUnits(dataset, configuration, this.#choose, signal);
    if (units !== undefined && !signal.aborted) tell(units);
  }

  async #startAfresh(): Promise<void> {
    await this.#pause();
    const run = this.#run;
    if (run !== undefined && this.#state.kind !== 'lost') await this.#begin(run, run.startAfresh());
  }

  /** The network as it is before anything more is learned. */
  async #begin(run: Run, state: Learned): Promise<void> {
    this.#experiment?.abort();
    this.#speed = new SpeedMeter();
    this.#progress = [];
    this.#lengthAsked = 0;
    this.#snapshots = new Snapshots(run, state, this.#tell);
    this.#introduce(run);
    const tunes = state.step === 0 && run.engine.tune !== undefined;
    const asked = readTuningSetting(run.configuration.tuning).kind === 'measure';
    if (tunes && asked) {
      this.#enter({ kind: 'opening' });
      await this.#tune(run, asked);
      if (this.#state.kind !== 'opening') return;
    }
    this.#enter({ kind: 'paused' });
    // What emulates a GPU takes seconds for each try: there it has to be asked for.
    if (tunes && !asked && !run.engine.software) this.#tuned = this.#tune(run, asked);
  }

  /**
   * Finds out how the device is fastest, while the network has learned nothing.
   *
   * @param asked whether a person wants to wait for it; otherwise it begins when nobody wants anything of the network, and
   *   the first command stops it
   */
  async #tune(run: Run, asked: boolean): Promise<void> {
    const { signal } = this.#unasked;
    try {
      if (!asked) await new Promise((resolve) => setTimeout(resolve, untouchedBefore * 1000));
      signal.throwIfAborted();
      if (await run.tune(signal)) this.#tell({ kind: 'moved', engine: describeEngine(run) });
    } catch (error) {
      // Nothing is lost: the run goes on as it was laid out. If its device is, the engine tells.
      if (asked && !signal.aborted) this.#refuse(error, 'open');
    }
  }

  /** Measures how long runs by recipes would take. A recipe that cannot be measured here has no time. */
  async #time(run: Run, recipes: ReadonlyMap<RecipeName, Configuration>): Promise<void> {
    const { signal } = this.#unasked;
    await this.#tuned;
    const { secondsOfRun } = await import('./recipe-times.ts');
    for (const [recipe, configuration] of recipes) {
      const resting = this.#state.kind === 'paused' || this.#state.kind === 'finished';
      if (signal.aborted || !resting) return;
      const seconds = await secondsOfRun(run.dataset, configuration, this.#choose, signal).catch(() => undefined);
      if (seconds !== undefined && this.#run === run) this.#tell({ kind: 'timed', recipe, seconds });
    }
  }

  #introduce(run: Run): void {
    const { trainingLength, validationLength, measure, unit, place, facts } = run.task;
    this.#tell({
      kind: 'opened',
      engine: describeEngine(run),
      datasetName: run.dataset.name,
      step: run.step,
      trainingLength,
      validationLength,
      measure,
      unit,
      place,
      facts,
      ...(run.heldOut && { best: run.heldOut.best }),
      course: run.course,
    });
  }

  /** Training stops when its device goes away, even while nothing is asked of it. */
  #watch(run: Run): void {
    const { engine } = run;
    void engine.lost.then((reason) => {
      if (this.#run === run && run.engine === engine) this.#lose(reason);
    });
  }

  #lose(reason: string): void {
    if (this.#state.kind === 'lost') return;
    this.#snapshots?.keepNewest();
    this.#enter({ kind: 'lost', reason, snapshotStep: this.#snapshots?.newest.step ?? 0 });
  }

  #train(run: Run, steps = Number.POSITIVE_INFINITY): void {
    const snapshots = this.#snapshots;
    this.#enter({ kind: run.finished ? 'finished' : 'training' });
    if (run.finished || snapshots === undefined) return;
    this.#pausing = false;
    this.#loop = this.#trainUntilStopped(run, snapshots, run.step + steps)
      .catch((error) => {
        if (error instanceof DeviceLostError) this.#lose(error.message);
        else {
          this.#refuse(error, 'train');
          this.#enter({ kind: 'paused' });
        }
      })
      .then(() => this.#writeAsked(run))
      .catch((error) => this.#refuse(error, 'generate'))
      .then(() => this.#look(run));
  }

  async #trainUntilStopped(run: Run, snapshots: Snapshots, end: number): Promise<void> {
    await snapshots.begin();
    const steps = new StepsInFlight(run);
    const looks = new HeldOutLooks(run);
    const occasions = new SnapshotOccasions();
    const checkpoints = new CheckpointOccasions();
    const passages = new PassageOccasions(run.step);
    let [started, reported, breath] = [now(), now(), now()];

    const report = () => {
      run.secondsTraining += now() - started;
      started = now();
      this.#report(run);
      reported = now();
    };
    /** What was done since the last report was something else than training. */
    const resume = () => {
      this.#speed.skip();
      reported = now();
    };
    /** Waits for the steps under way. Whatever looks at the weights rests first: they may have turned out unsound. */
    const rest = async () => {
      while (steps.count > 0) this.#receive(run, snapshots, await steps.take());
      report();
      return training();
    };
    const snapshot = async () => {
      const before = now();
      const state = await snapshots.take();
      occasions.taken(run.smoothedLoss, now() - before);
      return state;
    };

    const training = () => this.#state.kind === 'training';
    // A look that a pause has ended is made up for.
    if (looks.due) await this.#validate(run, looks);
    resume();
    while (training() && !this.#pausing && !run.finished && run.step < end) {
      if (passages.due(run.step)) {
        if (await rest()) {
          const from = now();
          await this.#writePassage(run, passageLength);
          passages.written(run.step, now() - from);
          resume();
        }
        // Meanwhile a pause may have been asked for.
        continue;
      }
      steps.begin();
      while (steps.full) this.#receive(run, snapshots, await steps.take());

      if (now() - reported > reportEvery) report();
      if (occasions.due(run.smoothedLoss) && (await rest())) await snapshot();
      const { due } = checkpoints;
      if ((snapshots.isWanted || due) && (await rest())) {
        if (due) snapshots.want('keep');
        snapshots.checkpoint(await snapshot());
        checkpoints.made();
      }
      if (looks.due && (await rest())) {
        await this.#validate(run, looks);
        resume();
      }
      if ((this.#looks.size > 0 || this.#lengthAsked > 0) && (await rest())) {
        await this.#writeAsked(run);
        await this.#look(run);
        resume();
      }
      // An engine without a device of its own computes in this very thread: commands need a moment to come in.
      if (now() - breath > reportEvery / 2) {
        await new Promise((resolve) => setTimeout(resolve));
        breath = now();
      }
    }
    if (!(await rest())) return;
    if (run.finished && looks.due) await this.#validate(run, looks);
    snapshots.want('keep');
    snapshots.checkpoint(await snapshots.take());
    if (run.finished) await this.#writePassage(run, passageLength);
    this.#enter({ kind: run.finished ? 'finished' : 'paused' });
  }

  async #pause(): Promise<void> {
    this.#pausing = true;
    await this.#loop;
  }

  #receive(run: Run, snapshots: Snapshots, report: StepOfRun): void {
    const { step, loss, gradientNorm, learningRate, notFinite } = report;
    if (notFinite !== undefined) {
      if (this.#state.kind === 'notFinite') return;
      const tensor = notFinite.map((name) => (name === 'loss' ? 'the loss' : `the gradient of ${name}`)).join(', ');
      snapshots.broke();
      snapshots.keepNewest();
      this.#enter({ kind: 'notFinite', step, tensor, snapshotStep: snapshots.newest.step });
      return;
    }
    snapshots.passed(step);
    if (this.#run === run) this.#progress.push({ step, loss, gradientNorm, learningRate });
  }

  #report(run: Run): void {
    if (this.#progress.length === 0 || this.#run !== run) return;
    const placesPerSecond = this.#speed.count(this.#progress.length * run.task.placesPerStep);
    this.#tell({
      kind: 'progress',
      steps: this.#progress,
      placesPerSecond,
      secondsTraining: run.secondsTraining,
    });
    this.#progress = [];
  }

  /** A run that is broken is saved as it was when it was last known to be sound. */
  async #save(run: Run, purpose: CheckpointPurpose): Promise<void> {
    const snapshots = this.#snapshots;
    if (snapshots === undefined) return;
    snapshots.want(purpose);
    const { kind } = this.#state;
    // The loop that trains makes it when the steps under way are done.
    if (kind === 'training') return;
    const state = kind === 'paused' || kind === 'finished' ? await snapshots.take() : snapshots.newest;
    if (this.#run === run) snapshots.checkpoint(state);
  }

  /** A pause ends it. */
  async #validate(run: Run, looks: HeldOutLooks): Promise<void> {
    const { step } = run;
    const loss = await looks.look(() => !this.#pausing);
    const { heldOut } = run;
    if (loss !== undefined && heldOut !== undefined && this.#run === run) {
      this.#tell({ kind: 'validation', step, loss, best: heldOut.best });
    }
  }

  /** Looks wherever it was asked to. What cannot be seen is said; the run goes on as it was. */
  async #look(run: Run): Promise<void> {
    for (const [kind, look] of this.#looks) {
      this.#looks.delete(kind);
      const { step } = run;
      const started = now();
      try {
        // Few visitors look into the network.
        const { lookInto } = await import('./looks/look.ts');
        const sight = await lookInto(run, look);
        if (this.#run === run) this.#tell({ kind: 'seen', step, sight, seconds: now() - started });
      } catch (error) {
        if (this.#run !== run) return;
        if (error instanceof DeviceLostError) this.#lose(error.message);
        this.#tell({ kind: 'unseen', look: kind, message: (error as Error).message });
      }
    }
  }

  async #writeAsked(run: Run): Promise<void> {
    const length = this.#lengthAsked;
    this.#lengthAsked = 0;
    if (length > 0) await this.#writePassage(run, length);
  }

  async #writePassage(run: Run, length: number): Promise<void> {
    if (run.dataset.kind !== 'text') return;
    const { step } = run;
    const { temperature } = run.configuration;
    const { dataset, encoding } = demandText(run.task);
    const prime = usablePrime(run.configuration.prime, dataset.text, encoding.vocabulary);
    const text = await run.generate(prime, length);
    const layer = this.#readBackLayer;
    // Where there is no room to read it, it is told without.
    const readBack =
      layer === undefined
        ? undefined
        : await (await import('./looks/read-back.ts')).readBack(run, prime, text, layer).catch(() => undefined);
    if (this.#run === run) {
      this.#tell({ kind: 'passage', step, prime, text, temperature, ...(readBack && { readBack }) });
    }
  }

  /** The predictions are made between two steps; what follows shares this thread with the training. */
  async #match(run: Run, options: ExperimentOptions): Promise<void> {
    this.#experiment?.abort();
    const experiment = new AbortController();
    this.#experiment = experiment;
    const { step, dataset, model } = run;
    const { cell, layers, hiddenSize: hidden } = model;
    const circumstances = { step, datasetName: dataset.name, cell, layers, hidden };
    const heard = (progress: ExperimentProgress) => this.#tell({ kind: 'matching', progress });
    try {
      const { runExperiment } = await import('../experiment/experiment.ts');
      const result = await runExperiment(run.network, demandText(run.task).text, options, heard, experiment.signal);
      experiment.signal.throwIfAborted();
      this.#tell({ kind: 'matched', ...circumstances, result });
    } catch (error) {
      // Where another experiment has taken its place, that one tells how it ends.
      if (this.#experiment === experiment) this.#tell({ kind: 'unmatched' });
      if (!experiment.signal.aborted) throw error;
    } finally {
      if (this.#experiment === experiment) this.#experiment = undefined;
    }
  }

  #change(run: Run, change: Partial<ChangeableSettings>): void {
    if (change.prime !== undefined && change.prime !== settings.prime.default) {
      const { vocabulary } = demandText(run.task).encoding;
      vocabulary.encode(inFormOf(vocabulary, change.prime));
    }
    if (change.prime === '') throw new RangeError('A prime needs at least one character.');
    Object.assign(run.configuration, change);
    if (this.#state.kind === 'finished' && !run.finished) this.#enter({ kind: 'paused' });
  }

  async #recover(): Promise<void> {
    await this.#loop;
    const run = this.#run;
    const { kind } = this.#state;
    if (run === undefined || (kind !== 'lost' && kind !== 'notFinite')) return;
    const state = this.#snapshots?.newest;
    if (state === undefined) return;
    if (kind === 'notFinite') run.write(state);
    else {
      const lost = this.#state;
      this.#enter({ kind: 'opening' });
      try {
        await run.moveToNewDevice(state);
      } catch (error) {
        this.#enter(lost);
        throw error;
      }
      this.#watch(run);
      this.#tell({ kind: 'moved', engine: describeEngine(run) });
    }
    this.#train(run);
  }

  #refuse(error: unknown, of: Command['kind']): void {
    if (error instanceof DeviceLostError) this.#lose(error.message);
    else this.#tell({ kind: 'refused', of, message: (error as Error).message });
  }

  #enter(state: RunState): void {
    this.#state = state;
    this.#tell({ kind: 'state', state });
  }
}
