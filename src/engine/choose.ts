import type { Engine, EngineName } from './engine.ts';
import { ReferenceEngine } from './reference/engine.ts';
import { WebGPUEngine } from './webgpu/engine.ts';

/** An engine, and in a sentence why this one. */
export interface Choice {
  readonly engine: Engine;
  readonly reason: string;
}

/**
 * Picks the engine that was asked for; with `auto`, a real GPU if there is one, else whatever can compute here.
 *
 * @throws Error in one sentence if the engine that was asked for is not to be had.
 */
export async function chooseEngine(wanted: 'auto' | EngineName, gpu = globalThis.navigator?.gpu): Promise<Choice> {
  if (wanted === 'reference') return { engine: new ReferenceEngine(), reason: 'It was asked for.' };
  const webgpu = await WebGPUEngine.create(gpu);
  if (typeof webgpu === 'string') {
    if (wanted === 'webgpu') throw new Error(webgpu);
    const reason = `${webgpu} The reference engine is correct but slow; choose a small network.`;
    return { engine: new ReferenceEngine(), reason };
  }
  if (wanted === 'webgpu') return { engine: webgpu, reason: 'It was asked for.' };
  if (!webgpu.software) return { engine: webgpu, reason: 'WebGPU offers a graphics adapter.' };
  const reason =
    'The only WebGPU adapter here emulates a GPU on the processor: correct, but many times slower than one.';
  return { engine: webgpu, reason };
}
