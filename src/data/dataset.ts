import type { Batch } from '../engine/engine.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import type { Encoding } from '../model/encoding.ts';
import type { Samples } from './labelled/samples.ts';
import type { Measure } from './measure.ts';
import type { TimeSeries } from './series/series.ts';
import type { Corpus } from './text/corpus.ts';

/**
 * What there is to learn: plain data, which goes to a worker as it is. What can be done with it, its kind says: see
 * `kinds.ts`.
 */
export type Dataset = Corpus | TimeSeries | Samples;

/** The kinds of datasets that there are. */
export type Kind = Dataset['kind'];

/** Data that cannot be learned from, or cannot be had. The message is one sentence for a person to act on. */
export class DataError extends RangeError {
  override readonly name: string = 'DataError';
}

/** A network that has learned something already, and how it reads and answers. */
export type LearnedNetwork = Encoding & { readonly model: ModelConfiguration };

/** What a simpler model reaches on the held-out part. */
export interface Baseline {
  readonly name: string;
  /** As a loss of the task: what a network's own loss is held against. */
  readonly loss: number;
}

/** A figure of a dataset: Vocabulary, 57, characters. */
export interface Fact {
  readonly label: string;
  readonly figure: number;
  readonly unit: string;
}

/** A batch of what is held out. */
export type Piece = Batch & {
  /** Which share of what is held out the piece counts. */
  readonly share: number;
};

/** A dataset as a run learns it: which network, from which batches, judged by what. */
export interface Task {
  readonly dataset: Dataset;
  readonly model: ModelConfiguration;
  /** How what goes in and comes out is written as numbers; a file keeps it, so that the network can be used without the data. */
  readonly encoding: Encoding;
  /** The rows and timesteps of the largest batch. */
  readonly capacity: { readonly rows: number; readonly timesteps: number };
  /** How many places count in a step, on average. */
  readonly placesPerStep: number;
  /** What a dataset is counted in, in training and held out. */
  readonly unit: 'character' | 'row' | 'sequence';
  /** What there is at each place. */
  readonly place: 'character' | 'row' | 'label';
  /** What there is to know of what goes in and comes out, besides its length. */
  readonly facts: readonly Fact[];
  readonly trainingLength: number;
  readonly validationLength: number;
  readonly measure: Measure;
  /** The floor under the loss of any network, where it is known: and within a sentence, what it is. */
  readonly floor?: { readonly loss: number; readonly name: string };
  /** The batch of a step, from 1: fixed by the step alone, so that a run can be taken up anywhere. Its arrays are used again. */
  batch(step: number): Batch;
  /**
   * All that is held out, each place counted once, in pieces.
   *
   * @param places about how many places a piece should have at most
   */
  heldOut(places: number): Iterable<Piece>;
  /** A little of the training part, the same each time: by it is told how good a network is between two steps. */
  tried(): Batch;
  /** Measures one simpler model after another on what is held out, the simplest first. */
  baselines(): Iterable<Baseline>;
}
