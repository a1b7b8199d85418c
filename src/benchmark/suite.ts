import type { CpuEngine } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { choiceLabel } from '../format.ts';
import { exerciseOf, type System, sluice } from './contenders.ts';
import { Contest } from './contest.ts';
import { same, sizesAround } from './curves.ts';
import { ceilingsOf, timeKernels, timePhases } from './kernels.ts';
import { type Environment, noResults, type Results, type Step } from './results.ts';
import { type Size, sizeName, stepOperations } from './sizes.ts';
import { timeSteps } from './steps.ts';
import { fitting, runnerUp, tuneAt, tunedAt } from './tunings.ts';

/** The parts of the suite, in their order. */
export const parts = ['tuning', 'kernels', 'steps', 'curves', 'contenders'] as const;
export type Part = (typeof parts)[number];

/** What is to be measured. */
export interface Assignment {
  /** At least one. The curves start from the first. */
  readonly sizes: readonly Size[];
  readonly parts: readonly Part[];
  /** How WebGPU is to cut up all of it; else as the tuner finds, and where it was not, as the engine thinks best. */
  readonly tuning?: string;
}

/** What there is to be measured. */
export interface Bench {
  readonly environment: Environment;
  readonly webgpu?: WebGPUEngine;
  readonly cpu?: CpuEngine;
  /** Others, for the side by side. */
  readonly peers: readonly System[];
}

/** Where a run stands, and what it has found so far. */
export interface Progress {
  /** What is being measured at the moment; nothing at the end. */
  readonly doing: string;
  /** Tasks gone through, of how many. */
  readonly done: number;
  readonly of: number;
  readonly results: Results;
}

interface Job {
  readonly doing: string;
  /** What to add to the results. */
  run(results: Results): Promise<Partial<Results>>;
  /** Lets go of what it holds on to, whether it has run or not. */
  close?(): void;
}

/**
 * Goes through the suite, and tells before each task, and at the end, where it stands. A task that fails is told in the
 * results' `problems`, and the rest goes on. Whoever has enough stops asking.
 */
