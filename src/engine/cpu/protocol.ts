import type { ModelConfiguration } from '../../model/configuration.ts';
import type { AdamSettings, Batch, Capacity, Sampling, Trace, TrainingState } from '../engine.ts';

/** What a session and the members of its crew say to each other: plain data, in order. Every member hears all of it. */
export type Message =
  | {
      readonly kind: 'open';
      readonly session: number;
      readonly kernels: WebAssembly.Module;
      /** Absent where memory cannot be shared: the only member then makes its own. */
      readonly memory?: WebAssembly.Memory;
      readonly model: ModelConfiguration;
      readonly capacity: Capacity;
      readonly member: number;
      readonly members: number;
    }
  | { readonly kind: 'job'; readonly session: number; readonly job: Job }
  | { readonly kind: 'close'; readonly session: number };

export type Job =
  | { readonly kind: 'gradients'; readonly batch: Batch }
  | { readonly kind: 'step'; readonly batch: Batch; readonly step: number; readonly adam: AdamSettings }
  | { readonly kind: 'evaluate'; readonly batch: Batch }
  | { readonly kind: 'trace'; readonly batch: Batch }
  | {
      readonly kind: 'generate';
      readonly primes: readonly Uint32Array[];
      readonly length: number;
      readonly sampling: Sampling;
    }
  /** Puts the averaged parameters in the parameters' place, and these in theirs. */
  | { readonly kind: 'exchange' }
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly state: TrainingState };

/** What each member answers to each kind of job. */
export interface Results {
  readonly gradients: {
    /** The sum over the member's rows and the timesteps that count. */
    readonly loss: number;
    /** The first member's: the sum of all. */
    readonly flat?: Float32Array<ArrayBuffer>;
    /** Of the member's rows, as what follows. */
    readonly finalState: Float32Array<ArrayBuffer>;
    readonly stateGradients: Float32Array<ArrayBuffer>;
  };
  /** The same from every member, except for the times. */
  readonly step: {
    readonly loss: number;
    readonly gradientNorm: number;
    readonly notFinite: readonly string[];
    readonly times: Times;
  };
  /** The sum over the member's rows and the timesteps that count. */
  readonly evaluate: number;
  /** Of the member's rows. */
  readonly trace: Trace;
  /** For the member's share of the primes. */
  readonly generate: readonly Uint32Array<ArrayBuffer>[];
  readonly exchange: undefined;
  /** The first member's. */
  readonly read: Omit<TrainingState, 'step'> | undefined;
  readonly write: undefined;
}

export const phases = [
  'load',
  'forward',
  'output',
  'backward',
  'weight gradients',
  'sum',
  'Adam',
  'pack',
  'waiting',
] as const;
export type Phase = (typeof phases)[number];

/** How long each phase of a step took, and waiting for other threads, in milliseconds; what is absent did not happen. */
export type Times = Readonly<Partial<Record<Phase, number>>>;

export type Answer = { readonly result: unknown } | { readonly error: string };
