import type { AdamSettings, Engine } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import { parameterLayout, parameterViews } from '../model/parameters.ts';
import type { Contender } from './results.ts';
import { adamSettings, batchOf, modelOf, type Size } from './sizes.ts';
import { measure, summarise } from './statistics.ts';

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

/** A network that is being trained. */
export interface Training {
  /** Takes a step and waits for its loss: the mean over B·T, in nats, before the parameters moved. */
  step(): Promise<number>;
  close(): void;
}

/** How many first losses must agree, and how closely: the second and third only do if the gradients did. */
const compared = 3;
const tolerance = 1e-3;
/** How closely the first loss of a network of another form must agree. */
const formTolerance = 0.05;

const patience = { least: 3, most: 25, milliseconds: 3000 } as const;

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

/**
 * Lets one system take the exercise: the first step with all that it needs, a few whose losses are compared, then steps
 * that are timed, each waited for.
 *
 * @param expected the first losses of a system that is trusted; left out, this one is
 * @returns what was found. Whatever goes wrong is told in `problem`; nothing is thrown.
 */
export async function contend(system: System, exercise: Exercise, expected?: readonly number[]): Promise<Contender> {
  const entry = { size: exercise.size, system: system.system, device: system.device };
  const losses: number[] = [];
  let training: Training | undefined;
  try {
    const start = performance.now();
    training = await system.prepare(exercise);
    losses.push(await training.step());
    const first = performance.now() - start;
    while (losses.length < compared) losses.push(await training.step());
    const wrong = system.otherForm
      ? disagreement(losses.slice(0, 1), expected ?? losses, formTolerance)
      : disagreement(losses, expected ?? losses, tolerance);
    if (wrong) return { ...entry, losses: losses.filter(Number.isFinite), problem: wrong };
    const { step } = training;
    const times = await measure(() => step(), patience);
    return { ...entry, first, losses, milliseconds: summarise(times.map(({ milliseconds }) => milliseconds)) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...entry, losses: losses.filter(Number.isFinite), problem: problem || 'It failed and did not say why.' };
  } finally {
    training?.close();
  }
}

function disagreement(losses: readonly number[], expected: readonly number[], within: number): string | undefined {
  const step = losses.findIndex((loss, i) => !(Math.abs(loss - expected[i]!) <= within * expected[i]!));
  if (step < 0) return undefined;
  return `Its loss at step ${step + 1} is ${losses[step]!.toFixed(5)}, not ${expected[step]!.toFixed(5)}: it does not train the same network, so no time counts.`;
}
