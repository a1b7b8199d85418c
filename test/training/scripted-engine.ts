import type { AdamSettings, Batch, Capacity, Engine, Session, TrainingState } from '../../src/engine/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';

/** What was asked of a scripted session, in order. */
export interface Asked {
  readonly what: 'step' | 'gradients' | 'evaluate' | 'trace' | 'generate';
  readonly averaged: boolean;
  readonly batch?: Batch;
  readonly adam?: AdamSettings;
}

/**
 * An engine that computes nothing: after each step the first parameter is the step's number, and its averaged one half of
 * that.
 */
export class ScriptedEngine {
  readonly asked: Asked[] = [];
  readonly opened: Capacity[] = [];
  readonly #lossAt: (step: number) => number;

  /** @param lossAt the loss of each evaluation at a step */
  constructor(lossAt: (step: number) => number = () => 1) {
    this.#lossAt = lossAt;
  }

  /** What picks it. */
  readonly choose = async () => ({ engine: this as unknown as Engine, reason: '' });
  readonly name = 'cpu';
  readonly device = 'a script';
  readonly software = false;
  readonly lost = new Promise<string>(() => {});
  close(): void {}

  async open(model: ModelConfiguration, capacity: Capacity): Promise<Session> {
    this.opened.push(capacity);
    let state: TrainingState;
    const network = (averaged: boolean) => ({
      model,
      capacity,
      gradients: async (batch: Batch) => {
        this.asked.push({ what: 'gradients', averaged, batch });
        return {
          loss: 1,
          flat: new Float32Array(1),
          stateGradients: new Float32Array(1),
          finalState: new Float32Array(),
        };
      },
      evaluate: async (batch: Batch) => {
        this.asked.push({ what: 'evaluate', averaged, batch });
        return this.#lossAt(state.step);
      },
      trace: async (batch: Batch) => {
        this.asked.push({ what: 'trace', averaged, batch });
        return { layers: [], outputs: new Float32Array() };
      },
      generate: async (primes: readonly Uint32Array[], length: number) => {
        this.asked.push({ what: 'generate', averaged });
        return primes.map(() => new Uint32Array(length));
      },
    });
    return {
      ...network(false),
      ...(capacity.withAverages && { averaged: network(true) }),
      cost: { dispatches: 0, bytes: 0 },
      stepsInFlight: 1,
      step: async (batch: Batch, adam: AdamSettings) => {
        this.asked.push({ what: 'step', averaged: false, batch, adam });
        const step = state.step + 1;
        const withFirst = (flat: Float32Array<ArrayBuffer>, first: number) => flat.with(0, first);
        const averaged = state.averaged && { averaged: withFirst(state.averaged, step / 2) };
        state = { ...state, step, parameters: withFirst(state.parameters, step), ...averaged };
        return { step, loss: 1, gradientNorm: 1 };
      },
      read: async () => state,
      write: ({ averaged, ...written }: TrainingState) => {
        state = { ...written, ...(capacity.withAverages && { averaged: averaged ?? written.parameters }) };
      },
      close() {},
    };
  }
}
