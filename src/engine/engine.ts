import type { ModelConfiguration } from '../model/configuration.ts';

/** The engines there are, by the names that `--engine` and the page's `engine` setting take. */
export const engineNames = ['webgpu', 'cpu', 'reference'] as const;
/** The name of an engine. */
export type EngineName = (typeof engineNames)[number];

/** A way to compute: a device and the kernels for it. */
export interface Engine {
  readonly name: EngineName;
  /** What it runs on, for a person to read: the adapter, or what computes in its place. */
  readonly device: string;
  /** Whether it emulates a GPU on the CPU, and is therefore slow. */
  readonly software: boolean;
  /**
   * Makes everything that training this network at this size needs: afterwards a step allocates and compiles nothing.
   *
   * @param tuning what an earlier session told of itself, so that this one gives the same bits; by default what the
   *   engine knows to be fastest. An engine that is not tuned takes no notice of it.
   * @throws CapacityError if the device cannot hold it, before anything is allocated.
   */
  open(model: ModelConfiguration, capacity: Capacity, tuning?: string): Promise<Session>;
  /**
   * Finds out on the device which way of cutting up the work is the fastest for this network at this size, and remembers it
   * for the sessions to come; what is known already comes at once. On hardware it takes a second or two. Only engines that
   * are tuned have it.
   *
   * @returns a tuning for `open`
   * @throws the signal's reason, once it is aborted
   */
  tune?(model: ModelConfiguration, capacity: Capacity, options?: TuneOptions): Promise<string>;
  /** Resolves with the reason if the device goes away; every session on it is then dead. Never resolves otherwise. */
  readonly lost: Promise<string>;
  /** Gives the device back; its sessions are then dead. */
  close(): void;
}

/** How an engine may read the recurrent weights of a sequence. Their sums are float32 all the same. */
export const precisions = ['f32', 'f16'] as const;
/** How an engine reads them. */
export type Precision = (typeof precisions)[number];

