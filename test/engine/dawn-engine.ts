import { dawn } from '../../src/cli/dawn.ts';
import type { Capacity, Engine, Session } from '../../src/engine/engine.ts';
import { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { countCalls } from '../browser/count-calls.ts';
import { remembering, type TestedTuning } from './remembered.ts';

/**
 * WebGPU in Node, through Dawn, with no more than the limits of every device.
 *
 * @returns the engine, or in one sentence why there is none
 */
export async function createDawnEngine({ tuning, remembered }: TestedTuning = {}): Promise<WebGPUEngine | string> {
  return WebGPUEngine.create(await dawn(), { limits: 'default', tuning, tunings: remembering(remembered) });
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

  static async create(tested: TestedTuning): Promise<DawnEngine> {
    const engine = await createDawnEngine(tested);
    if (typeof engine === 'string') throw new Error(engine);
    return new DawnEngine(engine);
  }

  /** How often each of WebGPU's methods has been called since this was asked last. */
  async countCalls(): Promise<Record<string, number>> {
    return this.#countCalls();
  }

  open(model: ModelConfiguration, capacity: Capacity, tuning?: string): Promise<Session> {
    return this.#engine.open(model, capacity, tuning);
  }

  tune(model: ModelConfiguration, capacity: Capacity): Promise<string> {
    return this.#engine.tune(model, capacity);
  }

  close(): void {
    this.#engine.close();
  }
}
