import { CpuEngine } from '../../src/engine/cpu/engine.ts';
import type { Engine, Session } from '../../src/engine/engine.ts';
import { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import { remembering } from '../engine/remembered.ts';
import { countCalls } from './count-calls.ts';
import { decode, encode } from './wire.ts';

/**
 * The page's side of `RemoteEngine`: sessions on the engine that the address asks for. `engine=webgpu` is this browser's
 * WebGPU, with no more than the limits of every device, and with `tuning=stepwise` cut up that way;
 * `remembered=stepwise` is what it remembers as the fastest, which with `fails` is a store that fails;
 * `engine=cpu&threads=2&simd=plain` the CPU engine.
 */

declare global {
  interface Window {
    /** What the engine runs on, or in one sentence why there is none. */
    describeEngine(): Promise<Pick<Engine, 'device' | 'software'> | string>;
    /** Opens a session and returns its number, with what is known of it from the start. */
    openSession(args: string): Promise<string>;
    /** Tunes the engine for a network and a capacity. */
    tune(args: string): Promise<string>;
    /** Calls a session's method, or as `averaged.METHOD` one of its averaged network. */
    callSession(id: number, method: string, args: string): Promise<string>;
    /** How often each of WebGPU's methods has been called since this was asked last. */
    countCalls(): Record<string, number>;
  }
}

window.countCalls = countCalls();

const sessions: Session[] = [];

const search = new URLSearchParams(location.search);

async function createEngine(): Promise<Engine> {
  const created = await (search.get('engine') === 'cpu'
    ? CpuEngine.create({ threads: Number(search.get('threads')), relaxed: search.get('simd') === 'relaxed' })
    : WebGPUEngine.create(navigator.gpu, {
        limits: 'default',
        tuning: search.get('tuning') ?? undefined,
        tunings: remembering(search.get('remembered') ?? undefined),
      }));
  if (typeof created === 'string') throw new Error(created);
  return created;
}

const engine = createEngine();

window.describeEngine = () =>
  engine.then(
    ({ device, software }) => ({ device, software }),
    ({ message }: Error) => message,
  );

window.openSession = async (args) => {
  const [model, capacity, tuning] = decode(args) as [...Parameters<Engine['open']>, string | null];
  const session = await (await engine).open(model, capacity, tuning ?? undefined);
  const { cost, stepsInFlight } = session;
  const known = session.tuning === undefined ? {} : { tuning: session.tuning };
  return encode({ id: sessions.push(session) - 1, cost, stepsInFlight, ...known });
};

window.tune = async (args) => {
  const [model, capacity] = decode(args) as Parameters<Engine['open']>;
  return (await engine).tune!(model, capacity);
};

window.callSession = async (id, method, args) => {
  const [name, averaged] = method.split('.').toReversed() as [string, string?];
  const called = averaged === undefined ? sessions[id]! : sessions[id]!.averaged!;
  const methods = called as unknown as Record<string, (...args: unknown[]) => unknown>;
  return encode((await methods[name]!(...(decode(args) as unknown[]))) ?? null);
};