/** What there is to be said of a tuning. */
export interface TuneOptions {
  /**
   * How the recurrent weights may be read, if that is faster: as f16 they stream twice as fast, but gradients are then those of
   * a network whose weights are rounded to 11 bits, some ten thousandths off. By default f32, with no such loss.
   */
  readonly weights?: Precision;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** What a session has room for: the largest batch it takes, of which smaller ones are welcome, and what it keeps besides. */
export interface Capacity {
  /** B */
  readonly rows: number;
  /** T */
  readonly timesteps: number;
  /** Whether its training batches may have dropout. */
  readonly withDropout?: boolean;
  /** Whether it keeps averaged parameters beside those that are trained. */
  readonly withAverages?: boolean;
  /**
   * In how many parts a training step takes its rows, one after the other, where all at once are too large for the device's
   * memory; the gradient is that of all of them. 1 if it is left out.
   */
  readonly parts?: number;
}

/**
 * What a training step leaves out at random, so that no unit can rely on another (Srivastava et al., "Dropout", 2014). What
 * stays is scaled up, so that sums stay the same on average. `droppedAt` says what is left out.
 */
export interface Dropout {
  /**
   * The share of h' that is left out on its way to the layer above or to the output, from 0 to below 1, in steps of 1/256
   * (Zaremba et al., "Recurrent Neural Network Regularization", 2014).
   */
  readonly outputs: number;
  /**
   * The share of the candidates that is left out of the next state, likewise (Semeniuta et al., "Recurrent Dropout without
   * Memory Loss", 2016); 0 for a cell without candidates.
   */
  readonly candidates: number;
  /**
   * Whether a row leaves out the same at each of its timesteps (Gal and Ghahramani, "A Theoretically Grounded Application of
   * Dropout in Recurrent Neural Networks", 2016), or something else at each.
   */
  readonly masks: DropoutMasks;
  /** Fixes what is left out; another one for each step. */
  readonly seed: number;
}

/** How often a row draws anew what it leaves out. */
export const dropoutMasks = ['timestep', 'sequence'] as const;
/** How often a row draws anew what it leaves out. */
export type DropoutMasks = (typeof dropoutMasks)[number];

/**
 * Sequences side by side. The symbol that goes into row b at timestep t is `inputs[t · rows + b]`: `[T][B]`; where the
 * network takes vectors, the vector's first element is `inputs[(t · rows + b) · I]`: `[T][B][I]`.
 */
export interface Batch {
  readonly rows: number;
  readonly timesteps: number;
  /** Symbols as `Uint32Array`, vectors as `Float32Array`: see the network's `inputs`. */
  readonly inputs: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** What should come out at each timestep, in the same order: symbols or classes `[T][B]`, or vectors `[T][B][O]`. */
  readonly targets: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /**
   * The states before the first timestep: zero, those in which this session's last training step ended (truncated
   * backpropagation through time), or given, `[S][B][H]`: see `statesOf`.
   */
  readonly initialState: 'zero' | 'carried' | Float32Array<ArrayBuffer>;
  /** The first timestep whose loss counts; those before only bring the state about. 0 if it is left out. */
  readonly countFrom?: number;
  /** Which places' losses count, `[T][B]`: 0 where the target is absent. All do if it is left out. */
  readonly counts?: Uint8Array<ArrayBuffer>;
  /**
   * How many timesteps each row has, `[B]`; all T if it is left out. After its end a row's states stay as they are, nothing
   * counts, and a trace's gates are 0.
   */
  readonly lengths?: Uint32Array<ArrayBuffer>;
  /** What `step` and `gradients` leave out at random, of a session that has room for it. Nothing else leaves anything out. */
  readonly dropout?: Dropout;
}

/** Adam's settings for one step, as PyTorch's `AdamW` and `clip_grad_norm_` take them. */
export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The gradient is scaled down to this global norm if it is longer; `Infinity` never clips. */
  readonly clipNorm: number;
  /**
   * λ: a step also takes matrices, not biases, towards 0 by the learning rate times this share of them (Loshchilov and Hutter,
   * "Decoupled Weight Decay Regularization", 2019). 0 if it is left out.
   */
  readonly weightDecay?: number;
  /**
   * β of the averaged parameters, for a session that keeps them: average ← β average + (1 − β) parameters, after the step. 0 if
   * it is left out: they are then the parameters themselves.
   */
  readonly averaging?: number;
}

/** What a training step tells. */
export interface StepReport {
  /** The number of this step, from 1. */
  readonly step: number;
  /** The mean of the cost over the places that count, before the parameters moved. */
  readonly loss: number;
  /** The global norm of the gradient, before the clip. */
  readonly gradientNorm: number;
  /**
   * Set if the loss or a gradient was not a finite number: `loss` and the parameters whose gradients were not. The
   * parameters were then left as they were, and stay so until `write`.
   */
  readonly notFinite?: readonly string[];
}

/**
 * What `gradients` finds. Flat buffers are laid out by `parameterLayout(model)`; S states are those of `statesOf(model)`, in
 * its order.
 */
export interface Gradients {
  /** The mean of the cost over the places that count, in nats where it is a cross-entropy. */
  readonly loss: number;
  /** ∂loss/∂parameters */
  readonly flat: Float32Array | Float64Array;
  /** The states after the last timestep, `[S][B][H]`. */
  readonly finalState: Float32Array | Float64Array;
  /**
   * ∂loss by each state before each timestep and after the last, through all that reads it, `[S][T + 1][B][H]`. The h and
   * the c of an LSTM are taken as two inputs of the timestep that follows, each by itself.
   */
  readonly stateGradients: Float32Array | Float64Array;
}

/** What goes on within a network while it reads a batch. */
export interface Trace {
  readonly layers: readonly LayerTrace[];
  /** y after each timestep, as probabilities where they are some, `[T][B][O]`. */
  readonly outputs: Float32Array | Float64Array;
}

/** What goes on within one layer. */
export interface LayerTrace {
  /** The states by their names, before each timestep and after the last, `[T + 1][B][H]` each. */
  readonly states: Readonly<Record<string, Float32Array | Float64Array>>;
  /** What `tracedGates` became on the way to each next state, by their letters, `[T][B][H]` each. */
  readonly gates: Readonly<Record<string, Float32Array | Float64Array>>;
}

