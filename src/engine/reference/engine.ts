import type { ModelConfiguration } from '../../model/configuration.ts';
import { parameterLayout, parameterViews } from '../../model/parameters.ts';
import { assertBatch, assertPrimes } from '../batch.ts';
import type {
  AdamSettings,
  Batch,
  Capacity,
  Engine,
  Gradients,
  Sampling,
  Session,
  StepReport,
  TrainingState,
} from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { adam, globalNorm } from './adam.ts';
import { backward, forward, output, step } from './gru.ts';
import { sample } from './sampling.ts';
import { type Vector, zeros } from './vectors.ts';

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
    return this.#rows(batch).reduce((total, { loss }) => total + loss, 0) / (batch.rows * batch.timesteps);
  }

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    assertPrimes(primes, this.model, sampling.temperature);
    return primes.map((prime, sequence) => {
      let h = zeros(this.model.hiddenSize);
      for (const x of prime) h = step(this.#parameters, x, h).next;
      const generated = new Uint32Array(length);
      for (let i = 0; i < length; i++) {
        const x = sample(output(this.#parameters, h), sampling, sequence, i);
        generated[i] = x;
        h = step(this.#parameters, x, h).next;
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

  write({ step, parameters, m, v, carriedState }: TrainingState): void {
    if ([parameters, m, v].some(({ length }) => length !== this.#layout.length)) {
      throw new RangeError(`This network has ${this.#layout.length} parameters; the state is of another.`);
    }
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
    const scale = 1 / (batch.rows * batch.timesteps);
    const flat = zeros(this.#layout.length);
    const gradients = parameterViews(this.#layout, flat);
    const finalState = zeros(batch.rows * this.model.hiddenSize);
    let loss = 0;
    for (const [b, { tokens, targets, ...sequence }] of this.#rows(batch).entries()) {
      loss += scale * sequence.loss;
      finalState.set(sequence.timesteps.at(-1)!.next, b * this.model.hiddenSize);
      backward(this.#parameters, tokens, targets, sequence, scale, gradients);
    }
    return { loss, flat, finalState };
  }

  /** Each row of a batch, run forward alone. */
  #rows(batch: Batch) {
    const H = this.model.hiddenSize;
    const initial = { zero: zeros(batch.rows * H), carried: this.#carried };
    const states = typeof batch.initialState === 'string' ? initial[batch.initialState] : batch.initialState;
    const column = (ids: Uint32Array, b: number) => Array.from(ids).filter((_, i) => i % batch.rows === b);
    return Array.from({ length: batch.rows }, (_, b) => {
      const tokens = column(batch.tokens, b);
      const targets = column(batch.targets, b);
      const h = Float64Array.from(states.subarray(b * H, (b + 1) * H));
      return { tokens, targets, ...forward(this.#parameters, tokens, targets, h) };
    });
  }
}
