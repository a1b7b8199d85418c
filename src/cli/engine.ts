import { setFlagsFromString } from 'node:v8';
import { chooseEngine } from '../engine/choose.ts';
import { dawn } from './dawn.ts';

/** Picks an engine as `chooseEngine` does, from those that Node has. */
export const chooseInNode: typeof chooseEngine = async (wanted) => {
  allowRelaxedSimd();
  return chooseEngine(wanted, wanted === 'auto' || wanted === 'webgpu' ? await dawn() : undefined);
};

/** Node 20 has relaxed SIMD behind a flag; later versions have it anyway. */
export function allowRelaxedSimd(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
