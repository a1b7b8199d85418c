/** A sequence through a stack of layers and back: backpropagation through time, for whichever cell. */

import { describeCell } from '../../model/cells/cells.ts';
import type { ModelConfiguration } from '../../model/configuration.ts';
import { layerSuffix } from '../../model/parameters.ts';
import type { Backward, Parameters, States, Timestep } from './cells/cell.ts';
import { cells } from './cells/cells.ts';
import type { Masks, MasksAt } from './dropout.ts';
import { cost, costBackward, logits, type OutputLayer } from './output.ts';
import {
  accumulate,
  accumulateOuter,
  elementwise,
  type Input,
  sum,
  timesTransposed,
  type Vector,
  zeros,
} from './vectors.ts';

/** The output's parameters under the name that all cells have for them. */
export const outputLayer = ({ cell }: ModelConfiguration, parameters: Parameters): OutputLayer => ({
  V: parameters['V']!,
  bias: parameters[describeCell(cell).outputBias]!,
});

/** Each layer's parameters, or gradients by them, under the names of the first layer. */
export function layersOf({ layers }: ModelConfiguration, parameters: Parameters): readonly Parameters[] {
  return Array.from({ length: layers }, (_, layer) => {
    const suffix = layerSuffix(layer);
    const own = Object.entries(parameters).filter(([name]) => name.endsWith(suffix));
    return Object.fromEntries(own.map(([name, values]) => [name.slice(0, name.length - suffix.length), values]));
  });
}

/** Zero states of all layers. */
export const zeroStates = ({ cell, layers, hiddenSize }: ModelConfiguration): States[] =>
  Array.from({ length: layers }, () => describeCell(cell).states.map(() => zeros(hiddenSize)) as unknown as States);

/** A timestep of one layer of a stack. */
export interface LayerTimestep extends Timestep {
  /** What the layer above or the output reads: m ⊙ h′. */
  readonly out: Vector;
  readonly masks: Masks;
}

/** One timestep of all layers, from the states of each: each layer reads what the one below puts out. */
export function step(
  model: ModelConfiguration,
  layers: readonly Parameters[],
  x: Input,
  states: readonly States[],
  masksOf: (layer: number) => Masks,
): LayerTimestep[] {
  return layers.map((parameters, layer) => {
    const masks = masksOf(layer);
    const timestep = cells[model.cell].step(parameters, x, states[layer]!, masks.candidates);
    const out = elementwise((m, h) => m * h, masks.outputs, timestep.after[0]);
    x = out;
    return { ...timestep, out, masks };
  });
}

/** One row of a batch, from its first timestep to its last. */
export interface Sequence {
  /** What goes in at each timestep, `[T]`. */
  readonly inputs: readonly Input[];
  /** What should come out, `[T]`; nothing where the cost does not count. */
  readonly targets: readonly (Input | undefined)[];
  /** What dropout leaves out. */
  readonly masks: MasksAt;
}

/** What a sequence left behind on its way forward. */
export interface Forward {
  /** `[T][L]` */
  readonly timesteps: readonly (readonly LayerTimestep[])[];
  /** The states of each layer after the last timestep, `[L]`. */
  readonly final: readonly States[];
  /** `[T][O]` */
  readonly logits: readonly Vector[];
  /** Σ_t C(y, t) over the timesteps that count. */
  readonly loss: number;
}

/** Runs a sequence through, from the states of each layer. */
export function forward(
  model: ModelConfiguration,
  parameters: Parameters,
  { inputs, targets, masks }: Sequence,
  states: readonly States[],
): Forward {
  const layers = layersOf(model, parameters);
  const output = outputLayer(model, parameters);
  const timesteps: LayerTimestep[][] = [];
  const made: Vector[] = [];
  let loss = 0;
  for (const [t, x] of inputs.entries()) {
    const timestep = step(model, layers, x, states, (layer) => masks(t, layer));
    states = timestep.map(({ after }) => after);
    const a = logits(output, timestep.at(-1)!.out);
    const target = targets[t];
    if (target !== undefined) loss += cost(model, a, target);
    timesteps.push(timestep);
    made.push(a);
  }
  return { timesteps, final: states, logits: made, loss };
}

/**
 * Backpropagation through time. Adds to `gradients` the gradient of `scale` times the loss of one sequence.
 *
 * @returns ∂loss by the states of each layer before each timestep and after the last, `[T + 1][L]`; and by what stands between
 *   them, `[T][L]`
 */
export function backward(
  model: ModelConfiguration,
  parameters: Parameters,
  { inputs, targets }: Sequence,
  { timesteps, logits }: Forward,
  scale: number,
  gradients: Parameters,
): { readonly byState: readonly (readonly States[])[]; readonly inner: readonly (readonly Backward['inner'][])[] } {
  const { V } = outputLayer(model, parameters);
  const output = outputLayer(model, gradients);
  const layers = layersOf(model, parameters);
  const gradientLayers = layersOf(model, gradients);
  let fromNext: readonly States[] = zeroStates(model);
  const byState: (readonly States[])[] = [];
  const inner: Backward['inner'][][] = [];
  for (let t = timesteps.length - 1; t >= 0; t--) {
    const timestep = timesteps[t]!;
    /** ∂loss by what a layer puts out, from what reads it at this timestep: the output, or the layer above. */
    let fromAbove = zeros(model.hiddenSize);
    const target = targets[t];
    if (target !== undefined) {
      const dLogits = costBackward(model, logits[t]!, target).map((d) => scale * d);
      accumulateOuter(output.V, timestep.at(-1)!.out, dLogits);
      accumulate(output.bias, dLogits);
      fromAbove = timesTransposed(dLogits, V);
    }
    const after: States[] = [];
    const before: States[] = [];
    const between: Backward['inner'][] = [];
    for (let layer = model.layers - 1; layer >= 0; layer--) {
      const [h, ...others] = fromNext[layer]!;
      const shown = elementwise((m, d) => m * d, timestep[layer]!.masks.outputs, fromAbove);
      const g = [sum(shown, h), ...others] as const as States;
      const x = layer === 0 ? inputs[t]! : timestep[layer - 1]!.out;
      const back = cells[model.cell].stepBackward(layers[layer]!, x, timestep[layer]!, g, gradientLayers[layer]!);
      after.unshift(g);
      before.unshift(back.before);
      between.unshift(back.inner);
      if (layer > 0) fromAbove = back.x!;
    }
    byState.unshift(after);
    inner.unshift(between);
    fromNext = before;
  }
  return { byState: [fromNext, ...byState], inner };
}
