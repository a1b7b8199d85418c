import type { TuningStore } from '../../src/engine/webgpu/tunings.ts';

/** How the WebGPU engine of a test works. */
export interface TestedTuning {
  /** What every session uses. */
  readonly tuning?: string | undefined;
  /** What is remembered as the fastest, whatever is asked; `fails`: nothing can be read. */
  readonly remembered?: string | undefined;
}

/** Remembers one thing, or fails at everything. */
export const remembering = (remembered: string | undefined): TuningStore => ({
  read: async () => {
    if (remembered === 'fails') throw new Error('The store cannot be read.');
    return remembered;
  },
  write: async () => {
    throw new Error('The store cannot be written.');
  },
});
