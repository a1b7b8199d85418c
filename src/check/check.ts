/**
 * Whether a machine's engines compute what they should: small random networks of every kind, each gradient by each
 * parameter held against float64, against finite differences, and against the sums of `docs/bptt.md`; of each cell one
 * with dropout. The same on a page and in a terminal: it takes engines, and tells what it finds.
 */

import {
  type AdamSettings,
  type Batch,
  type Capacity,
  dropoutMasks,
  type Engine,
  type EngineName,
  type Session,
  type TrainingState,
} from '../engine/engine.ts';
import { ReferenceEngine } from '../engine/reference/engine.ts';
import { type Cell, cells, type NetworkState, statesOf } from '../model/cells/cells.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { type ParameterName, parameterLayout } from '../model/parameters.ts';
import { type Kind, kinds, randomCase, type Shape, someDropout } from './cases.ts';
import { recurrentSums } from './sums.ts';

/** What a number is compared with, in the order of a table's columns. */
export const yardsticks = ['float64', 'finite differences', 'sum over timesteps', 'after Adam'] as const;
export type Yardstick = (typeof yardsticks)[number];

/** What is compared: the gradient by a parameter or by a start state such as h⁰, the loss, or the final state. */
export type Quantity = ParameterName;

/** One comparison. */
export interface CheckRow {
  readonly engine: EngineName;
  /** What the engine runs on, for a person to read. */
  readonly device: string;
  readonly cell: Cell;
  readonly quantity: Quantity;
  readonly yardstick: Yardstick;
  /** The network and its sizes, for a person to read. */
  readonly case: string;
  /** ‖actual − expected‖ / ‖expected‖; not a number where the engine gave none. */
  readonly error: number;
  /** The largest error that is taken for rounding. */
  readonly bound: number;
  readonly passed: boolean;
  /** In a sentence, why the engine gave no number. */
  readonly problem?: string;
}

/** How far a check has come, with the rows of the case that it has just done. */
export interface CheckProgress {
  readonly done: number;
  readonly total: number;
  readonly rows: readonly CheckRow[];
}

/** The largest errors of an engine in float32, by each yardstick. */
const bounds: Readonly<Record<Yardstick, number>> = {
  float64: 1e-5,
  'finite differences': 1e-5,
  'sum over timesteps': 1e-5,
  'after Adam': 1e-4,
};
/** Those of the reference, which is float64 itself: that it agrees with itself would say nothing. */
const referenceBounds: Readonly<Partial<Record<Yardstick, number>>> = {
  'finite differences': 1e-6,
  'sum over timesteps': 1e-12,
};

/**
 * Of the kinds of a cell every other one meets each: one small enough for finite differences, and one that fills no tile
 * evenly. In the latter the loss counts from a later timestep on, as when only the end of a sequence is asked for.
 */
const shapes: readonly Shape[] = [
  [5, 4, 2, 6],
  [17, 33, 5, 9],
];
const fewEnough = 1000;

const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };
const adamSteps = 5;

interface Case {
  readonly kind: Kind;
  readonly name: string;
  readonly model: ModelConfiguration;
  readonly batch: Batch;
  readonly state: TrainingState;
}

/** What is expected or was found, by what it is compared with. */
type Figures = ReadonlyMap<Yardstick, ReadonlyMap<Quantity, ArrayLike<number>>>;

/**
 * Checks the reference engine, then each of the others, and tells after each case what was found. An engine that cannot
 * do a case fails it; the others are checked all the same.
 *
 * @param seed what the networks and batches are drawn from
 * @param chosen the kinds of networks to check; by default every one
 */
export async function* check(
  engines: readonly Engine[],
  seed = 1,
  chosen: readonly Kind[] = Object.keys(kinds),
): AsyncGenerator<CheckProgress, void> {
  const cases = makeCases(seed).filter(({ kind }) => chosen.includes(kind));
  const reference = new ReferenceEngine();
  const all = [reference, ...engines.filter(({ name }) => name !== 'reference')];
  const expectations = new Map<Case, Figures>();
  let done = 0;
  for (const engine of all) {
    for (const item of cases) {
      const expected = expectations.get(item) ?? (await expect(reference, item));
      expectations.set(item, expected);
      const rows = await compare(engine, item, expected);
      yield { done: ++done, total: all.length * cases.length, rows };
    }
  }
}

function makeCases(seed: number): Case[] {
  const all = Object.entries(kinds).map(([kind, make]) => ({ kind, ...make(2, 1) }));
  return cells.flatMap((cell, index) => {
    // The deepest is the first and so the small one: its parameters are those of all others, and more.
    const own = all.filter((model) => model.cell === cell).toSorted((a, b) => b.layers - a.layers);
    const found = own.map(({ kind }, i) => {
      const [small, shape] = [i % 2 === 0, shapes[i % 2]!];
      const [V, H, B, T] = shape;
      const { model, batch, state } = randomCase(shape, seed + i, kind);
      const counted = { ...batch, countFrom: small ? 0 : T >> 1 };
      return { kind, name: `${kind}; V = ${V}, H = ${H}, B = ${B}, T = ${T}`, model, batch: counted, state };
    });
    // Dropout at the least cost: the smallest of two layers.
    const bySize = found.toSorted((a, b) => a.state.parameters.length - b.state.parameters.length);
    const { kind, name, model, batch, state } = bySize.find(({ model }) => model.layers === 2)!;
    const dropout = someDropout(model, dropoutMasks[index % dropoutMasks.length]!, seed);
    return [...found, { kind, name: `dropout, ${name}`, model, batch: { ...batch, dropout }, state }];
  });
}

