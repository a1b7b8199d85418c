import type { ModelConfiguration } from '../../model/configuration.ts';
import { parameterLayout, parameterViews } from '../../model/parameters.ts';
import { assertBatch, assertPrimes, countedPlaces } from '../batch.ts';
import type {
  AdamSettings,
  Batch,
  Capacity,
  Engine,
  Gradients,
  Sampling,
  Session,
  StepReport,
  Trace,
  TrainingState,
} from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { assertTrainingState } from '../training-state.ts';
import { adam, globalNorm } from './adam.ts';
import { logits, probabilities, scores } from './output.ts';
import { sample } from './sampling.ts';
import { backward, forward, outputLayer, step } from './sequence.ts';
import { type Input, type Vector, zeros } from './vectors.ts';

/** The oracle and the textbook: float64, one sequence after the other, never fast. */
export class ReferenceEngine implements Engine {
  readonly name = 'reference';
  readonly device = 'float64 in JavaScript';
  readonly software = true;
  readonly lost = new Promise<string>(() => {});

  async open(model: ModelConfiguration, capacity: Capacity): Promise<Session> {
    return new ReferenceSession(model, capacity);
  }

  close(): void {}
}

class ReferenceSession implements Session {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  readonly cost;
  readonly stepsInFlight = 1;
  readonly #layout;
  readonly #flat: Vector;
  readonly #m: Vector;
  readonly #v: Vector;
  readonly #parameters;
  #step = 0;
  #halted = false;
  readonly #carried: Vector;