/** All that training has learned so far, as flat buffers laid out by `parameterLayout(model)`. */
export interface TrainingState {
  /** How many steps have been taken. */
  readonly step: number;
  readonly parameters: Float32Array<ArrayBuffer>;
  /** Adam's first moment. */
  readonly m: Float32Array<ArrayBuffer>;
  /** Adam's second moment. */
  readonly v: Float32Array<ArrayBuffer>;
  /** The averaged parameters, if the session keeps them; what is written without any begins with the parameters. */
  readonly averaged?: Float32Array<ArrayBuffer>;
  /** The states in which the last step ended, for batches that carry them on: `[S][B][H]` for the session's capacity. */
  readonly carriedState: Float32Array<ArrayBuffer>;
}

/** Temperatures below this take the likeliest symbol each time, as 0 does: float32 has no room for what they make. */
export const coldest = 1e-4;

/** How symbols are drawn: from softmax(logits / temperature), the same ones for the same seed. */
export interface Sampling {
  readonly temperature: number;
  readonly seed: number;
}

/** What a training step costs on this session's device, whatever the length of its sequences. */
export interface StepCost {
  /** GPU dispatches; 0 where there is no GPU. */
  readonly dispatches: number;
  /** Bytes that the session holds on its device. */
  readonly bytes: number;
}

/** What can be asked of a network on its device. Nothing of it moves a parameter. */
export interface Network {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;

  /** Forward and backward. */
  gradients(batch: Batch): Promise<Gradients>;

  /** The mean loss over a batch of any number of timesteps. Leaves the carried training state alone. */
  evaluate(batch: Batch): Promise<number>;

  /** The states, gates and outputs that a batch brings about; its targets do not matter. */
  trace(batch: Batch): Promise<Trace>;

  /**
   * From a zero state reads each prime, then goes on with the network's own predictions. Where the output is `sigmoid`, a
   * symbol is drawn with a probability proportional to its output.
   *
   * @throws RangeError if the network does not predict the symbols that it reads.
   * @param primes symbol ids, at least one each; any number of primes, of any lengths
   * @param length how many symbols to generate for each
   * @returns the generated symbols, without the prime, for each
   */
  generate(primes: readonly Uint32Array[], length: number, sampling: Sampling): Promise<Uint32Array<ArrayBuffer>[]>;
}

/** One network on one device, as it is trained. Calls are carried out in the order in which they are made. */
export interface Session extends Network {
  readonly cost: StepCost;
  /** How the work was cut up for the device, on engines that are tuned: the same cut gives the same bits. */
  readonly tuning?: string;
  /** How many steps may be under way at once; more later, where the device turns out to answer slowly. */
  readonly stepsInFlight: number;
  /** The network with its averaged parameters, if the session keeps them. */
  readonly averaged?: Network;

  /**
   * Forward, backward, Adam. Returns at once; the report comes when the device has got there.
   *
   * @throws Error if `stepsInFlight` steps are under way: await one of them first.
   */
  step(batch: Batch, adam: AdamSettings): Promise<StepReport>;

  /** A copy of all that training has learned so far. */
  read(): Promise<TrainingState>;
  /** Puts a state in place of the present one. */
  write(state: TrainingState): void;
  /** Gives back what the session holds on its device. */
  close(): void;
}

/** A network, batch or text that a device cannot hold. The message names the limit and both figures. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
}

/** The device went away: another one can be asked for. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
}

/** A shader that the device's compiler refuses. */
export class ShaderError extends Error {
  override readonly name = 'ShaderError';
  /** The file under `shaders/`. */
  readonly file: string;
  /** Counted from 1; 0 if the compiler does not say. */
  readonly line: number;
  /** That line's text. */
  readonly source: string;

  constructor(file: string, line: number, source: string, message: string) {
    super(message);
    this.file = file;
    this.line = line;
    this.source = source;
  }
}
