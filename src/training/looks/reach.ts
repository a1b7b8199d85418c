import { demandText } from '../../data/text/task.ts';
import type { Batch, Network } from '../../engine/engine.ts';
import { initialState } from '../../engine/initial-state.ts';
import { type Cell, comparedWith, statesOf } from '../../model/cells/cells.ts';
import type { Run } from '../run.ts';

/** How many places of the text the norms are averaged over. */
const windows = 16;
/** The most timesteps to go back. */
const farthest = 512;

/**
 * How strongly the states before it act on the loss at one character: ‖∂loss/∂h‖ by the distance between the two. What a
 * cell carries on beside h belongs to its state: of an LSTM it is the length of ∂loss/∂h and ∂loss/∂c together.
 */
export interface Reach {
  readonly cell: Cell;
  /** H of the network, whose text is called `datasetName`. */
  readonly hidden: number;
  readonly datasetName: string;
  /** Steps that the network had been trained for. */
  readonly step: number;
  /** Of each layer, `[T + 1]`: `norms[layer][k]` is of the state k timesteps before the one that the prediction is made from. */
  readonly norms: readonly Float64Array[];
}

/** The reach of the gradient in the network as it stands, on text that it has not learned from where there is enough. */
export async function reachOf(run: Run): Promise<Reach> {
  const { step } = run;
  return describe(run, run.model.cell, step, await stateGradientNorms(run.network, textOf(run, run.network)));
}

/** The same for a network of `comparedWith` before its first step, in a session of its own for as long as it takes. */
export async function untrainedReach(run: Run): Promise<Reach> {
  const cell = comparedWith(run.model.cell);
  const model = { ...run.model, cell };
  const rows = Math.min(run.session.capacity.rows, windows);
  const timesteps = Math.min(run.session.capacity.timesteps, farthest);
  const session = await run.engine.open(model, { rows, timesteps });
  try {
    session.write(initialState(model, session.capacity, run.configuration.seed));
    return describe(run, cell, 0, await stateGradientNorms(session, textOf(run, session)));
  } finally {
    session.close();
  }
}

function describe({ model, dataset }: Run, cell: Cell, step: number, norms: Reach['norms']): Reach {
  return { cell, hidden: model.hiddenSize, datasetName: dataset.name, step, norms };
}

function textOf({ task }: Run, { capacity: { timesteps } }: Network): Uint32Array {
  const { training, validation } = demandText(task).text;
  return validation.length > Math.min(timesteps, farthest) ? validation : training;
}

/**
 * Reads windows of the text from zero states, counts the loss at each window's last timestep alone, and takes the
 * gradients with respect to the states from the engine's own backward pass.
 *
 * @returns of each layer mean norms over the windows, by timesteps back from the loss
 */
async function stateGradientNorms(network: Network, text: Uint32Array): Promise<Float64Array[]> {
  const { hiddenSize: H, layers: L } = network.model;
  const states = statesOf(network.model);
  const T = Math.min(network.capacity.timesteps, farthest);
  const B = Math.min(network.capacity.rows, windows);
  const norms = Array.from({ length: L }, () => new Float64Array(T + 1));
  const passes = Math.ceil(windows / B);
  for (let pass = 0; pass < passes; pass++) {
    const { stateGradients } = await network.gradients(lastLossOnly(text, T, B, pass / passes));
    for (let t = 0; t <= T; t++) {
      for (let b = 0; b < B; b++) {
        const squares = new Float64Array(L);
        for (const [s, { layer }] of states.entries()) {
          const start = ((s * (T + 1) + t) * B + b) * H;
          for (const g of stateGradients.subarray(start, start + H)) squares[layer]! += g * g;
        }
        // A batch's loss is the mean over its rows, so a row's own gradient is B times what it has here; of those, the mean.
        for (const [layer, of] of norms.entries()) of[T - t]! += Math.sqrt(squares[layer]!) / passes;
      }
    }
  }
  return norms;
}

/** Windows of T characters, evenly spread over the text from a place `offset` of their distance in. */
function lastLossOnly(text: Uint32Array, timesteps: number, rows: number, offset: number): Batch {
  const inputs = new Uint32Array(timesteps * rows);
  const targets = new Uint32Array(timesteps * rows);
  const room = text.length - timesteps - 1;
  for (let row = 0; row < rows; row++) {
    const start = Math.floor((room * (row + offset)) / rows);
    for (let t = 0; t < timesteps; t++) {
      inputs[t * rows + row] = text[start + t]!;
      targets[t * rows + row] = text[start + t + 1]!;
    }
  }
  return { rows, timesteps, inputs, targets, initialState: 'zero', countFrom: timesteps - 1 };
}
