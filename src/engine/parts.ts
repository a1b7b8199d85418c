import type { ModelConfiguration } from '../model/configuration.ts';
import { rowsOf } from './batch.ts';
import type { Batch, Capacity, LayerTrace, Trace } from './engine.ts';

/** How many rows of a batch a session takes at once, at the most: those of a part. */
export const rowsAtOnce = ({ rows, parts = 1 }: Capacity): number => Math.ceil(rows / parts);

/** A capacity for one part of a batch, which goes through as a whole. */
export const onePart = (capacity: Capacity): Capacity => ({ ...capacity, rows: rowsAtOnce(capacity), parts: 1 });

/** Some neighbouring rows of a batch that are taken at once. */
export interface Part {
  /** These rows, as a batch of their own. */
  readonly batch: Batch;
  /** The number of the first of them in the whole batch. */
  readonly first: number;
}

/** A batch in parts of at most `most` rows, in order; itself, where it has no more. */
export function partsOf(batch: Batch, model: ModelConfiguration, most: number): readonly Part[] {
  if (batch.rows <= most) return [{ batch, first: 0 }];
  return Array.from({ length: Math.ceil(batch.rows / most) }, (_, i) => {
    const first = i * most;
    return { batch: rowsOf(batch, model, first, Math.min(first + most, batch.rows)), first };
  });
}

/** `[count][B][…]`, of which each of `some` has `[count][rows][…]` of rows that follow those of the one before. */
function joinedRows(some: readonly ArrayLike<number>[], count: number): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(some.reduce((length, { length: own }) => length + own, 0));
  let place = 0;
  for (let k = 0; k < count; k++) {
    for (const rows of some) {
      const width = rows.length / count;
      for (let i = k * width; i < (k + 1) * width; i++) joined[place++] = rows[i]!;
    }
  }
  return joined;
}

/** The states and the gradients by them that `Gradients` has, of S states, likewise from those of some rows each. */
export function joinedStates(
  some: readonly { readonly finalState: ArrayLike<number>; readonly stateGradients: ArrayLike<number> }[],
  S: number,
  timesteps: number,
) {
  return {
    finalState: joinedRows(
      some.map(({ finalState }) => finalState),
      S,
    ),
    stateGradients: joinedRows(
      some.map(({ stateGradients }) => stateGradients),
      S * (timesteps + 1),
    ),
  };
}

/** The trace of a batch of `timesteps`, of which each of `traces` is that of rows that follow those of the one before. */
export function joinedTraces(traces: readonly Trace[], timesteps: number): Trace {
  const [{ layers }] = traces as readonly [Trace, ...Trace[]];
  const joined = (what: keyof LayerTrace, layer: number, count: number) =>
    Object.fromEntries(
      Object.keys(layers[layer]![what]).map((name) => [
        name,
        joinedRows(
          traces.map((trace) => trace.layers[layer]![what][name]!),
          count,
        ),
      ]),
    );
  return {
    layers: layers.map((_, layer) => ({
      states: joined('states', layer, timesteps + 1),
      gates: joined('gates', layer, timesteps),
    })),
    outputs: joinedRows(
      traces.map(({ outputs }) => outputs),
      timesteps,
    ),
  };
}
