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
  }
}

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
