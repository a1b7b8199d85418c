import type { CpuEngine } from '../engine/cpu/engine.ts';
import { phases } from '../engine/cpu/protocol.ts';
import { measureCeilings } from '../engine/webgpu/ceilings.ts';
import type { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { profile } from '../engine/webgpu/profile.ts';
import { workOf } from '../engine/webgpu/work.ts';
import type { Ceilings, Kernels, Phases } from './results.ts';
import { adamSettings, batchOf, modelOf, type Size } from './sizes.ts';
import { measure, summarise } from './statistics.ts';
import { strategyOf } from './steps.ts';

const samples = 7;

/** The most that a GPU does of anything. */
export async function ceilingsOf({ gpuDevice, software }: WebGPUEngine): Promise<Ceilings> {
  const { multiplyAdd, copy, least, ...rest } = await measureCeilings(gpuDevice, software, samples);
  return { ...rest, multiplyAdd: summarise(multiplyAdd), copy: summarise(copy), least: summarise(least) };
}

/** Each dispatch of a training step on a GPU by itself. */
export async function timeKernels(engine: WebGPUEngine, size: Size): Promise<Kernels> {
  const [model, batch] = [modelOf(size), batchOf(size)];
  const session = await engine.open(model, batch);
  try {
    // Dispatches are repeated; so that the network stays the one it was, Adam's step has no length.
    const dispatches = session.ready(batch, { ...adamSettings, learningRate: 0 });
    const works = workOf(dispatches, model, batch);
    const { clock, times } = await profile(engine.gpuDevice, dispatches, samples);
    return {
      size,
      strategy: strategyOf(engine, session),
      clock,
      dispatches: dispatches.map((dispatch, i) => ({
        kernel: dispatch.kernel,
        ...works[i]!,
        milliseconds: summarise(times[i]!),
      })),
    };
  } finally {
    session.close();
  }
}

/** A training step on the processor, by phase. */
export async function timePhases(engine: CpuEngine, size: Size): Promise<Phases> {
  const batch = batchOf(size);
  const session = await engine.open(modelOf(size), batch);
  try {
    const times = await measure(
      async () => {
        await session.step(batch, adamSettings);
        return session.times!;
      },
      { least: 3, most: 20, milliseconds: 2000 },
    );
    const parts = times.map(({ result }) => result);
    return {
      size,
      engine: engine.name,
      milliseconds: summarise(times.map(({ milliseconds }) => milliseconds)),
      phases: phases.map((name) => ({ name, milliseconds: summarise(parts.map((part) => part[name] ?? 0)) })),
    };
  } finally {
    session.close();
  }
}
