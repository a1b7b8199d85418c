import type { ParameterLayout } from '../../model/parameters.ts';
import { DeviceLostError, type Gradients } from '../engine.ts';
import { type Tuning, writeTuning } from './tuning.ts';

/** A step that is laid out on a device as some tuning wants it. */
export interface Trial {
  /** Milliseconds of a training step over the first `timesteps` of a batch, the mean of `repeats` one after another. */
  time(timesteps: number, repeats: number): Promise<number>;
  /** What it finds for the whole batch. */
  gradients(): Promise<Pick<Gradients, 'loss' | 'flat'>>;
  close(): void;
}

/** Where tunings are tried. */
export interface Workbench {
  readonly layout: ParameterLayout;
  /** How long a sequence is. */
  readonly timesteps: number;
  open(tuning: Tuning): Promise<Trial>;
  /** Milliseconds. */
  now(): number;
}

/** How long the tuner takes, in milliseconds; it finishes what it is at. */
export const defaultBudget = 1500;
/** No dispatch may hold the device for longer, in milliseconds. */
const longestDispatch = 50;
/** Of a step's time, what its longest dispatch takes at most. */
const dispatchShare = 0.5;
/** Timesteps of the first look at a candidate, long before it gets a whole sequence. */
const glance = 8;
/** Runs of which the median counts. */
const runs = 5;
/** What a run is worth, in milliseconds: below, the clock and the way to the device and back would be measured. */
const worth = 20;
const mostRepeats = 8;
/** A candidate that a glance shows to be this many times slower than the best is looked at no further. */
const hopeless = 4;
/** How much of the default's time another one has to save before it is preferred: timings are noisy. */
const gain = 0.05;

/** What became of a candidate: its time in milliseconds, or why it has none. What is late has too little of the budget left. */
export interface Tried {
  readonly tuning: string;
  readonly milliseconds?: number;
  readonly why?: 'refused' | 'wrong' | 'slow' | 'late';
}

/** What the tuner found. */
export interface Found {
  readonly tuning: Tuning;
  /** In the order in which they were tried. */
  readonly tried: readonly Tried[];
  /** How many candidates there was no time for. */
  readonly untried: number;
}

/**
 * Finds the fastest of some tunings. The first is what the others are held to: one whose loss or gradients differ by more
 * than rounding is never chosen, whatever its speed.
 *
 * @param budget milliseconds after which no more is begun
 * @param refine what to try on top of the best of them, one kind after another
 * @throws the signal's reason once it is aborted, and whatever the first candidate fails with
 * @throws DeviceLostError if the device is lost
 */
export async function tune(
  candidates: readonly Tuning[],
  bench: Workbench,
  {
    budget = defaultBudget,
    signal,
    refine = [],
  }: {
    readonly budget?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly refine?: readonly ((best: Tuning) => readonly Tuning[])[];
  } = {},
): Promise<Found> {
  const end = bench.now() + budget;
  const inTime = () => {
    signal?.throwIfAborted();
    return bench.now() < end;
  };
  const tried: Tried[] = [];
  let untried = 0;
  let expected: Pick<Gradients, 'loss' | 'flat'> | undefined;
  let first: { readonly tuning: Tuning; readonly milliseconds: number; readonly predicted: number } | undefined;
  let best = first;

  /** Runs one candidate. Returns it as it was run, cut into as many stretches as it needs. */
  const attempt = async (candidate: Tuning): Promise<Tuning> => {
    let tuning = candidate;
    let trial = await bench.open(tuning);
    try {
      const short = Math.min(glance, bench.timesteps);
      // What comes first is slower than what follows.
      const repeats = repeatsFor(await trial.time(short, 1));
      const predicted = ((await trial.time(short, repeats)) * bench.timesteps) / short;
      const stretches = Math.min(bench.timesteps, Math.ceil((predicted * dispatchShare) / longestDispatch));
      if (tuning.strategy === 'whole-sequence' && stretches > tuning.stretches) {
        tuning = { ...tuning, stretches };
        trial.close();
        trial = await bench.open(tuning);
      }
      const tell = (outcome: Omit<Tried, 'tuning'>) => tried.push({ tuning: writeTuning(tuning), ...outcome });
      if (best && predicted > hopeless * best.predicted) tell({ why: 'slow' });
      // Too slow for this budget to find anything better: what is known of it is how it has to be cut.
      else if (bench.now() + predicted > end) tell({ why: 'late' });
      else {
        const found = await trial.gradients();
        signal?.throwIfAborted();
        if (expected && !agrees(bench.layout, found, expected)) tell({ why: 'wrong' });
        else {
          expected ??= found;
          const milliseconds = await median(trial);
          tell({ milliseconds });
          const timed = { tuning, milliseconds, predicted };
          first ??= timed;
          if (!best || milliseconds < Math.min(best.milliseconds, (1 - gain) * first.milliseconds)) best = timed;
        }
      }
      return tuning;
    } finally {
      trial.close();
    }
  };

  const median = async (trial: Trial): Promise<number> => {
    const repeats = repeatsFor(await trial.time(bench.timesteps, 1));
    const times: number[] = [];
    do times.push(await trial.time(bench.timesteps, repeats));
    while (inTime() && times.length < runs);
    return times.toSorted((a, b) => a - b)[times.length >> 1]!;
  };

  const [start, ...others] = candidates;
  signal?.throwIfAborted();
  const whole = await attempt(start!);
  const attemptAll = async (candidates: readonly Tuning[]) => {
    for (const candidate of candidates) {
      if (!inTime()) {
        untried++;
        continue;
      }
      try {
        await attempt(candidate);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof DeviceLostError) throw error;
        tried.push({ tuning: writeTuning(candidate), why: 'refused' });
      }
    }
  };
  // Without a first to hold the others to, there is nothing to choose.
  if (best === undefined) return { tuning: whole, tried, untried: others.length };
  await attemptAll(others);
  for (const next of refine) await attemptAll(next(best.tuning));
  return { tuning: best.tuning, tried, untried };
}

/** How often what takes so many milliseconds is repeated, to be worth looking at the clock. */
const repeatsFor = (milliseconds: number) => Math.max(1, Math.min(mostRepeats, Math.ceil(worth / milliseconds)));

/** How far two ways of adding up the same numbers may end apart. */
const rounding = 2e-5;

function agrees(
  { places }: ParameterLayout,
  found: Pick<Gradients, 'loss' | 'flat'>,
  expected: Pick<Gradients, 'loss' | 'flat'>,
): boolean {
  const whole = distance(expected.flat);
  return (
    Math.abs(found.loss - expected.loss) <= rounding * Math.abs(expected.loss) &&
    places.every(({ offset, length }) => {
      const [mine, theirs] = [found, expected].map(({ flat }) => flat.subarray(offset, offset + length));
      // A parameter that hardly matters has little but rounding in its gradient.
      return distance(theirs!, mine) <= rounding * Math.max(distance(theirs!), whole / 1000);
    })
  );
}

type Numbers = Gradients['flat'];

/** The Euclidean distance of some numbers from others, or from zero. */
function distance(numbers: Numbers, others?: Numbers): number {
  let squares = 0;
  for (let i = 0; i < numbers.length; i++) squares += (numbers[i]! - (others ? others[i]! : 0)) ** 2;
  return Math.sqrt(squares);
}
