import type { AdamSettings, Engine } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import { parameterLayout, parameterViews } from '../model/parameters.ts';
import { adamSettings, batchOf, modelOf, type Size } from './sizes.ts';

/** The training step that everybody takes: the same network, the same symbols, the same first parameters. */
export interface Exercise {
  readonly size: Size;
  /** By the names of the equations, each `[rows][columns]`, row by row. */
  readonly parameters: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
  /** `[T][B]` each. */
  readonly inputs: Uint32Array;
  readonly targets: Uint32Array;
  readonly adam: AdamSettings;
  /** How Sluice is to cut it up on an engine that is tuned; else as the engine thinks best. */
  readonly tuning?: string;
}

/** One who takes part: Sluice on one of its engines, or another framework on one of its backends. */
export interface System {
  readonly system: string;
  /** What it runs on there. */
  readonly device: string;
  /** Whether its network is of another form, so that only its first loss, near ln V, can be like the others'. */
  readonly otherForm?: boolean;
  /** Whether it has such a network. If it is left out, it has all. */
  takes?(size: Size): boolean;
  /** Loads what is needed and gets everything ready for the first step. */
  prepare(exercise: Exercise): Promise<Training>;
}

/** A network that is being trained, in turn with those of other systems. */
export interface Training {
  /** Takes a step and waits for its loss: the mean over B·T, in nats, before the parameters moved. */
  step(): Promise<number>;
  close(): void;
}

/** The exercise of a size. */
export function exerciseOf(size: Size, tuning?: string): Exercise {
  const [model, { inputs, targets }] = [modelOf(size), batchOf(size)];
  const layout = parameterLayout(model);
  const views = parameterViews(layout, initialState(model, { rows: 1, timesteps: 1 }, 1).parameters);
  const parameters = Object.fromEntries(layout.places.map(({ name, shape }) => [name, { shape, data: views[name]! }]));
  return { size, parameters, inputs, targets, adam: adamSettings, ...(tuning !== undefined && { tuning }) };
}

/** Sluice on one of its engines. */
export function sluice(engine: Engine): System {
  return {
    system: `Sluice, ${engine.name}`,
    device: engine.device,
    async prepare({ size, tuning }) {
      const [model, batch] = [modelOf(size), batchOf(size)];
      const session = await engine.open(model, batch, tuning);
      session.write(initialState(model, batch, 1));
      return {
        step: async () => (await session.step(batch, adamSettings)).loss,
        close: () => session.close(),
      };
    },
  };
}
