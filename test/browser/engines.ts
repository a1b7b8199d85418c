import { CpuEngine } from '../../src/engine/cpu/engine.ts';
import type { Engine, Session } from '../../src/engine/engine.ts';
import { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import type { TuningStore } from '../../src/engine/webgpu/tunings.ts';
import { decode, encode } from './wire.ts';

/**
 * The page's side of `RemoteEngine`: sessions on the engine that the address asks for. `engine=webgpu` is this browser's
 * WebGPU, with no more than the limits of every device, and with `tuning=stepwise` cut up that way;
 * `remembered=stepwise` is what it remembers as the fastest, which with `fails` is a store that fails;
 * `engine=cpu&threads=2&simd=plain` the CPU engine.
 */

declare global {
  interface Window {
    /** Opens a session and returns its number, with what is known of it from the start. */
    openSession(args: string): Promise<string>;
    /** Tunes the engine for a network and a capacity. */
    tune(args: string): Promise<string>;
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

const search = new URLSearchParams(location.search);

/** Remembers, for whatever it is asked, what the address says, or fails at everything. */
const remembered = search.get('remembered') ?? undefined;
const tunings: TuningStore = {
  read: async () => {
    if (remembered === 'fails') throw new Error('The store cannot be read.');
    return remembered;
  },
  write: async () => {
    throw new Error('The store cannot be written.');
  },
};

async function createEngine(): Promise<Engine> {
  const created = await (search.get('engine') === 'cpu'
    ? CpuEngine.create({ threads: Number(search.get('threads')), relaxed: search.get('simd') === 'relaxed' })
    : WebGPUEngine.create(navigator.gpu, { limits: 'default', tuning: search.get('tuning') ?? undefined, tunings }));
  if (typeof created === 'string') throw new Error(created);
  return created;
}

const engine = createEngine();

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
  const session = sessions[id] as unknown as Record<string, (...args: unknown[]) => unknown>;
  return encode((await session[method]!(...(decode(args) as unknown[]))) ?? null);
};
