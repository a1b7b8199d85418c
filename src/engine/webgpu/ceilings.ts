import copy from '../../../shaders/benchmark/copy.wgsl?raw';
import multiplyAdd from '../../../shaders/benchmark/multiply-add.wgsl?raw';
import { type Clock, profile, type Runnable } from './profile.ts';

/** What a device can do at most, as its own kernels for nothing else show, and what the least dispatch takes. */
export interface CeilingTimes {
  readonly clock: Clock;
  /** Floating-point operations of a multiply-add dispatch. */
  readonly operations: number;
  /** Bytes that a copying dispatch reads and writes. */
  readonly bytes: number;
  /** Milliseconds of each. */
  readonly multiplyAdd: readonly number[];
  readonly copy: readonly number[];
  readonly least: readonly number[];
}

const workgroup = 64;
/** Enough workgroups for any device, each with enough to do that starting it does not matter. */
const shape = { software: { groups: 64, rounds: 64 }, hardware: { groups: 16384, rounds: 64 } } as const;
const operationsPerRound = 16 * 4 * 4 * 2;
/** More than any cache holds; what emulates a GPU has the processor's. */
const copyBytes = { software: 2 ** 25, hardware: 2 ** 27 } as const;

/** Measures a device's ceilings. */
export async function measureCeilings(device: GPUDevice, software: boolean, samples: number): Promise<CeilingTimes> {
  const kind = software ? 'software' : 'hardware';
  const { groups, rounds } = shape[kind];
  const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
  const size = Math.min(copyBytes[kind], maxStorageBufferBindingSize, maxBufferSize);
  const buffers: GPUBuffer[] = [];
  const buffer = (size: number) => {
    const made = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
    buffers.push(made);
    return made;
  };
  try {
    const [results, source, to] = [buffer(groups * workgroup * 16), buffer(size), buffer(size)];
    const copies = (LENGTH: number, groups: number) => runnable(device, copy, { LENGTH }, [source, to], groups);
    const dispatches = await Promise.all([
      runnable(device, multiplyAdd, { ROUNDS: rounds }, [results], groups),
      copies(size / 16, groups),
      copies(1, 1),
    ]);
    const { clock, times } = await profile(device, dispatches, samples);
    const [multiplyAddTimes, copyTimes, least] = times;
    return {
      clock,
      operations: groups * workgroup * rounds * operationsPerRound,
      bytes: 2 * size,
      multiplyAdd: multiplyAddTimes!,
      copy: copyTimes!,
      least: least!,
    };
  } finally {
    for (const made of buffers) made.destroy();
  }
}

async function runnable(
  device: GPUDevice,
  code: string,
  constants: Record<string, number>,
  buffers: readonly GPUBuffer[],
  workgroups: number,
): Promise<Runnable> {
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, constants } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  return {
    pipeline,
    bindings: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
    workgroups: [workgroups],
  };
}
