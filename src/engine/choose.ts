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
      return { ...demand(await trustedWebGPU(gpu, options)), reason: asked };
    case 'cpu':
      return { engine: demand(await CpuEngine.create()), reason: asked };
    case 'reference':
      return { engine: await referenceEngine(), reason: asked };
    case 'auto':
      return chooseForMachine(gpu, options);
  }
}

async function chooseForMachine(gpu: GPU | string | undefined, options: WebGPUOptions): Promise<Choice> {
  const webgpu = await trustedWebGPU(gpu, options).catch(
    (error: Error) => `WebGPU does not work here: ${error.message}`,
  );
  if (typeof webgpu !== 'string' && !webgpu.engine.software) return webgpu;
  if (typeof webgpu !== 'string') webgpu.engine.close();
  const why =
    typeof webgpu === 'string'
      ? webgpu
      : 'The only WebGPU adapter here emulates a GPU, more slowly than the processor.';
  const cpu = await CpuEngine.create();
  if (typeof cpu !== 'string') return { engine: cpu, reason: `${why} So the processor itself computes.` };
  const reason = `${why} ${cpu} The reference engine is correct but slow; choose a small network.`;
  return { engine: await referenceEngine(), reason };
}

/**
 * WebGPU that computes what it should, or in a sentence why there is none. What emulates a GPU is not put to the proof: that
 * takes as many seconds as milliseconds on a GPU, and nobody gets it who has not asked for it.
 *
 * @throws Error if the proof cannot be made
 */
async function trustedWebGPU(
  gpu: GPU | string | undefined,
  options: WebGPUOptions,
): Promise<(Choice & { engine: WebGPUEngine }) | string> {
  const engine = await WebGPUEngine.create(gpu, options);
  if (typeof engine === 'string') return engine;
  const offered = 'WebGPU offers a graphics adapter';
  const verdict = engine.software
    ? 'right'
    : await engine.prove().catch((error: unknown) => {
        engine.close();
        throw error;
      });
  if (verdict === 'right') return { engine, reason: `${offered}.` };
  engine.close();
  if (verdict === 'wrong') {
    return 'WebGPU computes wrong numbers here, as a short test shows: the browser or the graphics driver is at fault, and a newer one may help.';
  }
  const without = await WebGPUEngine.create(gpu, { ...options, subgroups: false });
  if (typeof without === 'string') return without;
  return {
    engine: without,
    reason: `${offered}; its subgroups add up wrongly, as a short test shows, and are not used.`,
  };
}

/** Few visitors ever need it: it comes when they do. */
async function referenceEngine(): Promise<Engine> {
  const { ReferenceEngine } = await import('./reference/engine.ts');
  return new ReferenceEngine();
}

/** What was found; else throws the sentence that stands in its place. */
function demand<Found extends object>(created: Found | string): Found {
  if (typeof created === 'string') throw new Error(created);
  return created;
}
