import type { Batch, Capacity, Dropout, DropoutMasks, TrainingState } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import { type Cell, cells, comparedWith, describeCell, statesOf } from '../model/cells/cells.ts';
import { type ModelConfiguration, targetsOf } from '../model/configuration.ts';
import { Random } from '../model/random.ts';

/** V, H, B, T */
export type Shape = readonly [symbols: number, hidden: number, rows: number, timesteps: number];

/** What a network is besides its cell and its sizes. */
interface Form extends Pick<ModelConfiguration, 'layers' | 'inputs' | 'output' | 'cost'> {
  /** Whether it has about half as many outputs as inputs, and not just as many. */
  readonly fewer: boolean;
}

const symbols: Form = { layers: 1, inputs: 'symbols', output: 'log-softmax', cost: 'cross-entropy', fewer: false };
const vectors: Form = { layers: 1, inputs: 'vectors', output: 'sigmoid', cost: 'cross-entropy', fewer: true };

/** With these every cell is met. In those called ragged rows end early, and some targets are absent. */
const ofEveryCell: Readonly<Record<string, Form>> = {
  symbols,
  '2 layers, symbols, ragged': { ...symbols, layers: 2 },
  '2 layers, vectors': { ...vectors, layers: 2 },
  'vectors, linear, ragged': { ...vectors, output: 'linear', cost: 'squared-error' },
  'classes, ragged': { ...symbols, fewer: true },
};

/** Further outputs, costs and depths, of which a cell knows little: it is enough to meet them with two of the cells. */
const ofTwoCells: Readonly<Record<string, Form>> = {
  'symbols, sigmoid': { ...symbols, output: 'sigmoid' },
  'symbols, sigmoid, squared error': { ...symbols, output: 'sigmoid', cost: 'squared-error' },
  vectors,
  'vectors, squared error': { ...vectors, cost: 'squared-error' },
  '3 layers, vectors, log-softmax': { ...vectors, layers: 3, output: 'log-softmax' },
};

const formsOf = (cell: Cell) => ({
  ...ofEveryCell,
  ...([cells[0], comparedWith(cells[0])].includes(cell) && ofTwoCells),
});

/** Every kind of network that is checked, with V symbols or inputs, by its name: `GRU, 2 layers, vectors`. */
export const kinds: Readonly<Record<string, (V: number, H: number) => ModelConfiguration>> = Object.fromEntries(
  cells.flatMap((cell) =>
    Object.entries(formsOf(cell)).map(([name, { fewer, ...form }]) => [
      `${describeCell(cell).title}, ${name}`,
      (V: number, hiddenSize: number) => {
        return { cell, ...form, inputSize: V, hiddenSize, outputSize: fewer ? 1 + (V >> 1) : V };
      },
    ]),
  ),
);

/** The name of a kind. */
export type Kind = string;

/** A network of a kind, a batch and a start state of the given shape, all drawn from a seed. */
export const randomCase = ([V, H, rows, timesteps]: Shape, seed: number, kind: Kind = 'GRU, symbols') =>
  drawCase(kinds[kind]!(V, H), { rows, timesteps }, seed, kind.endsWith('ragged'));

/** A batch and a start state for a network, drawn from a seed. */
export function drawCase(model: ModelConfiguration, { rows, timesteps }: Capacity, seed: number, isRagged: boolean) {
  const random = new Random(seed);
  const places = rows * timesteps;
  const draw = (values: 'symbols' | 'vectors', size: number, from: number) =>
    values === 'symbols'
      ? Uint32Array.from({ length: places }, () => random.integer(size))
      : Float32Array.from({ length: places * size }, () => from + (1 - from) * random.uniform());
  // Vectors that go in may be negative; what should come out lies between 0 and 1.
  const inputs = draw(model.inputs, model.inputSize, -1);
  const targets = draw(targetsOf(model), model.outputSize, 0);
  const initial = Float32Array.from(
    { length: statesOf(model).length * rows * model.hiddenSize },
    () => 2 * random.uniform() - 1,
  );
  const batch: Batch = { rows, timesteps, inputs, targets, initialState: initial };
  const state: TrainingState = initialState(model, batch, seed);
  return { model, batch: isRagged ? ragged(batch, random) : batch, state };
}

/** Something to leave out of whatever a network has. */
export const someDropout = (model: ModelConfiguration, masks: DropoutMasks, seed: number): Dropout => ({
  outputs: 0.4,
  candidates: describeCell(model.cell).candidate === undefined ? 0 : 0.25,
  masks,
  seed,
});

/** Rows of 0 to T timesteps, but one of all T, of which two thirds of the places count. */
function ragged(batch: Batch, random: Random): Batch {
  const { rows, timesteps } = batch;
  const lengths = Uint32Array.from({ length: rows }, (_, row) =>
    row === 0 ? timesteps : random.integer(timesteps + 1),
  );
  const counts = Uint8Array.from({ length: rows * timesteps }, () => Number(random.uniform() < 2 / 3));
  counts[(timesteps - 1) * rows] = 1;
  return { ...batch, lengths, counts };
}
