import type { CpuEngine } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { choiceLabel } from '../format.ts';
import { contend, exerciseOf, type System, sluice } from './contenders.ts';
import { sizesAround } from './curves.ts';
import { ceilingsOf, timeKernels, timePhases } from './kernels.ts';
import { type Environment, noResults, type Results, type Step } from './results.ts';
import { type Size, sizeName, stepOperations } from './sizes.ts';
import { timeSteps } from './steps.ts';

/** The parts of the suite. */
export const parts = ['kernels', 'steps', 'curves', 'contenders'] as const;
export type Part = (typeof parts)[number];

/** What is to be measured. */
export interface Assignment {
  /** At least one. The curves start from the first. */
  readonly sizes: readonly Size[];
  readonly parts: readonly Part[];
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
}

/**
 * Goes through the suite, and tells before each task, and at the end, where it stands. A task that fails is told in the
 * results' `problems`, and the rest goes on. Whoever has enough stops asking.
 */
export async function* runSuite(bench: Bench, assignment: Assignment): AsyncGenerator<Progress> {
  const jobs = jobsOf(bench, assignment);
  let results = noResults(bench.environment);
  if (assignment.parts.includes('curves')) results = { ...results, base: assignment.sizes[0]! };
  for (const [done, { doing, run }] of jobs.entries()) {
    yield { doing, done, of: jobs.length, results };
    try {
      results = { ...results, ...(await run(results)) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results = { ...results, problems: [...results.problems, `${doing}: ${reason}`] };
    }
  }
  yield { doing: '', done: jobs.length, of: jobs.length, results: { ...results, complete: true } };
}

function jobsOf(bench: Bench, { sizes, parts }: Assignment): readonly Job[] {
  const { webgpu, cpu } = bench;
  const engines: readonly Engine[] = [webgpu, cpu].filter((engine) => engine !== undefined);
  const jobs: Job[] = [];
  if (parts.includes('kernels')) {
    if (webgpu) {
      jobs.push({ doing: 'The device’s ceilings', run: async () => ({ ceilings: await ceilingsOf(webgpu) }) });
    }
    for (const size of sizes) {
      const at = `at ${sizeName(size)}`;
      if (webgpu) {
        const run: Job['run'] = async ({ kernels }) => ({ kernels: [...kernels, await timeKernels(webgpu, size)] });
        jobs.push({ doing: `Kernels ${at}`, run });
      }
      if (cpu) {
        const run: Job['run'] = async ({ phases }) => ({ phases: [...phases, await timePhases(cpu, size)] });
        jobs.push({ doing: `Phases on the processor ${at}`, run });
      }
    }
  }
  const steps = (engine: Engine, size: Size, patient: boolean, tuning?: string): Job => ({
    doing: `Whole steps at ${sizeName(size)}, ${choiceLabel(engine.name)}${tuning === undefined ? '' : `, ${tuning}`}`,
    run: async ({ steps }) => {
      if (!patient && expectedTime(steps, engine, size) > tooLong) return {};
      return { steps: [...steps, ...(await timeSteps(engine, size, tuning))] };
    },
  });
  /** By each engine as it thinks best, and by the GPU's other strategy. */
  const everyWay = (size: Size, patient: boolean): readonly Job[] => [
    ...engines.map((engine) => steps(engine, size, patient)),
    ...(webgpu ? [steps(webgpu, size, patient, 'stepwise')] : []),
  ];
  // The curves need their base, which is one of the sizes.
  const whole = parts.includes('steps') ? sizes : parts.includes('curves') ? sizes.slice(0, 1) : [];
  jobs.push(...whole.flatMap((size) => everyWay(size, true)));
  if (parts.includes('curves')) {
    const around = sizesAround(sizes[0]!, webgpu && !webgpu.software ? 'hardware' : 'software');
    jobs.push(...around.flatMap((size) => everyWay(size, false)));
  }
  if (parts.includes('contenders')) {
    const systems = [...engines.map(sluice), ...bench.peers];
    jobs.push(...sizes.flatMap((size) => systems.map((system) => contest(system, size))));
  }
  return jobs;
}

function contest(system: System, size: Size): Job {
  return {
    doing: `Side by side at ${sizeName(size)}: ${system.system}`,
    run: async ({ contenders }) => {
      // The first whose losses stand is the measure of the others.
      const trusted = contenders.find((other) => sizeName(other.size) === sizeName(size) && !other.problem);
      return { contenders: [...contenders, await contend(system, exerciseOf(size), trusted?.losses)] };
    },
  };
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
