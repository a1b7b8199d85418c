import { CpuEngine, type CpuOptions } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { WebGPUEngine } from '../engine/webgpu/engine.ts';
import type { System } from './contenders.ts';
import type { Adapter, Environment } from './results.ts';
import type { Bench } from './suite.ts';

/** Who measures: a browser or Node, with its version, its system and its cores. */
export type Host = Pick<Environment, 'host' | 'system' | 'cores'>;

/** A bench, and in sentences which engines it lacks. */
export interface Equipment {
  readonly bench: Bench;
  readonly missing: readonly string[];
}

export interface EquipmentOptions {
  /** Others, for the side by side. */
  readonly peers?: readonly System[];
  /** The only engine that is wanted; what is left out is both. */
  readonly only?: 'webgpu' | 'cpu';
  readonly cpu?: CpuOptions;
}

/**
 * Starts the engines that there are to be measured.
 *
 * @param gpu WebGPU, or in a sentence why there is none
 */
export async function equip(
  host: Host,
  gpu: GPU | string | undefined,
  { peers = [], only, cpu: cpuOptions }: EquipmentOptions = {},
): Promise<Equipment> {
  const created = [
    ...(only === 'cpu' ? [] : [typeof gpu === 'string' ? gpu : await WebGPUEngine.create(gpu)]),
    ...(only === 'webgpu' ? [] : [await CpuEngine.create(cpuOptions)]),
  ];
  const engines: Engine[] = created.filter((engine) => typeof engine !== 'string');
  const webgpu = engines.find((engine) => engine instanceof WebGPUEngine);
  const cpu = engines.find((engine) => engine instanceof CpuEngine);
  const environment: Environment = {
    ...host,
    engines: engines.map(({ name, device }) => ({ name, device })),
    ...(webgpu && { adapter: describeAdapter(webgpu) }),
  };
  return {
    bench: { environment, peers, ...(webgpu && { webgpu }), ...(cpu && { cpu }) },
    missing: created.filter((engine) => typeof engine === 'string'),
  };
}

function describeAdapter({ adapter, device: name, software }: WebGPUEngine): Adapter {
  const { vendor, architecture, device, description } = adapter.info;
  const limits: Record<string, number> = {};
  // Its properties are its prototype's.
  for (const limit in adapter.limits) {
    const value = adapter.limits[limit as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[limit] = value;
  }
  const features = [...adapter.features].sort();
  return { name, software, vendor, architecture, device, description, features, limits };
}
