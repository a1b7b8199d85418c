/** Sequences by themselves, each with what should come out: a label, one for each timestep, or numbers. Lengths may differ. */
export interface Samples {
  readonly kind: 'labelled';
  readonly name: string;
  readonly inputs: SampleInputs;
  readonly targets: SampleTargets;
  /** What has to be said of how they were read. Sentences. */
  readonly remarks?: readonly string[];
  /** What is reached by whoever knows the source, where it is known exactly. */
  readonly best?: BestPossible;
}

/** What goes in, for each sample. */
export type SampleInputs =
  /** Characters: `ids` are their numbers in `symbols`, one for each timestep. */
  | { readonly kind: 'symbols'; readonly symbols: readonly string[]; readonly ids: readonly Uint32Array<ArrayBuffer>[] }
  /** Numbers: a vector for each timestep, `[T][I]` with I = `names.length`. */
  | {
      readonly kind: 'vectors';
      readonly names: readonly string[];
      readonly values: readonly Float32Array<ArrayBuffer>[];
    };

/** What should come out, for each sample. `at` is `end`: once, when it has been read; or at each `timestep`. */
export type SampleTargets =
  /** Numbers of `classes`: `[1]` or `[T]`; `absent` (see `src/engine/batch.ts`) where there is none. */
  | {
      readonly kind: 'classes';
      readonly at: 'end' | 'timestep';
      readonly classes: readonly string[];
      readonly ids: readonly Uint32Array<ArrayBuffer>[];
    }
  /** Numbers: `[1][O]` or `[T][O]` with O = `names.length`; NaN where there is none, and then that place does not count. */
  | {
      readonly kind: 'vectors';
      readonly at: 'end' | 'timestep';
      readonly names: readonly string[];
      readonly values: readonly Float32Array<ArrayBuffer>[];
    };

/**
 * For each sample, the mean loss over its places that count of whoever knows how the samples were made, in nats or as half a squared
 * error in the variables' own units; and its answer.
 */
export interface BestPossible {
  readonly losses: Float64Array<ArrayBuffer>;
  /** Of labels: the most probable class of each sample. */
  readonly classes?: Uint32Array<ArrayBuffer>;
}
