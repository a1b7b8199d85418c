import { dawn } from '../../src/cli/dawn.ts';
import type { Capacity, Engine, Session } from '../../src/engine/engine.ts';
import { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { countCalls } from '../browser/count-calls.ts';

/**
 * WebGPU in Node, through Dawn, with no more than the limits of every device.
 *
 * @param stretches into how many dispatches the sequences of a step are cut
 * @returns the engine, or in one sentence why there is none
 */
export async function createDawnEngine(stretches = 1): Promise<WebGPUEngine | string> {
  return WebGPUEngine.create(await dawn(), 'default', stretches);
}

/** WebGPU in Node whose calls are counted, as those of a browser's page are. */
export class DawnEngine implements Engine {
  readonly name = 'webgpu';
  readonly device: string;
  readonly software: boolean;
  readonly lost: Promise<string>;
  readonly #engine: WebGPUEngine;
  readonly #countCalls = countCalls();

  private constructor(engine: WebGPUEngine) {
    this.#engine = engine;
    this.device = engine.device;
    this.software = engine.software;
    this.lost = engine.lost;
  }

  static async create(stretches: number): Promise<DawnEngine> {
    const engine = await createDawnEngine(stretches);
    if (typeof engine === 'string') throw new Error(engine);
    return new DawnEngine(engine);
  }

  /** How often each of WebGPU's methods has been called since this was asked last. */
  async countCalls(): Promise<Record<string, number>> {
    return this.#countCalls();
  }

  open(model: ModelConfiguration, capacity: Capacity): Promise<Session> {
    return this.#engine.open(model, capacity);
  }

  close(): void {
    this.#engine.close();
  }
}