export async function* runSuite(bench: Bench, assignment: Assignment): AsyncGenerator<Progress> {
  const jobs = jobsOf(bench, assignment);
  let results: Results = { ...noResults(bench.environment), problems: absences(bench, assignment) };
  if (assignment.parts.includes('curves')) results = { ...results, base: assignment.sizes[0]! };
  try {
    for (const [done, { doing, run }] of jobs.entries()) {
      yield { doing, done, of: jobs.length, results };
      try {
        results = { ...results, ...(await run(results)) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        results = { ...results, problems: [...results.problems, `${doing}: ${reason}`] };
      }
    }
  } finally {
    for (const { close } of jobs) close?.();
  }
  yield { doing: '', done: jobs.length, of: jobs.length, results: { ...results, complete: true } };
}

function jobsOf(bench: Bench, { sizes, parts, tuning: told }: Assignment): readonly Job[] {
  const { webgpu, cpu } = bench;
  const engines: readonly Engine[] = [webgpu, cpu].filter((engine) => engine !== undefined);
  const jobs: Job[] = [];
  /** What results say by then of how to cut up the work at a size. */
  const best = (results: Results, size: Size) => told ?? tunedAt(results, size)?.winner;
  if (webgpu && parts.includes('tuning')) {
    for (const size of sizes) {
      const run: Job['run'] = async ({ tunings }) => ({ tunings: [...tunings, await tuneAt(webgpu, size)] });
      jobs.push({ doing: `The tuner at ${sizeName(size)}`, run });
    }
  }
  if (parts.includes('kernels')) {
    if (webgpu) {
      jobs.push({ doing: 'The device’s ceilings', run: async () => ({ ceilings: await ceilingsOf(webgpu) }) });
    }
    for (const size of sizes) {
      const at = `at ${sizeName(size)}`;
      if (webgpu) {
        const run: Job['run'] = async (results) => ({
          kernels: [...results.kernels, await timeKernels(webgpu, size, best(results, size))],
        });
        jobs.push({ doing: `Kernels ${at}`, run });
      }
      if (cpu) {
        const run: Job['run'] = async ({ phases }) => ({ phases: [...phases, await timePhases(cpu, size)] });
        jobs.push({ doing: `Phases on the processor ${at}`, run });
      }
    }
  }
  const base = sizes[0]!;
  /** @param at the size whose tuning counts: a curve shows one way of cutting up the work, its base's */
  const steps = (engine: Engine, size: Size, at: Size, beside = false): Job => ({
    doing: `Whole steps at ${sizeName(size)}, ${choiceLabel(engine.name)}${beside ? ', its other strategy' : ''}`,
    run: async (results) => {
      if (size !== at && expectedTime(results.steps, engine, size) > tooLong) return {};
      const tuning = beside ? otherWay(results, size, at) : best(results, at);
      if (beside && tuning === undefined) return {};
      const fit = tuning !== undefined && size !== at ? fitting(tuning) : tuning;
      return { steps: [...results.steps, ...(await timeSteps(engine, size, fit))] };
    },
  });
  /** By each engine in the best way that is known, and by the GPU's other strategy. */
  const everyWay = (size: Size, at: Size): readonly Job[] => [
    ...engines.map((engine) => steps(engine, size, at)),
    ...(webgpu && told === undefined ? [steps(webgpu, size, at, true)] : []),
  ];
  // The curves need their base, which is one of the sizes.
  const whole = parts.includes('steps') ? sizes : parts.includes('curves') ? [base] : [];
  jobs.push(...whole.flatMap((size) => everyWay(size, size)));
  if (parts.includes('curves')) {
    const around = sizesAround(base, webgpu && !webgpu.software ? 'hardware' : 'software');
    jobs.push(...around.flatMap((size) => everyWay(size, base)));
  }
  if (parts.includes('contenders')) {
    const systems = [...engines.map(sluice), ...bench.peers];
    for (const size of sizes) {
      const present = systems.filter((system) => takes(system, size));
      if (present.length > 0) jobs.push(...sideBySide(present, size, best));
    }
  }
  return jobs;
}

/** How the GPU's other strategy goes about a size, after the one that is best at `at`; nothing where there is no other. */
function otherWay(results: Results, size: Size, at: Size): string | undefined {
  const tuned = tunedAt(results, at);
  const taken = results.steps.find((step) => step.engine === 'webgpu' && same(step.size, size))?.strategy;
  return (tuned && runnerUp(tuned)) ?? (taken === 'stepwise' ? undefined : 'stepwise');
}

const takes = (system: System, size: Size): boolean => system.takes?.(size) ?? true;

/** Which frameworks have nothing to show beside Sluice, in a sentence for each size. */
function absences({ peers }: Bench, { sizes, parts }: Assignment): readonly string[] {
  if (!parts.includes('contenders')) return [];
  const frameworkOf = ({ system }: System) => system.split(',')[0]!;
  const frameworks = [...new Set(peers.map(frameworkOf))];
  return sizes.flatMap((size) => {
    const present = peers.filter((peer) => takes(peer, size)).map(frameworkOf);
    const absent = frameworks.filter((framework) => !present.includes(framework));
    if (absent.length === 0) return [];
    return [`Side by side at ${sizeName(size)}: of ${absent.join(' and ')} there is no such network to compare with.`];
  });
}

/** The side by side at one size: each gets ready, then all are timed in turns. */
function sideBySide(
  systems: readonly System[],
  size: Size,
  best: (results: Results, size: Size) => string | undefined,
): readonly Job[] {
  const doing = `Side by side at ${sizeName(size)}`;
  let contest: Contest | undefined;
  const act = async (results: Results, act: (contest: Contest) => Promise<void>): Promise<Partial<Results>> => {
    contest ??= new Contest(exerciseOf(size, best(results, size)));
    await act(contest);
    const others = results.contenders.filter((contender) => !same(contender.size, size));
    return { contenders: [...others, ...contest.contenders] };
  };
  const admissions = systems.map((system) => ({
    doing: `${doing}: ${system.system}`,
    run: (results: Results) => act(results, (contest) => contest.admit(system)),
  }));
  const turns: Job = {
    doing: `${doing}, in turns`,
    async run(results) {
      const found = await act(results, (contest) => contest.takeTurns());
      contest?.close();
      return found;
    },
    close: () => contest?.close(),
  };
  return [...admissions, turns];
}

/** A step that would take longer than this, in milliseconds, is left out of a curve. */
const tooLong = 4000;

/** How long a step would take at a size, judged by the nearest size at which the engine was seen. */
function expectedTime(steps: readonly Step[], { name }: Engine, size: Size): number {
  const distance = (seen: Size) => Math.abs(Math.log(stepOperations(size) / stepOperations(seen)));
  const seen = steps.filter(({ engine, task }) => engine === name && task === 'training');
  const [nearest] = seen.toSorted((a, b) => distance(a.size) - distance(b.size));
  if (!nearest) return 0;
  return (nearest.milliseconds.median * stepOperations(size)) / stepOperations(nearest.size);
}
