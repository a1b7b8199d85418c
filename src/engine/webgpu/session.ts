import { describeCell, gatesOf } from '../../model/cells/cells.ts';
import { type ModelConfiguration, predictsItsInput, targetsOf } from '../../model/configuration.ts';
import { type ParameterLayout, parameterLayout, parameterNames } from '../../model/parameters.ts';
import { withOtherParameters } from '../averages.ts';
import { assertBatch, assertPrimes, countedPlaces, markedTargets, timestepsOf } from '../batch.ts';
import type {
  AdamSettings,
  Batch,
  Capacity,
  Dropout,
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
import { relayout, resizeRows } from '../padding.ts';
import { joinedStates, joinedTraces, onePart, type Part, partsOf, rowsAtOnce } from '../parts.ts';
import { assertTrainingState } from '../training-state.ts';
import { allocate, type BufferName, bytesOf, ofLayer } from './buffers.ts';
import { defaultTuning, readTuning } from './candidates.ts';
import { Generator } from './generate.ts';
import type { Dispatch } from './kernels/dispatch.ts';
import { limitsOf } from './limits.ts';
import { explained } from './lost.ts';
import { maskTable } from './masks.ts';
import { Places } from './places.ts';
import { type Pass, type Plan, passesOfAll, passesOfPart, passNames, plan, trainingPasses } from './plan.ts';
import type { ReadyDispatch } from './profile.ts';
import { ReadBack } from './read-back.ts';
import { bind, compile, type Kernel } from './shaders.ts';
import { DeviceStates, type Kept } from './states.ts';
import { type Tuning, writeTuning } from './tuning.ts';

/** A dispatch that is ready to be encoded. */
interface Prepared {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly workgroups: Dispatch['workgroups'];
}

/**
 * Opens a session on a device: plans it, allocates all its buffers, compiles all its kernels.
 *
 * @param told how a step is cut up for the device, maybe as `readTuning` reads it; by default as `defaultTuning` thinks best
 * @throws RangeError as `readTuning` does
 * @throws CapacityError if the device cannot hold it
 * @throws ShaderError if its compiler refuses a kernel
 * @throws DeviceLostError if it is lost
 */
export async function openSession(
  device: GPUDevice,
  model: ModelConfiguration,
  capacity: Capacity,
  told?: Tuning | string,
): Promise<WebGPUSession> {
  const tuning =
    typeof told === 'string'
      ? readTuning(told, model, onePart(capacity))
      : (told ?? defaultTuning(model, onePart(capacity), limitsOf(device)));
  const planned = plan(model, capacity, limitsOf(device), tuning);
  const buffers = await allocate(device, planned.buffers);
  const kernels = new Map<string, Promise<Kernel>>();
  /** Dispatches that differ only in what they are bound to share a pipeline. */
  const compileOnce = ({ files, letters, constants }: Dispatch) => {
    const key = JSON.stringify([files, constants]);
    const kernel = kernels.get(key) ?? compile(device, { files, ...(letters && { letters }), constants });
    kernels.set(key, kernel);
    return kernel;
  };
  const prepare = async (dispatch: Dispatch): Promise<Prepared> => {
    const { bindings, workgroups } = dispatch;
    const kernel = await compileOnce(dispatch);
    const resources = Object.entries(bindings).map(([name, { buffer, offset = 0, size = planned.buffers[buffer] }]) => [
      name,
      { buffer: buffers[buffer], offset, size },
    ]);
    const group = bind(device, dispatch.kernel, kernel, Object.fromEntries(resources));
    return { pipeline: kernel.pipeline, bindings: group, workgroups };
  };
  const prepareAll = async (name: Pass) => [name, await Promise.all(planned.passes[name].map(prepare))] as const;
  try {
    const [passes, generator] = await Promise.all([
      Promise.all(passNames.map(prepareAll)),
      predictsItsInput(model) ? Generator.compile(device, planned.network) : undefined,
    ]);
    const prepared = Object.fromEntries(passes) as Record<Pass, Prepared[]>;
    return new WebGPUSession(device, model, capacity, tuning, planned, buffers, prepared, generator);
  } catch (error) {
    for (const buffer of Object.values(buffers)) buffer.destroy();
    throw await explained(device, error);
  }
}

/** One network on a GPU. */
export class WebGPUSession implements Session {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  readonly tuning: string;
  readonly cost: StepCost;
  readonly averaged?: Network;
  readonly #device: GPUDevice;
  readonly #plan: Plan;
  readonly #layout: ParameterLayout;
  readonly #buffers: Record<BufferName, GPUBuffer>;
  readonly #readBack: ReadBack;
  readonly #passes: Record<Pass, readonly Prepared[]>;
  /** Where the network can go on from its own predictions. */
  readonly #generator: Generator | undefined;
  readonly #states: DeviceStates;
  readonly #batch = new ArrayBuffer(20);
  readonly #adam = new Float32Array(9);
  readonly #places: Places;
  /** The vectors that go in, padded; empty where symbols do. */
  readonly #vectors: Float32Array<ArrayBuffer>;
  /** Whether the rows' lengths on the device are those of a batch whose rows do not end. */
  #endless = false;
  #step = 0;

  constructor(
    device: GPUDevice,
    model: ModelConfiguration,
    capacity: Capacity,
    tuning: Tuning,
    planned: Plan,
    buffers: Record<BufferName, GPUBuffer>,
    passes: Record<Pass, readonly Prepared[]>,
    generator: Generator | undefined,
  ) {
    this.model = model;
    this.capacity = capacity;
    this.tuning = writeTuning(tuning);
    this.#device = device;
    this.#plan = planned;
    this.#layout = parameterLayout(model);
    this.#buffers = buffers;
    this.#readBack = new ReadBack(device, planned.buffers.report);
    this.#passes = passes;
    this.#generator = generator;
    const places = rowsAtOnce(capacity) * capacity.timesteps;
    const { inputSize } = planned.network.padded;
    this.#states = new DeviceStates(device, planned.network, buffers, capacity);
    this.#places = new Places(places, inputSize);
    this.#vectors = new Float32Array(model.inputs === 'vectors' ? places * inputSize : 0);
    const countOf = (names: readonly Pass[]) => names.reduce((count, name) => count + passes[name].length, 0);
    this.cost = {
      dispatches: countOf(passesOfPart) * Math.ceil(capacity.rows / rowsAtOnce(capacity)) + countOf(passesOfAll),
      bytes: bytesOf(planned.buffers) + ReadBack.ringBytes(planned.buffers.report),
    };
    device.queue.writeBuffer(buffers.tensors, 0, planned.tables.tensors);
    device.queue.writeBuffer(buffers.matrices, 0, planned.tables.matrices);
    device.queue.writeBuffer(buffers.stretches, 0, planned.tables.stretches);
    if (capacity.withAverages) this.averaged = withOtherParameters(this, () => this.#exchangeAverages());
    this.write(initialState(model, capacity, 0));
  }

  /** How many steps may be under way at once: more as soon as the device turns out to answer slowly. */
  get stepsInFlight(): number {
    return this.#readBack.most;
  }

  async gradients(batch: Batch): Promise<Gradients> {
    assertBatch(batch, this.model, this.capacity);
    return this.#ask(() => this.#gradients(batch));
  }

  async #gradients(batch: Batch): Promise<Gradients> {
    const { timesteps } = batch;
    const { gradients, losses } = this.#buffers;
    const parts = this.#partsOf(batch);
    const found = parts.map(async (part, i) => {
      const encoder = this.#beginLearning(part, batch);
      this.#encode(encoder, part.batch, i < parts.length - 1 ? passesOfPart : [...passesOfPart, 'sum']);
      this.#device.queue.submit([encoder.finish()]);
      const [finalState, stateGradients] = await Promise.all([
        this.#states.read(this.#readBack, 'states', part.batch, timesteps, 1),
        this.#states.read(this.#readBack, 'dstates', part.batch, 0, timesteps + 1),
      ]);
      return { finalState: joined(finalState), stateGradients: joined(stateGradients) };
    });
    const [flat, perRow, ...states] = await Promise.all([
      this.#readFlat(gradients),
      this.#readBack.read(losses, 0, batch.rows * timesteps),
      ...found,
    ]);
    return { loss: sum(perRow) / countedPlaces(batch), flat, ...joinedStates(states, this.#states.count, timesteps) };
  }

  async trace(batch: Batch): Promise<Trace> {
    assertBatch(batch, this.model, this.capacity);
    return this.#ask(async () => {
      const traces = this.#partsOf(batch).map((part) => this.#trace(part));
      return joinedTraces(await Promise.all(traces), batch.timesteps);
    });
  }

  async #trace(part: Part): Promise<Trace> {
    const { batch } = part;
    const { rows, timesteps } = batch;
    const places = rows * timesteps;
    const { cell, layers, hiddenSize, outputSize } = this.model;
    const { hiddenSize: H, outputSize: O } = this.#plan.network.padded;
    const encoder = this.#begin(part, 'carriedState', { wanting: 'nothing' });
    this.#encode(encoder, batch, ['forward', 'probabilities']);
    this.#device.queue.submit([encoder.finish()]);
    const gatesOfLayer = async (layer: number) => {
      const gates = gatesOf(cell).flatMap(({ letter, title }, index) => {
        if (title === undefined) return [];
        const buffer = this.#buffers[ofLayer('gates', layer)]!;
        const gate = this.#readBack.read(buffer, index * places * H, places * H);
        return [gate.then((values) => [letter, resizeRows(values, H, hiddenSize)] as const)];
      });
      return Object.fromEntries(await Promise.all(gates));
    };
    const [outputs, states, ...gates] = await Promise.all([
      this.#readBack.read(this.#buffers.dlogits, 0, places * O),
      this.#states.read(this.#readBack, 'states', batch, 0, timesteps + 1),
      ...Array.from({ length: layers }, (_, layer) => gatesOfLayer(layer)),
    ]);
    const names = describeCell(cell).states;
    return {
      layers: gates.map((gates, layer) => ({
        states: Object.fromEntries(names.map((name, i) => [name, states[layer * names.length + i]!])),
        gates,
      })),
      outputs: resizeRows(outputs, O, outputSize),
    };
  }

  step(batch: Batch, adam: AdamSettings): Promise<StepReport> {
    assertBatch(batch, this.model, this.capacity);
    if (this.#readBack.full) {
      throw new Error(`${this.stepsInFlight} steps are under way already: await the first of them before the next.`);
    }
    return this.#ask(() => this.#takeStep(batch, adam));
  }

  async #takeStep(batch: Batch, adam: AdamSettings): Promise<StepReport> {
    const step = ++this.#step;
    this.#writeAdam(step, adam);
    const encoder = this.#learn(batch, adam.clipNorm);
    const report = this.#readBack.copy(encoder, this.#buffers.report);
    this.#device.queue.submit([encoder.finish()]);
    this.#readBack.send();
    return this.#told(step, await report);
  }

  /** Takes a batch through a training step. What is in the encoder that comes back has yet to be submitted. */
  #learn(batch: Batch, clipNorm: number): GPUCommandEncoder {
    const learn = (part: Part, passes: readonly Pass[]) => {
      const encoder = this.#beginLearning(part, batch, clipNorm);
      this.#encode(encoder, part.batch, passes);
      this.#states.keep(encoder, part, 'carriedState');
      return encoder;
    };
    const whole: Part = { batch, first: 0 };
    if (!this.#inParts) return learn(whole, trainingPasses);
    for (const part of this.#partsOf(batch)) this.#device.queue.submit([learn(part, passesOfPart).finish()]);
    this.#tellKernels(whole, scaleOf(batch), clipNorm);
    const encoder = this.#device.createCommandEncoder();
    this.#encode(encoder, batch, passesOfAll);
    return encoder;
  }

  async evaluate(batch: Batch): Promise<number> {
    assertBatch(batch, this.model, { rows: this.capacity.rows, timesteps: batch.timesteps });
    return this.#ask(() => this.#evaluate(batch));
  }

  async #evaluate(batch: Batch): Promise<number> {
    const { rows, timesteps } = batch;
    const losses = this.#readBack.staging(rows * timesteps);
    let place = 0;
    for (const { batch: part, first } of this.#partsOf(batch)) {
      for (let t = 0; t < timesteps; t += this.capacity.timesteps) {
        const end = Math.min(t + this.capacity.timesteps, timesteps);
        const initialState = t === 0 ? part.initialState : 'carried';
        const piece: Part = { batch: { ...timestepsOf(part, this.model, t, end), initialState }, first };
        const encoder = this.#begin(piece, t === 0 ? 'carriedState' : 'evaluatedState');
        this.#encode(encoder, piece.batch, ['forward', 'output']);
        this.#states.keep(encoder, piece, 'evaluatedState');
        const [before, places] = [first * (end - t), part.rows * (end - t)];
        encoder.copyBufferToBuffer(this.#buffers.losses, before * 4, losses, place * 4, places * 4);
        place += places;
        this.#device.queue.submit([encoder.finish()]);
      }
    }
    return sum(await this.#readBack.take(losses)) / countedPlaces(batch);
  }

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    assertPrimes(primes, this.model, sampling.temperature);
    if (primes.length === 0 || length === 0) return primes.map(() => new Uint32Array(0));
    return this.#ask(async () => {
      const { staging, isSound } = this.#generator!.run(this.#buffers.parameters, primes, length, sampling);
      await isSound;
      const generated = new Uint32Array((await this.#readBack.take(staging)).buffer);
      return primes.map((_, row) => generated.slice(row * length, (row + 1) * length));
    });
  }

  read(): Promise<TrainingState> {
    return this.#ask(() => this.#read());
  }

  async #read(): Promise<TrainingState> {
    const step = this.#step;
    const H = this.#plan.network.padded.hiddenSize;
    const [parameters, m, v, averaged, carried] = await Promise.all([
      this.#readFlat(this.#buffers.parameters),
      this.#readFlat(this.#buffers.m),
      this.#readFlat(this.#buffers.v),
      this.capacity.withAverages ? this.#readFlat(this.#buffers.averaged) : undefined,
      this.#readBack.read(this.#buffers.carriedState, 0, this.#states.count * this.capacity.rows * H),
    ]);
    const carriedState = resizeRows(carried, H, this.model.hiddenSize);
    return { step, parameters, m, v, ...(averaged && { averaged }), carriedState };
  }

  write(state: TrainingState): void {
    assertTrainingState(state, this.model, this.capacity);
    const { step, parameters, m, v, averaged = parameters, carriedState } = state;
    const { layout, padded } = this.#plan.network;
    const flats = { parameters, m, v, ...(this.capacity.withAverages && { averaged }) };
    for (const [name, flat] of Object.entries(flats) as [keyof typeof flats, Float32Array][]) {
      const relaid = relayout(this.#layout, flat, layout, new Float32Array(layout.length));
      this.#device.queue.writeBuffer(this.#buffers[name], 0, relaid);
    }
    this.#step = step;
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(this.#buffers.report);
    this.#device.queue.submit([encoder.finish()]);
    const carried = resizeRows(carriedState, this.model.hiddenSize, padded.hiddenSize);
    this.#device.queue.writeBuffer(this.#buffers.carriedState, 0, carried);
  }

  /** Uploads a batch, and hands out the dispatches of a training step over it, ready to be encoded and timed. */
  ready(batch: Batch, adam: AdamSettings): readonly ReadyDispatch[] {
    assertBatch(batch, this.model, onePart(this.capacity));
    const encoder = this.#beginLearning({ batch, first: 0 }, batch, adam.clipNorm);
    this.#device.queue.submit([encoder.finish()]);
    this.#writeAdam(1, adam);
    const ready = trainingPasses.flatMap((pass) =>
      this.#passes[pass].map(({ pipeline, bindings, workgroups }, i) => {
        const { kernel, constants, work } = this.#plan.passes[pass][i]!;
        return { kernel, constants, pipeline, bindings, workgroups: workgroups(batch), work: work(batch) };
      }),
    );
    return ready.filter(({ workgroups }) => workgroups[0] > 0);
  }

  close(): void {
    this.#readBack.close();
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
  }

  /**
   * Asks the device for something.
   *
   * @throws DeviceLostError if it fails because the device is lost
   * @throws Error saying that the session was closed, if it was in the midst of it
   */
  async #ask<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      if (!this.#readBack.closed) return await act();
    } catch (error) {
      if (!this.#readBack.closed) throw await explained(this.#device, error);
    }
    throw new Error('The session was closed.');
  }

  /** Whether a batch's rows may have to be taken in parts. */
  get #inParts(): boolean {
    return rowsAtOnce(this.capacity) < this.capacity.rows;
  }

  #partsOf(batch: Batch): readonly Part[] {
    return partsOf(batch, this.model, rowsAtOnce(this.capacity));
  }

  /** Uploads a part of a batch for the whole way there and back, and begins; the first of several with gradients of 0. */
  #beginLearning(part: Part, whole: Batch, clipNorm = unclipped): GPUCommandEncoder {
    this.#uploadPlaces(part.batch);
    const encoder = this.#begin(part, 'carriedState', { clipNorm, scale: scaleOf(whole), dropout: whole.dropout });
    if (this.#inParts && part.first === 0) {
      encoder.clearBuffer(this.#passes.sum.length > 0 ? this.#buffers.partials : this.#buffers.gradients);
    }
    return encoder;
  }

  /** Tells the kernels of what their batch is. */
  #tellKernels({ batch: { rows, timesteps }, first }: Part, scale: number, clipNorm: number): void {
    new Uint32Array(this.#batch).set([rows, timesteps]);
    new Float32Array(this.#batch).set([scale, Math.min(clipNorm, unclipped)], 2);
    new Uint32Array(this.#batch).set([first], 4);
    this.#device.queue.writeBuffer(this.#buffers.batch, 0, this.#batch);
  }

  /** Uploads a part of a batch, and begins with the states it starts from. */
  #begin(
    part: Part,
    carried: Kept,
    { clipNorm = unclipped, scale = 1, wanting = 'targets', dropout }: Beginning = {},
  ): GPUCommandEncoder {
    const { batch } = part;
    const { rows, timesteps, inputs, targets, lengths } = batch;
    const { queue } = this.#device;
    const places = rows * timesteps;
    const nothing = wanting === 'nothing';
    this.#tellKernels(part, scale, clipNorm);
    if (inputs instanceof Uint32Array) queue.writeBuffer(this.#buffers.tokens, 0, inputs);
    else {
      const I = this.#plan.network.padded.inputSize;
      const padded = this.#vectors.subarray(0, places * I);
      queue.writeBuffer(this.#buffers.vectors, 0, resizeRows(inputs, this.model.inputSize, I, padded));
    }
    const vectors = targetsOf(this.model) === 'vectors';
    const none = () => new Uint32Array(places).fill(vectors ? 0 : noSymbol);
    queue.writeBuffer(this.#buffers.targets, 0, nothing ? none() : markedTargets(batch));
    if (vectors) {
      queue.writeBuffer(this.#buffers.targetVectors, 0, nothing ? new Float32Array(targets.length) : targets);
    }
    if (lengths !== undefined || !this.#endless) {
      queue.writeBuffer(this.#buffers.lengths, 0, lengths ?? new Uint32Array(rowsAtOnce(this.capacity)).fill(endless));
      this.#endless = lengths === undefined;
    }
    if (this.#plan.network.withDropout) queue.writeBuffer(this.#buffers.dropout, 0, maskTable(this.model, dropout));
    const encoder = this.#device.createCommandEncoder();
    this.#states.begin(encoder, part, carried);
    return encoder;
  }

  /** What the backward pass needs besides, where symbols go in. */
  #uploadPlaces({ inputs }: Batch): void {
    if (!(inputs instanceof Uint32Array)) return;
    const { queue } = this.#device;
    this.#places.sort(inputs);
    queue.writeBuffer(this.#buffers.places, 0, this.#places.places, 0, inputs.length);
    queue.writeBuffer(this.#buffers.starts, 0, this.#places.starts);
  }

  #encode(encoder: GPUCommandEncoder, batch: Batch, passes: readonly Pass[]): void {
    const pass = encoder.beginComputePass();
    for (const name of passes) {
      for (const { pipeline, bindings, workgroups } of this.#passes[name]) {
        const counts = workgroups(batch);
        // Timesteps that a batch has not.
        if (counts[0] === 0) continue;
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(...counts);
      }
    }
    pass.end();
  }

  #writeAdam(step: number, settings: AdamSettings): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay = 0, averaging = 0 } = settings;
    this.#adam.set([
      learningRate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
      learningRate * weightDecay,
      averaging,
    ]);
    this.#device.queue.writeBuffer(this.#buffers.adam, 0, this.#adam);
  }

  /** Puts the averaged parameters in the parameters' place, and these in theirs. */
  #exchangeAverages(): void {
    if (this.#readBack.closed) return;
    // Nobody needs the gradients between two calls.
    const { parameters, averaged, gradients: spare } = this.#buffers;
    const encoder = this.#device.createCommandEncoder();
    for (const [from, to] of [
      [parameters, spare],
      [averaged, parameters],
      [spare, averaged],
    ] as const) {
      encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
    }
    this.#device.queue.submit([encoder.finish()]);
  }

  /** What a report says. */
  #told(step: number, report: Float32Array): StepReport {
    const [loss, gradientNorm, , halted, ...squares] = report;
    const told = { step, loss: loss!, gradientNorm: gradientNorm! };
    if (halted === 0) return told;
    const tensors = parameterNames(this.model).filter((_, i) => !Number.isFinite(squares[i]));
    return { ...told, notFinite: Number.isFinite(loss) ? tensors : ['loss', ...tensors] };
  }

  async #readFlat(buffer: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    const padded = await this.#readBack.read(buffer, 0, this.#plan.network.layout.length);
    return relayout(this.#plan.network.layout, padded, this.#layout, new Float32Array(this.#layout.length));
  }
}

/** What becomes of a batch besides. */
interface Beginning {
  readonly clipNorm?: number;
  /** With what ∂loss is multiplied: see `scaleOf`. */
  readonly scale?: number;
  /**
   * Nothing: then ∂logits are what comes out, as those of log Σ exp are the softmax, those of log(1 + eᵃ) are σ(a), and those
   * of ½ a² are a.
   */
  readonly wanting?: 'targets' | 'nothing';
  /** What is left out, if anything. */
  readonly dropout?: Dropout | undefined;
}

/** A target that counts, and is no network's symbol. */
const noSymbol = 0xfffffffe;

/** More timesteps than any sequence has. */
const endless = 0xffffffff;

/** Longer than any gradient, and so no clip; yet finite when it is divided by a short one. */
const unclipped = 1e30;

/** What makes of a sum of losses the mean over the places of a batch that count. */
const scaleOf = (batch: Batch): number => 1 / countedPlaces(batch);

/** Arrays one behind the other. */
function joined(arrays: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(arrays.reduce((length, array) => length + array.length, 0));
  let place = 0;
  for (const array of arrays) {
    all.set(array, place);
    place += array.length;
  }
  return all;
}

const sum = (numbers: Float32Array): number => numbers.reduce((total, x) => total + x, 0);
