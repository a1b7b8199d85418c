import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { EngineName } from '../engine/engine.ts';
import { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { dawn } from './dawn.ts';
import { output } from './output.ts';

/** The word that makes the command line look for an adapter, and do nothing else. It is not for people. */
export const probeWord = 'probe-webgpu';

/** What there is: an adapter, which may emulate a GPU, or in a sentence the reason why there is none. */
type Found = { readonly software: boolean } | { readonly reason: string };

/** Milliseconds within which a process of its own has to find out: longer than an adapter is waited for within one. */
const patience = 20_000;

/**
 * WebGPU outside a browser, if there is an adapter that can be used. Drivers write what they miss to standard error themselves,
 * and some end the process: so another one looks first, to which nobody listens.
 *
 * @returns the GPU, or in one sentence why there is none
 */
export async function findGpu(wanted: 'auto' | EngineName): Promise<GPU | string> {
  const found = await probeElsewhere();
  if (found === undefined) return dawn();
  if ('reason' in found) return found.reason;
  if (found.software && wanted === 'auto') {
    return 'The only WebGPU adapter here emulates a GPU, more slowly than the processor.';
  }
  return dawn();
}

/** What the other process does: it says in JSON what there is. */
export async function probe(): Promise<number> {
  const engine = await WebGPUEngine.create(await dawn());
  const found: Found = typeof engine === 'string' ? { reason: engine } : { software: engine.software };
  output.printJson(found);
  await output.settle();
  // Nothing that a driver does at its end is waited for.
  process.exit(0);
}

/** @returns `undefined` where no process can be started, or somebody has ended it */
async function probeElsewhere(program = fileURLToPath(import.meta.url)): Promise<Found | undefined> {
  const child = spawn(process.execPath, [program, probeWord], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<NodeJS.Signals | 'failed' | null>((resolve) => {
    child.once('error', () => resolve('failed'));
    child.once('close', (_, signal) => resolve(signal));
  });
  const [told, signal] = await Promise.all([text(child.stdout).catch(() => ''), ended]);
  try {
    return JSON.parse(told) as Found;
  } catch {
    if (signal === 'SIGKILL') return { reason: 'The graphics driver does not answer.' };
    const crashes: readonly (string | null)[] = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP'];
    if (crashes.includes(signal))
      return { reason: 'The graphics driver breaks down when WebGPU looks for an adapter.' };
    return undefined;
  }
}
