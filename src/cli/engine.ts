import { setFlagsFromString } from 'node:v8';
import { type Choice, chooseEngine } from '../engine/choose.ts';
import type { EngineName } from '../engine/engine.ts';
import { findGpu } from './probe.ts';
import { FileTunings } from './tunings.ts';

/** Picks an engine as `chooseEngine` does, from those that Node has. */
export async function chooseInNode(wanted: 'auto' | EngineName): Promise<Choice> {
  allowRelaxedSimd();
  const gpu = wanted === 'auto' || wanted === 'webgpu' ? await findGpu(wanted) : undefined;
  return chooseEngine(wanted, gpu, { tunings: new FileTunings() });
}

/** Node 20 has relaxed SIMD behind a flag; later versions have it anyway. */
export function allowRelaxedSimd(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