async function compare(engine: Engine, item: Case, expected: Figures): Promise<CheckRow[]> {
  const allowed: Readonly<Partial<Record<Yardstick, number>>> = engine.name === 'reference' ? referenceBounds : bounds;
  const { name, device } = engine;
  const about = { engine: name, device, cell: item.model.cell, case: item.name };
  let found: Figures | string;
  try {
    found = await measure(engine, item);
  } catch (error) {
    found = error instanceof Error ? error.message : String(error);
  }
  return yardsticks.flatMap((yardstick) => {
    const bound = allowed[yardstick];
    const figures = expected.get(yardstick);
    if (bound === undefined || figures === undefined) return [];
    return Array.from(figures, ([quantity, figure]): CheckRow => {
      const row = { ...about, quantity, yardstick, bound };
      if (typeof found === 'string') return { ...row, error: Number.NaN, passed: false, problem: found };
      // What is expected of the sums over timesteps is the engine's own gradient: that it is right, other rows say.
      const actual = found.get(yardstick === 'finite differences' ? 'float64' : yardstick)!.get(quantity)!;
      const error = relativeError(actual, yardstick === 'sum over timesteps' ? ownGradient(found, quantity) : figure);
      return { ...row, error, passed: error <= bound };
    });
  });
}

const ownGradient = (found: Figures, quantity: Quantity) => found.get('float64')!.get(quantity)!;

/** What an engine makes of a case. */
async function measure(engine: Engine, { model, batch, state }: Case): Promise<Figures> {
  const session = await engine.open(model, capacityFor(batch));
  try {
    session.write(state);
    const gradients = await session.gradients(batch);
    const trace = await session.trace(batch);
    const byStart = statesOf(model).flatMap((_, s) => {
      const start = s * (batch.timesteps + 1) * batch.rows * model.hiddenSize;
      return Array.from(gradients.stateGradients.subarray(start, start + batch.rows * model.hiddenSize));
    });
    const direct = new Map<Quantity, ArrayLike<number>>([
      ...byParameter(model, gradients.flat),
      ...byState(model, byStart),
      ['loss', [gradients.loss]],
      ['final state', gradients.finalState],
    ]);
    // A trace leaves nothing out, and so it is not what gradients with dropout are sums of.
    const sums = batch.dropout
      ? new Map<Quantity, Float64Array>()
      : recurrentSums(model, state.parameters, batch, trace, gradients);
    for (let step = 0; step < adamSteps; step++) await session.step(batch, adam);
    const { parameters } = await session.read();
    return new Map<Yardstick, ReadonlyMap<Quantity, ArrayLike<number>>>([
      ['float64', direct],
      ['sum over timesteps', sums],
      ['after Adam', byParameter(model, parameters)],
    ]);
  } finally {
    session.close();
  }
}

const capacityFor = ({ rows, timesteps, dropout }: Batch): Capacity => ({
  rows,
  timesteps,
  withDropout: dropout !== undefined,
});

/** What every engine should make of a case: what the reference does, and how its loss changes where one number does. */
async function expect(reference: ReferenceEngine, item: Case): Promise<Figures> {
  const measured = await measure(reference, item);
  if (item.state.parameters.length > fewEnough) return measured;
  const session = await reference.open(item.model, capacityFor(item.batch));
  const differences = await finiteDifferences(session, item);
  session.close();
  return new Map([...measured, ['finite differences', differences]]);
}

/** The gradients by all parameters and by the start state as difference quotients of the loss. */
async function finiteDifferences(session: Session, { model, batch, state }: Case) {
  const { parameters } = state;
  const initialState = batch.initialState as Float32Array<ArrayBuffer>;
  // Only training leaves anything out.
  const lossOf = async (batch: Batch) =>
    batch.dropout ? (await session.gradients(batch)).loss : session.evaluate(batch);
  const byParameters = await slopes(parameters, (shifted) => {
    session.write({ ...state, parameters: shifted });
    return lossOf(batch);
  });
  session.write(state);
  const byStart = await slopes(initialState, (shifted) => lossOf({ ...batch, initialState: shifted }));
  return new Map<Quantity, ArrayLike<number>>([...byParameter(model, byParameters), ...byState(model, byStart)]);
}

/** (f(x + δ) − f(x − δ)) / 2δ for each element of x, with δ as large as float32 makes it. */
async function slopes(
  x: Float32Array<ArrayBuffer>,
  f: (shifted: Float32Array<ArrayBuffer>) => Promise<number>,
): Promise<Float64Array> {
  const found = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const [above, below] = [x.slice(), x.slice()];
    above[i]! += 1e-4;
    below[i]! -= 1e-4;
    found[i] = ((await f(above)) - (await f(below))) / (above[i]! - below[i]!);
  }
  return found;
}

function byParameter(model: ModelConfiguration, flat: Float32Array | Float64Array): Map<Quantity, ArrayLike<number>> {
  const { places } = parameterLayout(model);
  return new Map(places.map(({ name, offset, length }) => [name, flat.subarray(offset, offset + length)]));
}

/** What belongs to each start state, of all of them `[S][B][H]`. */
function byState(model: ModelConfiguration, all: ArrayLike<number>): Map<Quantity, ArrayLike<number>> {
  const states = statesOf(model);
  const size = all.length / states.length;
  const name = ({ layer, name }: NetworkState) => `${name}⁰${layer === 0 ? '' : ` of layer ${layer + 1}`}`;
  return new Map(states.map((state, s) => [name(state), Array.from(all).slice(s * size, (s + 1) * size)]));
}

/** ‖actual − expected‖ / ‖expected‖; where nothing is expected, ‖actual‖. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}
