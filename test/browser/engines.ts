import type { Session } from '../../src/engine/engine.ts';
import { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import { decode, encode } from './wire.ts';

/** The page's side of `RemoteEngine`: sessions on this browser's WebGPU, with no more than the limits of every device. */

declare global {
  interface Window {
    /** Opens a session and returns its number, with what is known of it from the start. */
    openSession(args: string): Promise<string>;
    /** Calls a session's method. */
    callSession(id: number, method: string, args: string): Promise<string>;
    /** How often each of WebGPU's methods has been called since this was asked last. */
    countCalls(): Record<string, number>;
  }
}

const counts: Record<string, number> = {};
for (const { prototype } of [GPUDevice, GPUQueue, GPUCommandEncoder, GPUComputePassEncoder, GPUBuffer]) {
  const methods = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof value !== 'function' || name === 'constructor') continue;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      counts[name] = (counts[name] ?? 0) + 1;
      return value.apply(this, args);
    };
  }
}

window.countCalls = () => {
  const counted = { ...counts };
  for (const name of Object.keys(counts)) delete counts[name];
  return counted;
};

const sessions: Session[] = [];

const engine = WebGPUEngine.create(navigator.gpu, 'default').then((created) => {
  if (typeof created === 'string') throw new Error(created);
  return created;
});

window.openSession = async (args) => {
  const [model, capacity] = decode(args) as Parameters<WebGPUEngine['open']>;
  const session = await (await engine).open(model, capacity);
  const { cost, stepsInFlight } = session;
  return encode({ id: sessions.push(session) - 1, cost, stepsInFlight });
};

window.callSession = async (id, method, args) => {
  const session = sessions[id] as unknown as Record<string, (...args: unknown[]) => unknown>;
  return encode((await session[method]!(...(decode(args) as unknown[]))) ?? null);
};
