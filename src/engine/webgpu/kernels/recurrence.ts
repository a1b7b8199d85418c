import { type Capacity, CapacityError } from '../../engine.ts';
import { type Limits, stepColumns, stepwiseShape, unitBytes, wholeSequenceShape } from '../limits.ts';
import { entryWords, isProjected, type Network, placesOf, strideOf, vector } from '../network.ts';
import type { Stepwise, Tuning, WholeSequence } from '../tuning.ts';
import { arrangedStride } from './arrange.ts';
import {
  type Binding,
  batch,
  type Dispatch,
  dropoutOf,
  dstatesOf,
  entryOf,
  gatesOf,
  outOf,
  parametersAt,
  statesOf,
  type Work,
  work,
} from './dispatch.ts';

/** How layers are gone through, each way: whole sequences at once, or step by step. */
export interface Recurrence {
  forward(layer: number): Dispatch[];
  backward(layer: number): Dispatch[];
  /** Which stretch of the sequence a dispatch takes: an entry for each, that is bound for itself. */
  readonly stretches: Uint32Array<ArrayBuffer>;
}

/** Timesteps of a sequence for each of which dispatches of its own can be prepared. */
const mostSteps = 8192;

/** @throws CapacityError where the tuning's strategy has no room for the network or the sequence */
export function recurrence(network: Network, capacity: Capacity, limits: Limits, tuning: Tuning): Recurrence {
  return tuning.strategy === 'whole-sequence'
    ? wholeSequences(network, capacity, limits, tuning)
    : stepByStep(network, capacity, limits, tuning);
}

type Way = 'forward' | 'backward';

/** What a dispatch has of a layer and a way, in either strategy. */
interface Linked {
  readonly kernel: string;
  readonly files: readonly string[];
  readonly letters: readonly string[];
  readonly constants: Readonly<Record<string, number>>;
  readonly bindings: Dispatch['bindings'];
}

/** Links a strategy's kernel with the cell's equations, and binds it to a layer. */
function link(
  network: Network,
  { rows, timesteps }: Capacity,
  kernel: `${'sequence' | 'step'}-${Way}`,
  layer: number,
  { weights: precision }: Tuning,
  subgroups: boolean,
): Linked {
  const { model, padded, letters, matrices, inputless, withDropout } = network;
  const { hiddenSize: H, inputSize: I } = padded;
  const dropout = dropoutOf(network, layer);
  const forward = kernel.endsWith('forward');
  const way: Way = forward ? 'forward' : 'backward';
  const half = precision === 'f16';
  const projected = isProjected(network, layer);
  const weights: Binding = forward
    ? parametersAt(network, placesOf(network, layer, 'recurrent', 'bias'))
    : { buffer: 'transposedRecurrent' };
  return {
    kernel,
    files: [
      `parts/${subgroups ? 'subgroup' : 'workgroup'}-sums`,
      'parts/batch',
      'parts/activations',
      ...dropout.files,
      'parts/recurrence',
      `parts/${way}`,
      ...(forward ? ['parts/gates', `parts/${withDropout ? 'dropout' : 'no-dropout'}-forward`] : []),
      ...(network.twoPhases ? [] : [`parts/one-phase-${way}`]),
      `cells/${model.cell}-${way}`,
      kernel,
    ],
    letters,
    constants: {
      HIDDEN: H,
      GATES: network.gates,
      MATRICES: matrices,
      FIRST_GATES: network.firstGates,
      FIRST_MATRICES: network.firstMatrices,
      SECOND_STATE: Number(network.states > 1),
      WEIGHT_STRIDE: forward ? strideOf(H * H) : arrangedStride(H, H),
      HALF: Number(half),
      ...(forward && {
        PROJECTED: Number(projected),
        ...(inputless !== undefined && { INPUTLESS: inputless }),
        INPUT_STRIDE: strideOf(H * (projected ? rows * timesteps : I)),
        BIAS_OFFSET: matrices * strideOf(H * H),
        BIAS_STRIDE: strideOf(H),
        ...(network.restless && { UNITS: model.hiddenSize }),
      }),
    },
    bindings: {
      batch,
      lengths: { buffer: 'lengths' },
      weights,
      // Without them something has to be bound all the same. What is transposed is so either way.
      halves: half && forward ? { buffer: 'halves' } : weights,
      states: statesOf(layer),
      gates: gatesOf(layer),
      ...dropout.bindings,
      ...(forward && withDropout && { out: outOf(network, layer) }),
      ...(forward
        ? {
            tokens: { buffer: 'tokens' } as const,
            input: projected
              ? ({ buffer: 'inputProducts' } as const)
              : parametersAt(network, placesOf(network, layer, 'input')),
          }
        : { dstates: dstatesOf(layer) }),
    },
  };
}

const stretchAt = (index: number): Binding => entryOf('stretches', index, 2);

/** Which of how many, for each. */
function stretchTable(entries: number, count: number): Uint32Array<ArrayBuffer> {
  const table = new Uint32Array(entries * entryWords);
  for (let index = 0; index < entries; index++) table.set([index, count], index * entryWords);
  return table;
}

