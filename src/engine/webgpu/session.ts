import type { ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, parameterLayout, parameterNames } from '../../model/parameters.ts';
import { assertBatch, assertPrimes, countedPlaces, timestepsOf } from '../batch.ts';
import type {
  AdamSettings,
  Batch,
  Capacity,
  Gradients,
  Sampling,
  Session,
  StepCost,
  StepReport,
  Trace,
  TrainingState,
} from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { relayout, resizeRows } from '../padding.ts';
import { assertTrainingState } from '../training-state.ts';
import { allocate, type BufferName } from './buffers.ts';
import { Generator } from './generate.ts';
import { compile } from './kernels.ts';
import { limitsOf } from './limits.ts';
import { Places } from './places.ts';
import { type Dispatch, type Pass, type Plan, passNames, plan, trainingPasses } from './plan.ts';
import type { ReadyDispatch } from './profile.ts';
import { ReadBack, slots } from './read-back.ts';
import { defaultTuning, type Tuning, writeTuning } from './tuning.ts';

/** A dispatch that is ready to be encoded. */
interface Prepared {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly workgroups: Dispatch['workgroups'];
}

/**
 * Opens a session on a device: plans it, allocates all its buffers, compiles all its kernels.
 *
 * @param tuning how a step is cut up for the device; by default as `defaultTuning` thinks best
 */
