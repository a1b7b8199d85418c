import { CpuEngine } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { type CheckProgress, check } from './check.ts';

/** What the worker tells, from its start on. */
export type CheckEvent =
  /** An engine is not to be had here; the reason is a sentence. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'progress'; readonly progress: CheckProgress }
  | { readonly kind: 'done' };

/** Checks every engine that there is in a browser, in a thread of its own. */
const tell = (event: CheckEvent) => postMessage(event);

const created = [await WebGPUEngine.create(navigator.gpu), await CpuEngine.create()];
for (const reason of created) if (typeof reason === 'string') tell({ kind: 'absent', reason });
const engines = created.filter((engine): engine is Exclude<typeof engine, string> => typeof engine !== 'string');
for await (const progress of check(engines satisfies Engine[])) tell({ kind: 'progress', progress });
for (const engine of engines) engine.close();
tell({ kind: 'done' });