  constructor(model: ModelConfiguration, capacity: Capacity) {
    this.model = model;
    this.capacity = capacity;
    this.#layout = parameterLayout(model);
    this.#flat = zeros(this.#layout.length);
    this.#m = zeros(this.#layout.length);
    this.#v = zeros(this.#layout.length);
    this.#parameters = parameterViews(this.#layout, this.#flat);
    this.#carried = zeros(capacity.rows * model.hiddenSize);
    this.write(initialState(model, capacity, 0));
    this.cost = { dispatches: 0, bytes: 3 * this.#flat.byteLength + this.#carried.byteLength };
  }

  async gradients(batch: Batch): Promise<Gradients> {
    return this.#gradients(batch);
  }

  async step(batch: Batch, settings: AdamSettings): Promise<StepReport> {
    const { loss, flat: gradient, finalState } = this.#gradients(batch);
    this.#carried.set(finalState);
    const report = { step: ++this.#step, loss, gradientNorm: globalNorm(gradient) };
    const notFinite = Number.isFinite(loss) ? [] : ['loss'];
    for (const { name, offset, length } of this.#layout.places) {
      if (!gradient.subarray(offset, offset + length).every(Number.isFinite)) notFinite.push(name);
    }
    this.#halted ||= notFinite.length > 0;
    if (notFinite.length > 0) return { ...report, notFinite };
    if (!this.#halted) adam(this.#flat, this.#m, this.#v, gradient, this.#step, settings);
    return report;
  }

  async evaluate(batch: Batch): Promise<number> {
    assertBatch(batch, this.model, { ...this.capacity, timesteps: batch.timesteps });
    return this.#rows(batch).reduce((total, { loss }) => total + loss, 0) / countedPlaces(batch);
  }

  async trace(batch: Batch): Promise<Trace> {
    assertBatch(batch, this.model, this.capacity);
    const rows = this.#rows(batch);
    const { timesteps: T, rows: B } = batch;
    /** One vector for each of `count` timesteps of each row, as `[count][B][…]`. */
    const gather = (count: number, of: (row: (typeof rows)[number], t: number) => Vector) =>
      concatenate(Array.from({ length: count * B }, (_, i) => of(rows[i % B]!, Math.floor(i / B))));
    const gate = (name: 'z' | 'r' | 'c') => gather(T, ({ timesteps }, t) => timesteps[t]![name]!);
    return {
      states: gather(T + 1, ({ timesteps }, t) => (t < T ? timesteps[t]!.h : timesteps[t - 1]!.next)),
      gates: this.model.cell === 'gru' ? { z: gate('z'), r: gate('r'), c: gate('c') } : {},
      outputs: gather(T, ({ logits }, t) => probabilities(this.model, logits[t]!)),
    };
  }

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    assertPrimes(primes, this.model, sampling.temperature);
    const layer = outputLayer(this.model, this.#parameters);
    return primes.map((prime, sequence) => {
      let h = zeros(this.model.hiddenSize);
      for (const x of prime) h = step(this.model, this.#parameters, x, h).next;
      const generated = new Uint32Array(length);
      for (let i = 0; i < length; i++) {
        const x = sample(scores(this.model, logits(layer, h)), sampling, sequence, i);
        generated[i] = x;
        h = step(this.model, this.#parameters, x, h).next;
      }
      return generated;
    });
  }

  async read(): Promise<TrainingState> {
    return {
      step: this.#step,
      parameters: Float32Array.from(this.#flat),
      m: Float32Array.from(this.#m),
      v: Float32Array.from(this.#v),
      carriedState: Float32Array.from(this.#carried),
    };
  }

  write(state: TrainingState): void {
    assertTrainingState(state, this.model, this.capacity);
    const { step, parameters, m, v, carriedState } = state;
    this.#flat.set(parameters);
    this.#m.set(m);
    this.#v.set(v);
    this.#step = step;
    this.#halted = false;
    this.#carried.set(carriedState);
  }

  close(): void {}

  #gradients(batch: Batch) {
    assertBatch(batch, this.model, this.capacity);
    const { rows: B, timesteps: T } = batch;
    const H = this.model.hiddenSize;
    const scale = 1 / countedPlaces(batch);
    const flat = zeros(this.#layout.length);
    const gradients = parameterViews(this.#layout, flat);
    const finalState = zeros(B * H);
    const stateGradients = zeros((T + 1) * B * H);
    let loss = 0;
    for (const [b, row] of this.#rows(batch).entries()) {
      loss += scale * row.loss;
      finalState.set(row.timesteps.at(-1)!.next, b * H);
      const byState = backward(this.model, this.#parameters, row, row, scale, gradients);
      for (const [t, g] of byState.entries()) stateGradients.set(g, (t * B + b) * H);
    }
    return { loss, flat, finalState, stateGradients };
  }

  /** Each row of a batch, run forward alone. */
  #rows({ rows, initialState, countFrom = 0, ...batch }: Batch) {
    const { hiddenSize: H, inputSize, outputSize } = this.model;
    const initial = { zero: zeros(rows * H), carried: this.#carried };
    const states = typeof initialState === 'string' ? initial[initialState] : initialState;
    return Array.from({ length: rows }, (_, b) => {
      const inputs = column(batch.inputs, inputSize, b, rows);
      const targets = column(batch.targets, outputSize, b, rows);
      const h = Float64Array.from(states.subarray(b * H, (b + 1) * H));
      return {
        inputs,
        targets,
        countFrom,
        ...forward(this.model, this.#parameters, { inputs, targets, countFrom }, h),
      };
    });
  }
}

/** One row of a batch's inputs or targets, at each timestep: symbols, or vectors of `size` elements. */
function column(values: Batch['inputs'], size: number, row: number, rows: number): Input[] {
  if (values instanceof Uint32Array) return Array.from(values).filter((_, i) => i % rows === row);
  const timesteps = values.length / (rows * size);
  return Array.from({ length: timesteps }, (_, t) => {
    const start = (t * rows + row) * size;
    return Float64Array.from(values.subarray(start, start + size));
  });
}

function concatenate(vectors: readonly Vector[]): Vector {
  const all = zeros(vectors.reduce((length, vector) => length + vector.length, 0));
  let place = 0;
  for (const vector of vectors) {
    all.set(vector, place);
    place += vector.length;
  }
  return all;
}
