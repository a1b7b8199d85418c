/** A sequence through a network and back: backpropagation through time, for whichever cell. */

import type { Cell, ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterName, parametersOf } from '../../model/parameters.ts';
import * as gru from './gru.ts';
import { cost, costBackward, logits, type OutputLayer } from './output.ts';
import * as rnn from './rnn.ts';
import {
  accumulate,
  accumulateOuter,
  type Input,
  type Matrix,
  sum,
  timesTransposed,
  type Vector,
  zeros,
} from './vectors.ts';

/** Parameters, or gradients by them, as flat matrices and vectors, by the names of the network's cell. */
export type Parameters = Readonly<Record<ParameterName, Matrix>>;

type Timestep = rnn.Timestep & Partial<gru.Timestep>;

const steps: Readonly<Record<Cell, (parameters: Parameters, x: Input, h: Vector) => Timestep>> = {
  gru: gru.step,
  rnn: rnn.step,
};

type StepBackward = (parameters: Parameters, x: Input, timestep: Timestep, g: Vector, gradients: Parameters) => Vector;

const stepsBackward: Readonly<Record<Cell, StepBackward>> = {
  gru: (parameters, x, timestep, g, gradients) =>
    gru.stepBackward(parameters, x, timestep as gru.Timestep, g, gradients),
  rnn: rnn.stepBackward,
};

/** The output's parameters under the name that both cells have for them. */
export const outputLayer = ({ cell }: ModelConfiguration, parameters: Parameters): OutputLayer => ({
  V: parameters.V,
  bias: parameters[parametersOf(cell, 'outputBias')[0]!],
});

/** One timestep of whichever cell: the state h `[H]` meets the input x. */
export const step = ({ cell }: ModelConfiguration, parameters: Parameters, x: Input, h: Vector): Timestep =>
  steps[cell](parameters, x, h);

/** One row of a batch. */
export interface Sequence {
  /** What goes in at each timestep, `[T]`. */
  readonly inputs: readonly Input[];
  /** What should come out, `[T]`. */
  readonly targets: readonly Input[];
  /** The first timestep whose cost counts. */
  readonly countFrom: number;
}

/** What a sequence left behind on its way forward. */
export interface Forward {
  /** `[T]` */
  readonly timesteps: readonly Timestep[];
  /** `[T][O]` */
  readonly logits: readonly Vector[];
  /** Σ_t C(y, t) over the timesteps that count. */
  readonly loss: number;
}

/** Runs a sequence through, from the state h `[H]`. */
export function forward(
  model: ModelConfiguration,
  parameters: Parameters,
  { inputs, targets, countFrom }: Sequence,
  h: Vector,
): Forward {
  const layer = outputLayer(model, parameters);
  const timesteps: Timestep[] = [];
  const made: Vector[] = [];
  let loss = 0;
  for (const [t, x] of inputs.entries()) {
    const timestep = step(model, parameters, x, h);
    h = timestep.next;
    const a = logits(layer, h);
    if (t >= countFrom) loss += cost(model, a, targets[t]!);
    timesteps.push(timestep);
    made.push(a);
  }
  return { timesteps, logits: made, loss };
}

/**
 * Backpropagation through time. Adds to `gradients` the gradient of `scale` times the loss of one sequence.
 *
 * @returns ∂loss/∂h by the state before each timestep and after the last, `[T + 1][H]`
 */
export function backward(
  model: ModelConfiguration,
  parameters: Parameters,
  { inputs, targets, countFrom }: Sequence,
  { timesteps, logits }: Forward,
  scale: number,
  gradients: Parameters,
): Vector[] {
  const { V } = parameters;
  const output = outputLayer(model, gradients);
  const T = timesteps.length;
  const stateGradients = timesteps.map(({ next }) => zeros(next.length));
  let fromNext = zeros(model.hiddenSize);
  for (let t = T - 1; t >= 0; t--) {
    const timestep = timesteps[t]!;
    let g = fromNext;
    if (t >= countFrom) {
      const dLogits = costBackward(model, logits[t]!, targets[t]!).map((d) => scale * d);
      accumulateOuter(output.V, timestep.next, dLogits);
      accumulate(output.bias, dLogits);
      g = sum(timesTransposed(dLogits, V), fromNext);
    }
    stateGradients[t] = g;
    fromNext = stepsBackward[model.cell](parameters, inputs[t]!, timestep, g, gradients);
  }
  return [fromNext, ...stateGradients];
}
