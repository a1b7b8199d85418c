import type { Cell } from '../../model/cells/cells.ts';
import type { Output, Values } from '../../model/configuration.ts';
import type { FusedLayer, Matrix } from '../fused.ts';
import type { Constant } from './tensor.ts';

/** What is known of a graph's values before it runs: numbers, or what a value is to a network. */
export type Value = Constant | Zeros | Sizes | States | LastStates | Sequence | Refused;

/** Nothing but zeros, in whatever shape fits where they go. */
export interface Zeros {
  readonly kind: 'zeros';
}

/** Whole numbers that are sizes of other values; `undefined` where nothing is known of them. */
export interface Sizes {
  readonly kind: 'sizes';
  readonly sizes: readonly Size[] | undefined;
}

/** A size: a number, or the product of the sizes of axes that are known only when the graph runs. */
export type Size = number | readonly Axis[] | undefined;

/** States that whoever runs the graph gives it, in any arrangement: of zeros it makes zeros. */
export interface States {
  readonly kind: 'states';
  /** The graph's inputs that they come from. */
  readonly inputs: ReadonlySet<string>;
  /** Why they are not what goes into the first layer, in a sentence. */
  readonly reason: string;
}

/** States after the last timestep, in any arrangement. */
export interface LastStates {
  readonly kind: 'last';
  readonly layers: ReadonlySet<FusedLayer>;
}

/** What a place of the batch may be counted along: time, the rows of the batch, or numbers that belong together. */
export interface Axis {
  /** If it is known before the graph runs. */
  readonly size?: number | undefined;
}

/** The axes that lie along a dimension: none along one of size 1, two along one that is both of them in turn. */
export type Dimension = readonly Axis[];

/** What goes through a network, at every timestep. */
export interface Sequence {
  readonly kind: 'sequence';
  readonly dimensions: readonly Dimension[];
  /** The numbers of one place; `undefined` for the graph's inputs, of which nobody has said yet what is what. */
  readonly features?: Axis | undefined;
  readonly stage: Stage;
}

/** How far it has come. */
export type Stage = Input | Embedded | Hidden | Made;

/** As it goes into the graph. */
export interface Input {
  readonly at: 'input';
  readonly input: string;
  readonly inputs: Values;
}

/** Symbols as vectors. */
export interface Embedded {
  readonly at: 'embedded';
  readonly input: string;
  /** `[V, E]`; without it they are one-hot. */
  readonly embedding?: Matrix | undefined;
}

/** The states of a layer. */
export interface Hidden {
  readonly at: 'hidden';
  readonly stack: Stack;
}

/** Layers, one above the other. */
export interface Stack {
  readonly input: string;
  readonly inputs: Values;
  readonly embedding?: Matrix | undefined;
  readonly cell: Cell;
  readonly layers: readonly FusedLayer[];
  /** The axis that they go along, if it is not one of size 1. */
  readonly time: Axis | undefined;
}

/** What a network makes of the topmost states. */
export interface Made {
  readonly at: 'made';
  readonly stack: Stack;
  /** `[O, H]` */
  readonly weight: Matrix;
  readonly bias?: Float32Array<ArrayBuffer> | undefined;
  /** What has been made of the logits; nothing yet without it. */
  readonly output?: Output | undefined;
  /** Whether the output is a softmax, of which a logarithm may still be taken. */
  readonly softmax?: boolean | undefined;
}

/** What no network here computes. */
export interface Refused {
  readonly kind: 'refused';
  /** In a sentence. */
  readonly reason: string;
}

export const zeros: Zeros = { kind: 'zeros' };
