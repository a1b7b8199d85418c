import { describeCell, statesOf, tracedGates } from '../../model/cells/cells.ts';
import type { ModelConfiguration } from '../../model/configuration.ts';
import { isLearned, layerSuffix, parameterLayout, parameterViews } from '../../model/parameters.ts';
import { withOtherParameters } from '../averages.ts';
import { assertBatch, assertPrimes, countedPlaces, isCounted } from '../batch.ts';
import type {
  AdamSettings,
  Batch,
  Capacity,
  Dropout,
  Engine,
  Gradients,
  Network,
  Sampling,
  Session,
  StepReport,
  Trace,
  TrainingState,
} from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { assertTrainingState } from '../training-state.ts';
import { adam, globalNorm } from './adam.ts';
import type { States } from './cells/cell.ts';
import { masksOf } from './dropout.ts';
import { logits, outputs, scores } from './output.ts';
import { sample } from './sampling.ts';
import { backward, forward, layersOf, outputLayer, type Sequence, step, zeroStates } from './sequence.ts';
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

/** A gradient at each timestep: its name, and `[T][B][H]`, or `[T + 1][B][H]` by states. */
export type TimestepGradient = readonly [name: string, values: Float64Array<ArrayBuffer>];

/** A session that tells what no other does: the gradients at each timestep. */
export class ReferenceSession implements Session {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  readonly cost;
  readonly stepsInFlight = 1;
  readonly #layout;
  readonly #flat: Vector;
  readonly #m: Vector;
  readonly #v: Vector;
  readonly #averaged: Vector | undefined;
  readonly averaged?: Network;
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
    if (capacity.withAverages) {
      const averaged = zeros(this.#layout.length);
      this.#averaged = averaged;
      this.averaged = withOtherParameters(this, () => exchange(this.#flat, averaged));
    }
    this.#parameters = parameterViews(this.#layout, this.#flat);
    this.#carried = zeros(statesOf(model).length * capacity.rows * model.hiddenSize);
    this.write(initialState(model, capacity, 0));
    this.cost = { dispatches: 0, bytes: (this.#averaged ? 4 : 3) * this.#flat.byteLength + this.#carried.byteLength };
  }

  async gradients(batch: Batch): Promise<Gradients> {
    const { loss, flat, finalState, stateGradients } = this.#gradients(batch);
    return { loss, flat, finalState, stateGradients };
  }

  /**
   * ∂loss at each timestep of each layer: by its states before each timestep and after the last, `dh` and maybe `dc`,
   * `[T + 1][B][H]`; and by what stands between them, such as `da_z`, `[T][B][H]`, 0 beyond a row's end. Further layers have the
   * suffix of their parameters.
   */
  async timestepGradients(batch: Batch): Promise<readonly TimestepGradient[]> {
    const { inner, stateGradients } = this.#gradients(batch);
    const { rows: B, timesteps: T } = batch;
    const H = this.model.hiddenSize;
    const ofStates = statesOf(this.model).map(({ name, layer }, s): TimestepGradient => {
      const size = (T + 1) * B * H;
      return [`d${name}${layerSuffix(layer)}`, Float64Array.from(stateGradients.subarray(s * size, (s + 1) * size))];
    });
    const between = Array.from({ length: this.model.layers }, (_, layer) =>
      Object.keys(inner.flat()[0]?.[layer] ?? {}).map((name): TimestepGradient => {
        const at = (t: number, b: number) => inner[b]![t]?.[layer]?.[name] ?? zeros(H);
        return [
          name + layerSuffix(layer),
          concatenate(Array.from({ length: T * B }, (_, i) => at(Math.floor(i / B), i % B))),
        ];
      }),
    );
    return [...ofStates, ...between.flat()];
  }

  async step(batch: Batch, settings: AdamSettings): Promise<StepReport> {
    const { loss, flat: gradient, finalState } = this.#gradients(batch);
    this.#keep(finalState, batch.rows);
    for (const place of this.#layout.places) {
      if (!isLearned(this.model, place)) gradient.fill(0, place.offset, place.offset + place.length);
    }
    const report = { step: ++this.#step, loss, gradientNorm: globalNorm(gradient) };
    const notFinite = Number.isFinite(loss) ? [] : ['loss'];
    for (const { name, offset, length } of this.#layout.places) {
      if (!gradient.subarray(offset, offset + length).every(Number.isFinite)) notFinite.push(name);
    }
    this.#halted ||= notFinite.length > 0;
    if (notFinite.length > 0) return { ...report, notFinite };
    if (!this.#halted) {
      const moved = { parameters: this.#flat, m: this.#m, v: this.#v, averaged: this.#averaged };
      adam(this.#layout, moved, gradient, this.#step, settings);
    }
    return report;
  }

  async evaluate(batch: Batch): Promise<number> {
    assertBatch(batch, this.model, { ...this.capacity, timesteps: batch.timesteps });
    return this.#rows(batch).reduce((total, { loss }) => total + loss, 0) / countedPlaces(batch);
  }

  async trace(batch: Batch): Promise<Trace> {
    assertBatch(batch, this.model, this.capacity);
    const rows = this.#rows(batch);
    const { cell, layers, hiddenSize: H } = this.model;
    const { timesteps: T, rows: B } = batch;
    type Row = (typeof rows)[number];
    /** One vector for each of `count` timesteps of each row, as `[count][B][…]`. */
    const gather = (count: number, of: (row: Row, t: number) => Vector) =>
      concatenate(Array.from({ length: count * B }, (_, i) => of(rows[i % B]!, Math.floor(i / B))));
    const statesAt = ({ timesteps, final }: Row, t: number, layer: number) =>
      t < timesteps.length ? timesteps[t]![layer]!.before : final[layer]!;
    const layer = (layer: number) => ({
      states: byName(describeCell(cell).states, (_, i) => gather(T + 1, (row, t) => statesAt(row, t, layer)[i]!)),
      gates: byName(
        tracedGates(cell).map(({ letter }) => letter),
        (letter) => gather(T, ({ timesteps }, t) => timesteps[t]?.[layer]?.gates[letter] ?? zeros(H)),
      ),
    });
    const output = outputLayer(this.model, this.#parameters);
    // Beyond a row's end is what would come out of the state in which it ended.
    const logitsAt = (row: Row, t: number) => row.logits[t] ?? logits(output, row.final.at(-1)![0]);
    return {
      layers: Array.from({ length: layers }, (_, index) => layer(index)),
      outputs: gather(T, (row, t) => outputs(this.model, logitsAt(row, t))),
    };
  }

  async generate(primes: readonly Uint32Array[], length: number, sampling: Sampling) {
    assertPrimes(primes, this.model, sampling.temperature);
    const layers = layersOf(this.model, this.#parameters);
    const output = outputLayer(this.model, this.#parameters);
    const masks = masksOf(this.model, undefined, 0);
    return primes.map((prime, sequence) => {
      let states: readonly States[] = zeroStates(this.model);
      const read = (x: number) => {
        states = step(this.model, layers, x, states, (layer) => masks(0, layer)).map(({ after }) => after);
      };
      prime.forEach(read);
      const generated = new Uint32Array(length);
      for (let i = 0; i < length; i++) {
        generated[i] = sample(scores(this.model, logits(output, states.at(-1)![0])), sampling, sequence, i);
        read(generated[i]!);
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
      ...(this.#averaged && { averaged: Float32Array.from(this.#averaged) }),
      carriedState: Float32Array.from(this.#carried),
    };
  }

  write(state: TrainingState): void {
    assertTrainingState(state, this.model, this.capacity);
    const { step, parameters, m, v, averaged = parameters, carriedState } = state;
    this.#flat.set(parameters);
    this.#m.set(m);
    this.#v.set(v);
    this.#averaged?.set(averaged);
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
    const S = statesOf(this.model).length;
    const finalState = zeros(S * B * H);
    const stateGradients = zeros(S * (T + 1) * B * H);
    const inners: ReturnType<typeof backward>['inner'][] = [];
    let loss = 0;
    for (const [b, row] of this.#rows(batch, batch.dropout).entries()) {
      loss += scale * row.loss;
      for (const [s, state] of flatten(row.final).entries()) finalState.set(state, (s * B + b) * H);
      const { byState, inner } = backward(this.model, this.#parameters, row, row, scale, gradients);
      inners.push(inner);
      for (const [t, g] of byState.entries()) {
        for (const [s, state] of flatten(g).entries()) stateGradients.set(state, ((s * (T + 1) + t) * B + b) * H);
      }
    }
    return { loss, flat, finalState, stateGradients, inner: inners };
  }

  /** Each row of a batch, run forward alone. */
  #rows(batch: Batch, dropout?: Dropout) {
    const { rows, timesteps, lengths } = batch;
    const { inputSize, outputSize } = this.model;
    return Array.from({ length: rows }, (_, b) => {
      const length = lengths?.[b] ?? timesteps;
      const targets = column(batch.targets, outputSize, b, rows).slice(0, length);
      const sequence: Sequence = {
        inputs: column(batch.inputs, inputSize, b, rows).slice(0, length),
        targets: targets.map((target, t) => (isCounted(batch, t, b) ? target : undefined)),
        masks: masksOf(this.model, dropout, b),
      };
      return { ...sequence, ...forward(this.model, this.#parameters, sequence, this.#initial(batch, b)) };
    });
  }

  /** The states of each layer that row b starts from. */
  #initial({ rows, initialState }: Batch, b: number): States[] {
    if (initialState === 'zero') return zeroStates(this.model);
    const { cell, layers, hiddenSize: H } = this.model;
    const given = initialState === 'carried' ? this.#carried : initialState;
    // What is carried lies as far apart as the session's largest batch has rows.
    const B = initialState === 'carried' ? this.capacity.rows : rows;
    const names = describeCell(cell).states;
    const at = (s: number) => Float64Array.from(given.subarray((s * B + b) * H, (s * B + b + 1) * H));
    return Array.from(
      { length: layers },
      (_, layer) => names.map((_, i) => at(layer * names.length + i)) as unknown as States,
    );
  }

  /** Keeps the final states `[S][rows][H]` of a step. */
  #keep(finalState: Vector, rows: number): void {
    const size = rows * this.model.hiddenSize;
    for (let s = 0; s < statesOf(this.model).length; s++) {
      const state = finalState.subarray(s * size, (s + 1) * size);
      this.#carried.set(state, s * this.capacity.rows * this.model.hiddenSize);
    }
  }
}

/** Puts the content of each into the other. */
function exchange(one: Vector, other: Vector): void {
  const kept = one.slice();
  one.set(other);
  other.set(kept);
}

const flatten = (states: readonly States[]): Vector[] =>
  states.flatMap((layer) => layer.flatMap((state) => state ?? []));

const byName = <Value>(names: readonly string[], value: (name: string, index: number) => Value) =>
  Object.fromEntries(names.map((name, i) => [name, value(name, i)]));

/** One row of a batch's inputs or targets, at each timestep: symbols, or vectors of `size` elements. */
function column(values: Batch['inputs'], size: number, row: number, rows: number): Input[] {
  if (values instanceof Uint32Array) return Array.from(values).filter((_, i) => i % rows === row);
  const timesteps = values.length / (rows * size);
  return Array.from({ length: timesteps }, (_, t) => {
    const start = (t * rows + row) * size;
    return Float64Array.from(values.subarray(start, start + size));
  });
}

function concatenate(vectors: readonly Vector[]): Float64Array<ArrayBuffer> {
  const all = new Float64Array(vectors.reduce((length, vector) => length + vector.length, 0));
  let place = 0;
  for (const vector of vectors) {
    all.set(vector, place);
    place += vector.length;
  }
  return all;
}
