import type { ModelConfiguration } from '../../model/configuration.ts';
import { type Capacity, CapacityError, type Engine } from '../engine.ts';
import { compileKernels } from './compile.ts';
import { Crew } from './crew.ts';
import { detectSimd } from './features.ts';
import { membersFor, pagesFor, planMemory } from './memory.ts';
import { CpuSession } from './session.ts';
import { availableThreads, canShareMemory } from './threads.ts';

export interface CpuOptions {
  /** How many threads compute, at most; what is left out is as many as the machine runs at once, up to 8. */
  readonly threads?: number;
  /** Whether to use relaxed SIMD; what is left out is if it is there. */
  readonly relaxed?: boolean;
}

/** More threads than this have little left to do each, and wait for each other. */
const mostThreads = 8;

/** The processor's cores, through WebAssembly SIMD. */
export class CpuEngine implements Engine {
  readonly name = 'cpu';
  readonly device: string;
  readonly software = false;
  readonly lost: Promise<string>;
  readonly #kernels: WebAssembly.Module;
  readonly #crew: Crew;
  readonly #shared: boolean;
  #sessions = 0;

  private constructor(kernels: WebAssembly.Module, crew: Crew, relaxed: boolean, shared: boolean) {
    this.#kernels = kernels;
    this.#crew = crew;
    this.#shared = shared;
    this.lost = crew.lost;
    const threads = crew.size === 1 ? '1 thread' : `${crew.size} threads`;
    const alone = crew.isHere ? ' (workers are forbidden here)' : '';
    const why = shared ? alone : ' (the page is not isolated from other origins)';
    this.device = `WebAssembly with ${relaxed ? 'relaxed SIMD' : 'SIMD'}, ${threads}${why}`;
  }

  /**
   * Compiles the kernels and starts the threads. Without shared memory there is one thread, whatever is asked for; where none
   * may be started, it is the one that asks.
   *
   * @returns the engine, or in one sentence why there is none
   */
  static async create({ threads, relaxed }: CpuOptions = {}): Promise<CpuEngine | string> {
    const simd = detectSimd();
    if (simd === 'none') return 'WebAssembly has no SIMD here, which the CPU engine needs.';
    if (relaxed && simd === 'plain') return 'WebAssembly has no relaxed SIMD here.';
    const features = { relaxed: relaxed ?? simd === 'relaxed', shared: canShareMemory() };
    const count = features.shared ? (threads ?? Math.min(availableThreads(), mostThreads)) : 1;
    const [kernels, crew] = await Promise.all([compileKernels(features), Crew.start(count)]);
    return new CpuEngine(kernels, crew, features.relaxed, features.shared);
  }

  async open(model: ModelConfiguration, capacity: Capacity): Promise<CpuSession> {
    const members = membersFor(capacity.rows, this.#crew.size);
    const plan = planMemory(model, capacity, members);
    const session = this.#sessions++;
    const opening = { kind: 'open', session, kernels: this.#kernels, model, capacity, members } as const;
    try {
      const memory = this.#shared ? new WebAssembly.Memory({ ...pagesFor(plan.bytes), shared: true }) : undefined;
      await this.#crew.ask(members, (member) => ({ ...opening, member, ...(memory && { memory }) }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CapacityError(
        `There are no ${Math.ceil(plan.bytes / 2 ** 20)} MiB of memory for this network at this batch and sequence.`,
        { cause: error },
      );
    }
    return new CpuSession(this.#crew, session, plan);
  }

  close(): void {
    this.#crew.close();
  }
}
