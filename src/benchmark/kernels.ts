import type { CpuEngine } from '../engine/cpu/engine.ts';
import { phases } from '../engine/cpu/protocol.ts';
import { measureCeilings } from '../engine/webgpu/ceilings.ts';
import type { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { profile } from '../engine/webgpu/profile.ts';
import type { Ceilings, Kernels, Phases } from './results.ts';
import { adamSettings, batchOf, modelOf, type Size } from './sizes.ts';
import { measure, summarise } from './statistics.ts';
import { wayOf } from './steps.ts';

const samples = 7;

/** The most that a GPU does of anything. */
export async function ceilingsOf({ gpuDevice, software }: WebGPUEngine): Promise<Ceilings> {
  const { multiplyAdd, copy, least, ...rest } = await measureCeilings(gpuDevice, software, samples);
  return { ...rest, multiplyAdd: summarise(multiplyAdd), copy: summarise(copy), least: summarise(least) };
}

/**
 * Each dispatch of a training step on a GPU by itself.
 *
 * @param tuning how the engine is to go about it; else as it thinks best
 */
export async function timeKernels(engine: WebGPUEngine, size: Size, tuning?: string): Promise<Kernels> {
  const batch = batchOf(size);
  const session = await engine.open(modelOf(size), batch, tuning);
  try {
    // Dispatches are repeated; so that the network stays the one it was, Adam's step has no length.
    const dispatches = session.ready(batch, { ...adamSettings, learningRate: 0 });
    // Timestep by timestep there are hundreds, of a few kinds: of each, one from their middle is timed.
    const kinds = new Map<string, number[]>();
    for (const [i, { kernel, constants, workgroups, work }] of dispatches.entries()) {
      const kind = JSON.stringify([kernel, constants, workgroups, work]);
      kinds.set(kind, [...(kinds.get(kind) ?? []), i]);
    }
    const alike = [...kinds.values()].map((places) => ({ count: places.length, place: places[places.length >> 1]! }));
    const timed = alike.map(({ place }) => dispatches[place]!);
    const { clock, times } = await profile(engine.gpuDevice, timed, samples);
    return {
      size,
      ...wayOf(engine, session),
      clock,
      dispatches: alike.map(({ count }, i) => ({
        kernel: timed[i]!.kernel,
        ...(count > 1 && { count }),
        ...timed[i]!.work,
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
