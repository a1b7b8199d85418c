import type { Engine, Session } from '../engine/engine.ts';
import type { Step, Task } from './results.ts';
import { adamSettings, batchOf, modelOf, type Size } from './sizes.ts';
import { measure, summarise } from './statistics.ts';

export const tasks: readonly Task[] = ['training', 'generation'];

const patience = { least: 3, most: 25, milliseconds: 1000 } as const;
/** Steps slower than this, in milliseconds, are taken one by one: several at once would only wait longer. */
const slow = 100;

/**
 * Training and generating at one size on one engine, each for a while.
 *
 * @param tuning how the engine is to go about it; else as it thinks best
 */
export async function timeSteps(engine: Engine, size: Size, tuning?: string): Promise<Step[]> {
  const session = await engine.open(modelOf(size), { rows: size.B, timesteps: size.T }, tuning);
  const common = { engine: engine.name, ...wayOf(engine, session), size, ...session.cost };
  try {
    const steps: Step[] = [];
    for (const task of tasks) {
      const times = await (task === 'training' ? timeTraining : timeGeneration)(session, size);
      steps.push({ ...common, task, milliseconds: summarise(times) });
    }
    return steps;
  } finally {
    session.close();
  }
}

/** How a session goes about a step, as results name it: by its tuning, where there are several, else just the engine. */
export const wayOf = ({ name }: Engine, { tuning }: Session): Pick<Step, 'strategy' | 'tuning'> =>
  tuning === undefined ? { strategy: name } : { strategy: strategyOf(tuning), tuning };

/** The strategy of a tuning. */
export const strategyOf = (tuning: string): string => tuning.split(' ')[0]!;

/** Milliseconds a step, with as many under way as in training. */
async function timeTraining(session: Session, size: Size): Promise<number[]> {
  const batch = batchOf(size);
  const [first] = await measure(() => session.step(batch, adamSettings), { least: 1, most: 1, milliseconds: 0 });
  const together = first!.milliseconds > slow ? 1 : session.stepsInFlight;
  const times = await measure(
    () => Promise.all(Array.from({ length: together }, () => session.step(batch, adamSettings))),
    patience,
  );
  return times.map(({ milliseconds }) => milliseconds / together);
}

/** Milliseconds for T characters after each of B primes of one. */
async function timeGeneration(session: Session, { V, B, T }: Size): Promise<number[]> {
  const primes = Array.from({ length: B }, (_, row) => Uint32Array.of(row % V));
  const times = await measure(() => session.generate(primes, T, { temperature: 1, seed: 1 }), patience);
  return times.map(({ milliseconds }) => milliseconds);
}

/** Characters a second: all B·T of a step. */
export const charactersPerSecond = ({ size: { B, T }, milliseconds }: Pick<Step, 'size' | 'milliseconds'>): number =>
  (B * T * 1000) / milliseconds.median;
