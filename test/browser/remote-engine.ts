import type { Page } from 'puppeteer';
import type { Batch, Capacity, Engine, EngineName, Network, Session, TrainingState } from '../../src/engine/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { decode, encode } from './wire.ts';

/** An engine that lives in a browser's page, under the interface of one that lives here. */
export class RemoteEngine implements Engine {
  readonly name: EngineName;
  readonly device = 'in Chromium';
  readonly software = true;
  readonly lost = new Promise<string>(() => {});
  readonly #page: Page;

  constructor(page: Page, name: EngineName) {
    this.#page = page;
    this.name = name;
  }

  /** How often each of WebGPU's methods has been called since this was asked last. */
  countCalls(): Promise<Record<string, number>> {
    return this.#page.evaluate(() => window.countCalls());
  }

  async open(model: ModelConfiguration, capacity: Capacity, tuning?: string): Promise<Session> {
    const page = this.#page;
    const opened = await page.evaluate((args) => window.openSession(args), encode([model, capacity, tuning ?? null]));
    const { id, ...known } = decode(opened) as Pick<Session, 'cost' | 'stepsInFlight' | 'tuning'> & { id: number };
    const call = async <Result>(method: string, ...args: unknown[]): Promise<Result> => {
      const result = await page.evaluate((...call) => window.callSession(...call), id, method, encode(args));
      return decode(result) as Result;
    };
    const network = (of: string): Network => ({
      model,
      capacity,
      gradients: (batch: Batch) => call(`${of}gradients`, batch),
      evaluate: (batch) => call(`${of}evaluate`, batch),
      trace: (batch) => call(`${of}trace`, batch),
      generate: (primes, length, sampling) => call(`${of}generate`, primes, length, sampling),
    });
    return {
      ...known,
      ...network(''),
      ...(capacity.withAverages && { averaged: network('averaged.') }),
      step: (batch, adam) => call('step', batch, adam),
      read: () => call<TrainingState>('read'),
      write: (state) => void call('write', state),
      close: () => void call('close').catch(() => {}),
    };
  }

  tune(model: ModelConfiguration, { rows, timesteps }: Capacity): Promise<string> {
    return this.#page.evaluate((args) => window.tune(args), encode([model, { rows, timesteps }]));
  }

  /** The page goes with its test file. */
  close(): void {}
}
