import { CpuEngine } from './cpu/engine.ts';
import type { Engine, EngineName } from './engine.ts';
import { WebGPUEngine, type WebGPUOptions } from './webgpu/engine.ts';

/** An engine, and in a sentence why this one. */
export interface Choice {
  readonly engine: Engine;
  readonly reason: string;
}

/**
 * Picks the engine that was asked for; with `auto`, a real GPU if there is one, else the processor: what emulates a GPU
 * on it is tens of times slower than WebAssembly on the same cores.
 *
 * @param gpu where WebGPU comes from, or in a sentence why there is none; what is left out is the browser's own. Node has
 *   none of its own.
 * @param options for WebGPU, where that is picked
 * @throws Error in one sentence if the engine that was asked for is not to be had.
 */
export async function chooseEngine(
  wanted: 'auto' | EngineName,
  gpu: GPU | string | undefined = globalThis.navigator?.gpu,
  options: WebGPUOptions = {},
): Promise<Choice> {
  const asked = 'It was asked for.';
  switch (wanted) {
    case 'webgpu':
      return { engine: demand(await WebGPUEngine.create(gpu, options)), reason: asked };
    case 'cpu':
      return { engine: demand(await CpuEngine.create()), reason: asked };
    case 'reference':
      return { engine: await referenceEngine(), reason: asked };
    case 'auto':
      return chooseForMachine(gpu, options);
  }
}

async function chooseForMachine(gpu: GPU | string | undefined, options: WebGPUOptions): Promise<Choice> {
  const webgpu = await WebGPUEngine.create(gpu, options);
  if (typeof webgpu !== 'string' && !webgpu.software) {
    return { engine: webgpu, reason: 'WebGPU offers a graphics adapter.' };
  }
  if (typeof webgpu !== 'string') webgpu.close();
  const why =
    typeof webgpu === 'string'
      ? webgpu
      : 'The only WebGPU adapter here emulates a GPU, more slowly than the processor.';
  const cpu = await CpuEngine.create();
  if (typeof cpu !== 'string') return { engine: cpu, reason: `${why} So the processor itself computes.` };
  const reason = `${why} ${cpu} The reference engine is correct but slow; choose a small network.`;
  return { engine: await referenceEngine(), reason };
}

/** Few visitors ever need it: it comes when they do. */
async function referenceEngine(): Promise<Engine> {
  const { ReferenceEngine } = await import('./reference/engine.ts');
  return new ReferenceEngine();
}

/** The engine, if there is one; else throws the sentence that stands in its place. */
function demand<Found extends Engine>(created: Found | string): Found {
  if (typeof created === 'string') throw new Error(created);
  return created;
}
