import type { Dataset, Task } from '../data/dataset.ts';
import type { Measure } from '../data/measure.ts';
import type { EngineName, StepCost } from '../engine/engine.ts';
import type { ExperimentProgress, ExperimentResult } from '../experiment/experiment.ts';
import type { ExperimentOptions } from '../experiment/options.ts';
import type { Course, HeldOut } from '../files/model-file.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import type { Configuration } from './configuration.ts';
import type { Look, Sight } from './looks/look.ts';
import type { ReadBack } from './looks/read-back.ts';
import type { RecipeName } from './recipes.ts';

/** What a page and its training worker say to each other: plain data, both ways. */

export type Command =
  /**
   * Opens a network for a dataset, or goes on from a model file of it; what was open before stays until the new one
   * stands.
   */
  | {
      readonly kind: 'open';
      readonly dataset: Dataset;
      readonly configuration: Configuration;
      readonly file?: Uint8Array<ArrayBuffer>;
    }
  /** Trains until paused or until the step goal. */
  | { readonly kind: 'train' }
  | { readonly kind: 'pause' }
  /** Takes a single step. */
  | { readonly kind: 'step' }
  /** The network as it was before its first step. */
  | { readonly kind: 'startAfresh' }
  /** Settings that may change at any time: they take effect at the next step or passage. */
  | { readonly kind: 'change'; readonly change: Partial<ChangeableSettings> }
  /** Makes a checkpoint now: to be kept in the browser, or to be handed to the person. */
  | { readonly kind: 'save'; readonly purpose: CheckpointPurpose }
  /** Writes a passage now. */
  | { readonly kind: 'generate'; readonly length: number }
  /** From here on each passage is told as the network reads it back, with a layer's states; without a layer, no more. */
  | { readonly kind: 'readBack'; readonly layer?: number }
  /** Looks into the network at the next opportunity. */
  | { readonly kind: 'look'; readonly look: Look }
  /** Measures how long the network's predictions match the text, with the network as it is by then. */
  | { readonly kind: 'match'; readonly options: ExperimentOptions }
  | { readonly kind: 'cancelMatch' }
  /** Finds out how long each of some runs would take on the data that are open, until something else is asked for. */
  | { readonly kind: 'time'; readonly recipes: ReadonlyMap<RecipeName, Configuration> }
  /**
   * After the device was lost, or a number was not finite: back to the last snapshot, on a new device if need be.
   */
  | { readonly kind: 'recover' };

export type CheckpointPurpose = 'keep' | 'export';

export type ChangeableSettings = Pick<Configuration, 'learningRate' | 'prime' | 'temperature' | 'steps' | 'patience'>;

/** Where a run stands. Every state has its words and a way on upon the page. */
export type RunState =
  /** A device is sought and the network laid out on it. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'training' }
  /** The step goal is reached, which a higher one moves, or patience has run out, which `train` renews. */
  | { readonly kind: 'finished' }
  /** The device went away. `recover` goes on from step `snapshotStep`. */
  | { readonly kind: 'lost'; readonly reason: string; readonly snapshotStep: number }
  /**
   * `tensor` was not finite at `step`, and no parameter was touched from there on. `recover` goes on from step
   * `snapshotStep`.
   */
  | { readonly kind: 'notFinite'; readonly step: number; readonly tensor: string; readonly snapshotStep: number }
  /** Nothing is open: `message` says why. */
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Where it failed, if there was an engine. */
      readonly engine?: EngineName;
      /** Of a network that is too large for it: with how many hidden units it would fit. */
      readonly units?: number;
      readonly shader?: ShaderFault;
    };

export interface ShaderFault {
  readonly file: string;
  readonly line: number;
  readonly source: string;
}

/** Which engine is at work, on what, and why this one. */
export interface EngineReport {
  readonly name: EngineName;
  readonly device: string;
  readonly software: boolean;
  readonly reason: string;
  readonly cost: StepCost;
  /** How the work is cut up for the device, on an engine that is tuned. */
  readonly tuning?: string;
  readonly parameters: number;
}

/** One training step as the chart and the readouts show it. */
export interface Progress {
  readonly step: number;
  /** Training loss at this step. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

export type Event =
  /** A network stands: its engine, what it learns, and how much of that is trained on and held out. */
  | {
      readonly kind: 'opened';
      readonly engine: EngineReport;
      readonly datasetName: string;
      /** How the run's losses are told. */
      readonly measure: Measure;
      /** What its lengths are counted in, what counts at each place, and what else there is to know of its data. */
      readonly unit: Task['unit'];
      readonly place: Task['place'];
      readonly facts: Task['facts'];
      /** How many steps it has taken already. */
      readonly step: number;
      readonly trainingLength: number;
      readonly validationLength: number;
      /** The best network on what is held out that it has been so far. */
      readonly best?: HeldOut['best'];
      /** How it has gone until now. */
      readonly course: Course;
    }
  /** The run goes on on another device, or before its first step in another way on the same. */
  | { readonly kind: 'moved'; readonly engine: EngineReport }
  | { readonly kind: 'state'; readonly state: RunState }
  /** Several steps at once, in order, so that a fast device does not flood the page. */
  | {
      readonly kind: 'progress';
      readonly steps: readonly Progress[];
      readonly placesPerSecond: number;
      readonly secondsTraining: number;
    }
  /** Loss over what is held out, and the best so far. */
  | { readonly kind: 'validation'; readonly step: number; readonly loss: number; readonly best: HeldOut['best'] }
  | {
      readonly kind: 'passage';
      readonly step: number;
      readonly prime: string;
      readonly text: string;
      readonly temperature: number;
      /** Where that was asked for. */
      readonly readBack?: ReadBack;
    }
  /** What a look showed of the network at `step`, and how long looking took. */
  | { readonly kind: 'seen'; readonly step: number; readonly sight: Sight; readonly seconds: number }
  /** A look showed nothing: `message` says why. */
  | { readonly kind: 'unseen'; readonly look: Look['kind']; readonly message: string }
  | { readonly kind: 'matching'; readonly progress: ExperimentProgress }
  /** What the experiment has found, and on which network. */
  | {
      readonly kind: 'matched';
      readonly step: number;
      readonly datasetName: string;
      readonly cell: ModelConfiguration['cell'];
      readonly layers: number;
      readonly hidden: number;
      readonly result: ExperimentResult;
    }
  /** The experiment ended without a result: it was cancelled, or refused. */
  | { readonly kind: 'unmatched' }
  /** How long a run by a recipe would take, in seconds. */
  | { readonly kind: 'timed'; readonly recipe: RecipeName; readonly seconds: number }
  /** The run as a model file: now and then, at every pause, and when it was asked for. */
  | {
      readonly kind: 'checkpoint';
      readonly purpose: CheckpointPurpose;
      readonly step: number;
      /** What it learns, by name and fingerprint. */
      readonly dataset: { readonly name: string; readonly sha256: string };
      /** Its settings as they are by now. */
      readonly configuration: Readonly<Configuration>;
      readonly file: Uint8Array<ArrayBuffer>;
    }
  /** Something asked for could not be done; the run goes on as it was. */
  | {
      readonly kind: 'refused';
      readonly of: Command['kind'];
      readonly message: string;
      /** Of a network that is too large: with how many hidden units it would fit. */
      readonly units?: number;
    };
