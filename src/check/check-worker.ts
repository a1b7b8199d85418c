import { CpuEngine } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { type CheckProgress, check } from './check.ts';

/** What the worker tells once it has been spoken to. */
export type CheckEvent =
  /** An engine is not to be had here; the reason is a sentence. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'progress'; readonly progress: CheckProgress }
  | { readonly kind: 'done' };

const tell = (event: CheckEvent) => postMessage(event);

/** Whatever is said to it, it checks every engine that there is in a browser. */
export async function hear(): Promise<void> {
  const created = [await WebGPUEngine.create(navigator.gpu), await CpuEngine.create()];
  for (const reason of created) if (typeof reason === 'string') tell({ kind: 'absent', reason });
  const engines: Engine[] = created.filter((engine) => typeof engine !== 'string');
  for await (const progress of check(engines)) tell({ kind: 'progress', progress });
  for (const engine of engines) engine.close();
  tell({ kind: 'done' });
}