/** A workgroup takes a few rows through the whole sequence, or a stretch of it. */
function wholeSequences(network: Network, capacity: Capacity, limits: Limits, tuning: WholeSequence): Recurrence {
  const { stretches } = tuning;
  const way = (way: Way, layer: number): Dispatch[] => {
    const kernel = `sequence-${way}` as const;
    const { constants: shape, subgroups } = wholeSequenceShape(
      kernel,
      network.padded.hiddenSize,
      unitBytes(network)[way],
      tuning,
      limits,
    );
    const linked = link(network, capacity, kernel, layer, tuning, subgroups);
    return Array.from({ length: stretches }, (_, i) => ({
      ...linked,
      constants: { ...linked.constants, ...shape },
      bindings: { ...linked.bindings, stretch: stretchAt(i) },
      workgroups: ({ rows }) => [Math.ceil(rows / shape.ROWS)],
      work: (batch) => {
        const { operations, bytes } = sequenceWork(network, layer, way, tuning)(batch);
        return { operations: operations / stretches, bytes: bytes / stretches };
      },
    }));
  };
  return {
    stretches: stretchTable(stretches, stretches),
    forward: (layer) => way('forward', layer),
    backward: (layer) => way('backward', layer).reverse(),
  };
}

/** All rows take a phase of a timestep together. */
function stepByStep(network: Network, capacity: Capacity, limits: Limits, tuning: Stepwise): Recurrence {
  const { timesteps } = capacity;
  if (timesteps > mostSteps) {
    throw new CapacityError(
      `Sequences of ${timesteps} timesteps are too long to go through step by step, which takes at most ${mostSteps}.`,
    );
  }
  const { constants: shape, subgroups } = stepwiseShape(tuning, limits);
  const columns = Math.ceil(network.padded.hiddenSize / vector / stepColumns);
  const phases = network.twoPhases ? [0, 1] : [0];
  const dispatcher = (way: Way, layer: number) => {
    const linked = link(network, capacity, `step-${way}`, layer, tuning, subgroups);
    /** The dispatch of a phase of timestep `t`, for batches that have at least `least` timesteps. */
    return (t: number, phase: number, least: number): Dispatch => ({
      ...linked,
      constants: { ...linked.constants, ...shape, SECOND: phase },
      bindings: { ...linked.bindings, stretch: stretchAt(t) },
      workgroups: ({ rows, timesteps }) => [least <= timesteps ? columns : 0, Math.ceil(rows / vector / shape.QUADS)],
      work: stepWork(network, phase, tuning),
    });
  };
  const steps = Array.from({ length: timesteps }, (_, t) => t);
  return {
    stretches: stretchTable(timesteps + 1, timesteps),
    forward: (layer) => {
      const step = dispatcher('forward', layer);
      return steps.flatMap((t) => phases.map((phase) => step(t, phase, t + 1)));
    },
    // The state after the last timestep comes first, with no product of its own.
    backward: (layer) => {
      const step = dispatcher('backward', layer);
      return [...steps, timesteps]
        .toReversed()
        .flatMap((t) => [...(network.twoPhases && t < timesteps ? [step(t, 1, t + 1)] : []), step(t, 0, t)]);
    },
  };
}

/** Of four bytes, how many a recurrent weight takes. */
const weightSize = ({ weights }: Tuning) => (weights === 'f16' ? 0.5 : 1);

/**
 * Vectors kept at each place for the way back besides the states: what became of each gate, and q. Where there is but one
 * gate, that is the state.
 */
const keptOf = ({ gates, twoPhases }: Network) => (gates === 1 ? 0 : gates + Number(twoPhases));

function sequenceWork(network: Network, layer: number, way: Way, tuning: Tuning): Dispatch['work'] {
  const { model, gates, matrices, inputMatrices, states, withDropout } = network;
  const { inputSize: I, hiddenSize: H } = model;
  const kept = keptOf(network);
  const out = Number(withDropout);
  const weights = matrices * weightSize(tuning) * H * H;
  return ({ rows, timesteps }) => {
    const N = rows * timesteps;
    const operations = 2 * matrices * N * H * H;
    // In: symbols and U, or the products of both; W, b, the first states. Out: states, and what is kept for the way back or,
    // with dropout, put out.
    if (way === 'forward') {
      const input = inputMatrices * H * (isProjected(network, layer) ? N : I);
      return work(operations, N + input + weights + gates * H + states * rows * H + (states + kept + out) * N * H);
    }
    // In: Wᵀ, what was kept, ∂h; out: da, ∂h. What became of an only gate is read from the states.
    return work(operations, weights + (states + kept + gates + 2 * states) * N * H + states * rows * H);
  };
}

/** One phase of a timestep. In: W of its gates, h or da; out: what they made of it. */
function stepWork(network: Network, phase: number, tuning: Tuning): Dispatch['work'] {
  const { model, matrices, firstMatrices } = network;
  const H = model.hiddenSize;
  const count = phase === 0 ? firstMatrices : matrices - firstMatrices;
  return ({ rows }): Work =>
    work(2 * count * rows * H * H, count * weightSize(tuning) * H * H + (3 + 2 * count) * rows * H);
}
