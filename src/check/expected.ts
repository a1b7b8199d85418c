/** What the reference makes of a batch: all that a student's gradients are held against. */

import { countedPlaces, timestepsOf } from '../engine/batch.ts';
import type { Batch, Trace } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import { ReferenceEngine, type ReferenceSession } from '../engine/reference/engine.ts';
import { statesOf } from '../model/cells/cells.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { type ParameterLayout, parameterLayout } from '../model/parameters.ts';

/** Numbers and their shape, whatever file they stand in. */
export interface Shaped {
  readonly shape: readonly number[];
  /** Row by row. */
  readonly data: Float32Array | Float64Array;
}

/** One timestep's share of the gradients, without all that comes back from those after it. */
interface Alone {
  /** By each parameter, as one flat buffer. */
  readonly flat: Float64Array;
  /** By the states after the timestep, `[S][B][H]`. */
  readonly byState: Float64Array;
}

/** A batch's gradients in float64, and what it takes to recognise a mistake in them. */
export interface Expected {
  readonly model: ModelConfiguration;
  readonly batch: Batch;
  readonly layout: ParameterLayout;
  /** The network's parameters, as one flat buffer. */
  readonly parameters: Float32Array;
  /** The gradients by each parameter, as one flat buffer. */
  readonly flat: Float64Array;
  /** Of the way forward: the loss `[1]` and the final state `[S][B][H]`. */
  readonly forward: ReadonlyMap<string, Shaped>;
  /** The gradients at each timestep: `dh` `[T + 1][B][H]`, `da_z` `[T][B][H]` and so on. */
  readonly timesteps: ReadonlyMap<string, Shaped>;
  readonly trace: Trace;
  /** `[T]`; nothing where no place of a timestep counts. */
  readonly alone: readonly (Alone | undefined)[];
}

/** Computes them. */
export async function expectedOf(
  model: ModelConfiguration,
  parameters: Float32Array<ArrayBuffer>,
  batch: Batch,
): Promise<Expected> {
  const session = (await new ReferenceEngine().open(model, batch)) as ReferenceSession;
  session.write({ ...initialState(model, batch, 0), parameters });
  const { loss, flat, finalState } = await session.gradients(batch);
  const trace = await session.trace(batch);
  const { rows: B, timesteps: T } = batch;
  const H = model.hiddenSize;
  const timesteps = (await session.timestepGradients(batch)).map(([name, data]): [string, Shaped] => [
    name,
    { shape: [data.length / (B * H), B, H], data },
  ]);
  const alone: (Alone | undefined)[] = [];
  for (let t = 0; t < T; t++) alone.push(await aloneAt(session, batch, trace, t));
  return {
    model,
    batch,
    layout: parameterLayout(model),
    parameters,
    flat: Float64Array.from(flat),
    forward: new Map<string, Shaped>([
      ['loss', { shape: [1], data: Float64Array.of(loss) }],
      ['final_state', { shape: [statesOf(model).length, B, H], data: Float64Array.from(finalState) }],
    ]),
    timesteps: new Map(timesteps),
    trace,
    alone,
  };
}

/** A timestep as a batch of its own, from the states that the others brought about. */
async function aloneAt(session: ReferenceSession, batch: Batch, trace: Trace, t: number): Promise<Alone | undefined> {
  const { model } = session;
  const places = countedPlaces(timestepsOf(batch, model, t, t + 1));
  if (places === 0) return undefined;
  const size = batch.rows * model.hiddenSize;
  const states = statesOf(model);
  const initial = new Float32Array(states.length * size);
  for (const [s, { layer, name }] of states.entries()) {
    initial.set(trace.layers[layer]!.states[name]!.subarray(t * size, (t + 1) * size), s * size);
  }
  const { flat, stateGradients } = await session.gradients({
    ...timestepsOf(batch, model, t, t + 1),
    initialState: initial,
  });
  const share = places / countedPlaces(batch);
  // Of [S][2][B][H] those after the timestep.
  const after = states.flatMap((_, s) => Array.from(stateGradients.subarray((2 * s + 1) * size, (2 * s + 2) * size)));
  return { flat: Float64Array.from(flat, (g) => share * g), byState: Float64Array.from(after, (g) => share * g) };
}