export async function openSession(
  device: GPUDevice,
  model: ModelConfiguration,
  capacity: Capacity,
  tuning = defaultTuning(model, capacity, limitsOf(device)),
): Promise<WebGPUSession> {
  const planned = plan(model, capacity, limitsOf(device), tuning);
  const buffers = await allocate(device, planned.buffers);
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Dispatches that differ only in what they are bound to share a pipeline. */
  const compileOnce = (dispatch: Dispatch) => {
    const { kernel, constants, subgroups } = dispatch;
    const key = JSON.stringify([kernel, constants, subgroups]);
    const pipeline = pipelines.get(key) ?? compile(device, dispatch);
    pipelines.set(key, pipeline);
    return pipeline;
  };
  const prepare = async (dispatch: Dispatch): Promise<Prepared> => {
    const { bindings, workgroups } = dispatch;
    const pipeline = await compileOnce(dispatch);
    const entries = bindings.map(({ buffer, offset = 0, size = planned.buffers[buffer] }, binding) => ({
      binding,
      resource: { buffer: buffers[buffer], offset, size },
    }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { pipeline, bindings: group, workgroups };
  };
  const prepareAll = async (name: Pass) => [name, await Promise.all(planned.passes[name].map(prepare))] as const;
  try {
    const [passes, generator] = await Promise.all([
      Promise.all(passNames.map(prepareAll)),
      model.inputs === 'symbols' ? Generator.compile(device, model, planned) : undefined,
    ]);
    const prepared = Object.fromEntries(passes) as Record<Pass, Prepared[]>;
    return new WebGPUSession(device, model, capacity, tuning, planned, buffers, prepared, generator);
  } catch (error) {
    for (const buffer of Object.values(buffers)) buffer.destroy();
    throw error;
  }
}

/** One network on a GPU. */
export class WebGPUSession implements Session {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  readonly tuning: string;
  readonly cost: StepCost;
  readonly stepsInFlight = slots;
  readonly #device: GPUDevice;
  readonly #plan: Plan;
  readonly #layout: ParameterLayout;
  readonly #buffers: Record<BufferName, GPUBuffer>;
  readonly #readBack: ReadBack;
  readonly #passes: Record<Pass, readonly Prepared[]>;
  /** Where symbols go in. */
  readonly #generator: Generator | undefined;
  readonly #batch = new ArrayBuffer(32);
  readonly #adam = new Float32Array(8);
  readonly #places: Places;
  /** The vectors that go in, padded; empty where symbols do. */
  readonly #vectors: Float32Array<ArrayBuffer>;
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
    const places = capacity.rows * capacity.timesteps;
    this.#places = new Places(places, planned.padded.inputSize);
    this.#vectors = new Float32Array(model.inputs === 'vectors' ? places * planned.padded.inputSize : 0);
    this.cost = {
      dispatches: trainingPasses.reduce((count, pass) => count + passes[pass].length, 0),
      bytes: Object.values(planned.buffers).reduce((total, size) => total + size, slots * planned.buffers.report),
    };
    device.queue.writeBuffer(buffers.tensors, 0, planned.tables.tensors);
    device.queue.writeBuffer(buffers.stretches, 0, planned.tables.stretches);
    if (model.inputs === 'vectors') {
      // Each vector's product with U has a row of its own.
      const own = Uint32Array.from({ length: places }, (_, place) => place);
      device.queue.writeBuffer(buffers.tokens, 0, own);
    }
    this.write(initialState(model, capacity, 0));
  }

  async gradients(batch: Batch): Promise<Gradients> {
    assertBatch(batch, this.model, this.capacity);
    const { rows, timesteps } = batch;
    const encoder = this.#begin(batch, 'carriedState');
    this.#uploadPlaces(batch);
    this.#encode(encoder, batch, ['forward', 'output', 'backward']);
    this.#device.queue.submit([encoder.finish()]);
    const { gradients, losses, states, dstates } = this.#buffers;
    const H = this.#plan.padded.hiddenSize;
    const [flat, perRow, finalState, stateGradients] = await Promise.all([
      this.#readFlat(gradients),
      this.#readBack.read(losses, 0, rows * timesteps),
      this.#readBack.read(states, timesteps * rows * H, rows * H),
      this.#readBack.read(dstates, 0, (timesteps + 1) * rows * H),
    ]);
    const unpadded = (vectors: Float32Array) => resizeRows(vectors, H, this.model.hiddenSize);
    return {
      loss: sum(perRow) / countedPlaces(batch),
      flat,
      finalState: unpadded(finalState),
      stateGradients: unpadded(stateGradients),
    };
  }

  async trace(batch: Batch): Promise<Trace> {
    assertBatch(batch, this.model, this.capacity);
    const { rows, timesteps } = batch;
    const places = rows * timesteps;
    const { inputs, cell, hiddenSize, outputSize } = this.model;
    // Where nothing is wanted, ∂logits of a cross-entropy are the probabilities: those of log Σ exp are the softmax, those
    // of log(1 + eᵃ) are σ(a).
    const targets =
      inputs === 'symbols' ? new Uint32Array(places).fill(noSymbol) : new Float32Array(places * outputSize);
    const encoder = this.#begin({ ...batch, targets, countFrom: 0 }, 'carriedState', { scale: 1 });
    this.#encode(encoder, batch, ['forward', 'probabilities']);
    this.#device.queue.submit([encoder.finish()]);
    const { hiddenSize: H, outputSize: O } = this.#plan.padded;
    const read = async (buffer: GPUBuffer, first: number, rows: number, width: number, size: number) =>
      resizeRows(await this.#readBack.read(buffer, first * width, rows * width), width, size);
    const gate = (index: number) => read(this.#buffers.gates, index * places, places, H, hiddenSize);
    const [states, outputs, ...gates] = await Promise.all([
      read(this.#buffers.states, 0, rows + places, H, hiddenSize),
      read(this.#buffers.dlogits, 0, places, O, outputSize),
      ...(cell === 'gru' ? [gate(0), gate(1), gate(2)] : []),
    ]);
    const [z, r, c] = gates;
    return { states, outputs, gates: z && r && c ? { z, r, c } : {} };
  }

  step(batch: Batch, adam: AdamSettings): Promise<StepReport> {
    assertBatch(batch, this.model, this.capacity);
    const encoder = this.#begin(batch, 'carriedState', { clipNorm: adam.clipNorm });
    const report = this.#readBack.claim();
    if (report === undefined) {
      throw new Error(`${slots} steps are under way already: await the first of them before the next.`);
    }
    const step = ++this.#step;
    this.#uploadPlaces(batch);
    this.#writeAdam(step, adam);
    this.#encode(encoder, batch, trainingPasses);
    this.#keepFinalState(encoder, batch, 'carriedState');
    encoder.copyBufferToBuffer(this.#buffers.report, 0, report, 0, report.size);
    this.#device.queue.submit([encoder.finish()]);
    return this.#receive(step, report);
  }

  async evaluate(batch: Batch): Promise<number> {
    const { rows, timesteps } = batch;
    assertBatch(batch, this.model, { rows: this.capacity.rows, timesteps });
    const losses = this.#readBack.staging(rows * timesteps);
    for (let t = 0; t < timesteps; t += this.capacity.timesteps) {
      const end = Math.min(t + this.capacity.timesteps, timesteps);
      const initialState = t === 0 ? batch.initialState : 'carried';
      const piece: Batch = { ...timestepsOf(batch, this.model, t, end), initialState };
      const encoder = this.#begin(piece, t === 0 ? 'carriedState' : 'evaluatedState');
      this.#encode(encoder, piece, ['forward', 'output']);
      this.#keepFinalState(encoder, piece, 'evaluatedState');
      encoder.copyBufferToBuffer(this.#buffers.losses, 0, losses, t * rows * 4, piece.timesteps * rows * 4);
      this.#device.queue.submit([encoder.finish()]);
    }
    return sum(await this.#readBack.take(losses)) / countedPlaces(batch);
  }

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    assertPrimes(primes, this.model, sampling.temperature);
    if (primes.length === 0 || length === 0) return primes.map(() => new Uint32Array(0));
    const staging = this.#generator!.run(this.#buffers.parameters, primes, length, sampling);
    const generated = new Uint32Array((await this.#readBack.take(staging)).buffer);
    return primes.map((_, row) => generated.slice(row * length, (row + 1) * length));
  }

  async read(): Promise<TrainingState> {
    const step = this.#step;
    const H = this.#plan.padded.hiddenSize;
    const [parameters, m, v, carried] = await Promise.all([
      this.#readFlat(this.#buffers.parameters),
      this.#readFlat(this.#buffers.m),
      this.#readFlat(this.#buffers.v),
      this.#readBack.read(this.#buffers.carriedState, 0, this.capacity.rows * H),
    ]);
    return { step, parameters, m, v, carriedState: resizeRows(carried, H, this.model.hiddenSize) };
  }

  write(state: TrainingState): void {
    assertTrainingState(state, this.model, this.capacity);
    const { step, parameters, m, v, carriedState } = state;
    const { layout, padded } = this.#plan;
    for (const [name, flat] of Object.entries({ parameters, m, v }) as [BufferName, Float32Array][]) {
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
    this.#device.queue.submit([this.#begin(batch, 'carriedState', { clipNorm: adam.clipNorm }).finish()]);
    this.#uploadPlaces(batch);
    this.#writeAdam(1, adam);
    const ready = trainingPasses.flatMap((pass) =>
      this.#passes[pass].map(({ pipeline, bindings, workgroups }, i) => {
        const { kernel, constants } = this.#plan.passes[pass][i]!;
        return { kernel, constants, pipeline, bindings, workgroups: workgroups(batch) };
      }),
    );
    return ready.filter(({ workgroups }) => workgroups[0] > 0);
  }

  close(): void {
    this.#readBack.close();
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
  }

  /** Uploads a batch, and begins with the state it starts from. */
  #begin(
    batch: Batch,
    carried: 'carriedState' | 'evaluatedState',
    { clipNorm = unclipped, scale = 1 / Math.max(1, countedPlaces(batch)) } = {},
  ) {
    const { rows, timesteps, inputs, targets, initialState, countFrom = 0 } = batch;
    const { queue } = this.#device;
    const { inputSize: I, hiddenSize: H } = this.#plan.padded;
    new Uint32Array(this.#batch).set([rows, timesteps]);
    new Float32Array(this.#batch, 8).set([scale, Math.min(clipNorm, unclipped)]);
    new Uint32Array(this.#batch, 16).set([rows * countFrom]);
    queue.writeBuffer(this.#buffers.batch, 0, this.#batch);
    if (inputs instanceof Uint32Array) queue.writeBuffer(this.#buffers.tokens, 0, inputs);
    else {
      const padded = this.#vectors.subarray(0, rows * timesteps * I);
      queue.writeBuffer(this.#buffers.vectors, 0, resizeRows(inputs, this.model.inputSize, I, padded));
    }
    queue.writeBuffer(this.#buffers.targets, 0, targets);

    const encoder = this.#device.createCommandEncoder();
    const size = rows * H * 4;
    if (initialState === 'zero') encoder.clearBuffer(this.#buffers.states, 0, size);
    else if (initialState === 'carried') {
      encoder.copyBufferToBuffer(this.#buffers[carried], 0, this.#buffers.states, 0, size);
    } else queue.writeBuffer(this.#buffers.states, 0, resizeRows(initialState, this.model.hiddenSize, H));
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

  #keepFinalState(encoder: GPUCommandEncoder, { rows, timesteps }: Batch, into: 'carriedState' | 'evaluatedState') {
    const size = rows * this.#plan.padded.hiddenSize * 4;
    encoder.copyBufferToBuffer(this.#buffers.states, timesteps * size, this.#buffers[into], 0, size);
  }

  #writeAdam(step: number, { learningRate, beta1, beta2, epsilon }: AdamSettings): void {
    this.#adam.set([
      learningRate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
    ]);
    this.#device.queue.writeBuffer(this.#buffers.adam, 0, this.#adam);
  }

  async #receive(step: number, report: GPUBuffer): Promise<StepReport> {
    const [loss, gradientNorm, , halted, ...squares] = await this.#readBack.receive(report);
    const told = { step, loss: loss!, gradientNorm: gradientNorm! };
    if (halted === 0) return told;
    const tensors = parameterNames(this.model.cell).filter((_, i) => !Number.isFinite(squares[i]));
    return { ...told, notFinite: Number.isFinite(loss) ? tensors : ['loss', ...tensors] };
  }

  async #readFlat(buffer: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    const padded = await this.#readBack.read(buffer, 0, this.#plan.layout.length);
    return relayout(this.#plan.layout, padded, this.#layout, new Float32Array(this.#layout.length));
  }
}

/** A symbol that no network has. */
const noSymbol = 0xffffffff;

/** Longer than any gradient, and so no clip; yet finite when it is divided by a short one. */
const unclipped = 1e30;

const sum = (numbers: Float32Array): number => numbers.reduce((total, x) => total + x, 0);
