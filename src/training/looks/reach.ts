import type { Task } from '../../data/dataset.ts';
import { batchOf } from '../../data/labelled/batches.ts';
import type { Network } from '../../engine/engine.ts';
import { initialState } from '../../engine/initial-state.ts';
import { type Cell, comparedWith, statesOf } from '../../model/cells/cells.ts';
import type { Run } from '../run.ts';
import { endingsOf } from './endings.ts';
import { type Timestep, timestepOf } from './timestep.ts';

/** Over how many stretches of what is learned the norms are averaged. */
const stretches = 16;
/** The most timesteps to go back. */
const farthest = 512;

/**
 * How strongly the states before it act on the loss at one place: ‖∂loss/∂h‖ by the distance between the two. What a
 * cell carries on beside h belongs to its state: of an LSTM it is the length of ∂loss/∂h and ∂loss/∂c together.
 */
export interface Reach {
  readonly cell: Cell;
  /** H of the network, which learns what is called `datasetName`. */
  readonly hidden: number;
  readonly datasetName: string;
  /** What it reads at each timestep. */
  readonly timestep: Timestep;
  /** Steps that the network had been trained for. */
  readonly step: number;
  /** Of each layer, `[T + 1]`: `norms[layer][k]` is of the state k timesteps before the one that the prediction is made from. */
  readonly norms: readonly Float64Array[];
}

/** The reach of the gradient in the network as it stands, on what it has not learned from where there is enough. */
export async function reachOf(run: Run): Promise<Reach> {
  const { step } = run;
  return describe(run, run.model.cell, step, await stateGradientNorms(run.network, run.task));
}

/**
 * What it is to be compared with: the reach before the first step, of this network and of one of `comparedWith`, in that
 * order; each in a session of its own for as long as it takes.
 */
export async function untrainedReaches(run: Run): Promise<readonly [own: Reach, other: Reach]> {
  const { cell } = run.model;
  return [await untrainedReach(run, cell), await untrainedReach(run, comparedWith(cell))];
}

async function untrainedReach(run: Run, cell: Cell): Promise<Reach> {
  const model = { ...run.model, cell };
  const rows = Math.min(run.session.capacity.rows, stretches);
  const timesteps = Math.min(run.session.capacity.timesteps, farthest);
  const session = await run.engine.open(model, { rows, timesteps });
  try {
    session.write(initialState(model, session.capacity, run.configuration.seed));
    return describe(run, cell, 0, await stateGradientNorms(session, run.task));
  } finally {
    session.close();
  }
}

function describe({ model, dataset }: Run, cell: Cell, step: number, norms: Reach['norms']): Reach {
  const { hiddenSize: hidden } = model;
  return { cell, hidden, datasetName: dataset.name, timestep: timestepOf(dataset), step, norms };
}

/**
 * Reads stretches from zero states, counts the loss at each one's last timestep alone, and takes the gradients with respect to the
 * states from the engine's own backward pass.
 *
 * @returns of each layer mean norms over the stretches, by timesteps back from the loss; over those that go so far back
 */
async function stateGradientNorms(network: Network, task: Task): Promise<Float64Array[]> {
  const { hiddenSize: H, layers: L } = network.model;
  const { capacity } = network;
  const states = statesOf(network.model);
  const endings = endingsOf(task, stretches, Math.min(capacity.timesteps, farthest));
  const lengths = endings.inputs.map(({ length }) => length / endings.inputWidth);
  const norms = Array.from({ length: L }, () => new Float64Array(Math.max(...lengths) + 1));
  for (let first = 0; first < lengths.length; first += capacity.rows) {
    const numbers = Uint32Array.from(lengths.keys()).subarray(first, first + capacity.rows);
    const batch = batchOf(endings, numbers);
    const { rows: B, timesteps: T } = batch;
    const { stateGradients } = await network.gradients(batch);
    for (const [b, ending] of numbers.entries()) {
      for (let back = 0; back <= lengths[ending]!; back++) {
        const t = lengths[ending]! - back;
        const squares = new Float64Array(L);
        for (const [s, { layer }] of states.entries()) {
          const start = ((s * (T + 1) + t) * B + b) * H;
          for (const g of stateGradients.subarray(start, start + H)) squares[layer]! += g * g;
        }
        const reaching = lengths.filter((length) => length >= back).length;
        // A batch's loss is the mean over its rows, so a row's own gradient is B times what it has here.
        for (const [layer, of] of norms.entries()) of[back]! += (B * Math.sqrt(squares[layer]!)) / reaching;
      }
    }
  }
  return norms;
}
