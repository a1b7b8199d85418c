import type { Cell } from '../../../model/cells/cells.ts';
import { mostLayers } from '../../../model/configuration.ts';
import type { FusedLayer } from '../../fused.ts';
import { type CellOperator, cellOperators, gateOrders, usualActivations } from '../cells.ts';
import type { Place } from '../node.ts';
import type { Axis, Dimension, Sequence, Stack, Value } from '../values.ts';
import { isZero } from './known.ts';

/** The operators that are layers. */

/** A layer: its states at every timestep, and those after the last. */
export function recurrent(place: Place): Value | readonly Value[] {
  const cell = cellOf(place);
  if (typeof cell !== 'string') return place.refuse(cell.fault);
  const [x, , , , lengths, h, c, peepholes] = Array.from({ length: 8 }, (_, i) => place.inputs[i]);
  if (lengths !== undefined) {
    return place.refuse('has sequence_lens, an end for each row: export the network without packed sequences.');
  }
  if (peepholes !== undefined) return place.refuse('has peepholes (P), which no cell of Sluice has.');
  const states = [h, c].flatMap((state) => state ?? []);
  const fault = states.map(faultOfState).find((fault) => fault !== undefined);
  if (fault !== undefined) return place.refuse(fault);
  if (x?.kind === 'states') return { kind: 'refused', reason: x.reason };
  if (x?.kind === 'last') return place.refuse('reads the last state of a layer, not its states at every timestep.');
  if (x?.kind !== 'sequence' || x.stage.at === 'made' || isSymbols(x)) {
    return place.refuse('reads neither vectors that go in, nor symbols as vectors, nor the states of another layer.');
  }

  const batchFirst = place.attribute('layout', 'int') === 1;
  const [time, batch, last] = batchFirst ? [1, 0, 2].map((d) => x.dimensions[d]) : x.dimensions;
  const features = x.features ?? last?.[0];
  const isWhole = x.dimensions.length === 3 && time!.length <= 1 && batch!.length <= 1;
  if (!isWhole || features === undefined || last?.length !== 1 || last[0] !== features) {
    return place.refuse('reads something else than a vector for each timestep and each row of the batch.');
  }
  const given = states.flatMap(inputsOf);
  if (time!.length === 0 && given.length === 0) {
    return place.refuse('reads a single timestep: what goes in has no dimension that could be time.');
  }
  const { stage } = x;
  const below = stage.at === 'hidden' ? stage.stack : undefined;
  if (below) {
    if (below.time !== time![0]) return place.refuse('goes along another dimension than the layer below it.');
    if (below.cell !== cell) return place.refuse(`is of another cell than the layer below it, ${below.cell}.`);
    if (below.layers.length === mostLayers) return place.refuse(`is a layer too many: there may be ${mostLayers}.`);
  }
  const input = stage.at === 'hidden' ? stage.stack.input : stage.input;
  if (given.includes(input)) return place.refuse('starts from states that are also what goes into the network.');

  const layer = layerIn(place, cell);
  if (layer === undefined) {
    return place.refuse('has no weights W, R and B of one direction that are known before it runs and fit each other.');
  }
  const { columns } = layer.input;
  if ((features.size ?? columns) !== columns) {
    throw place.damaged(`reads ${features.size} numbers, but its weights ${columns}`);
  }
  const inputs = stage.at === 'input' ? 'vectors' : 'symbols';
  const embedding = stage.at === 'embedded' ? stage.embedding : undefined;
  const stack: Stack = below
    ? { ...below, layers: [...below.layers, layer] }
    : { input, inputs, embedding, cell, layers: [layer], time: time![0] };
  const units: Axis = { size: layer.recurrent.columns };
  const dimensions: Dimension[] = batchFirst ? [batch!, time!, [], [units]] : [time!, [], batch!, [units]];
  const after: Value = { kind: 'last', layers: new Set([layer]) };
  return [{ kind: 'sequence', dimensions, features: units, stage: { at: 'hidden', stack } }, after, after];
}

const isSymbols = ({ stage }: Sequence) => stage.at === 'input' && stage.inputs === 'symbols';

/** The graph's inputs that states come from. */
function inputsOf(state: Value): readonly string[] {
  if (state.kind === 'states') return [...state.inputs];
  return state.kind === 'sequence' && state.stage.at === 'input' ? [state.stage.input] : [];
}

/** What is wrong with the states that a layer starts from. */
function faultOfState(state: Value): string | undefined {
  if (state.kind === 'constant' && !isZero(state)) {
    return 'starts from constant states that are not zero: the cells of Sluice start from zero.';
  }
  const isInput = state.kind === 'sequence' && state.stage.at === 'input' && state.stage.inputs === 'vectors';
  if (isInput || state.kind === 'constant' || state.kind === 'zeros' || state.kind === 'states') return undefined;
  return 'starts from states that are computed in the graph: they have to be zero, or to be given to it.';
}

/** The cell that an operator computes, or why it is none of Sluice's. */
function cellOf(place: Place): Cell | { readonly fault: string } {
  const operator = place.node.operator as CellOperator['operator'];
  const direction = place.attribute('direction', 'string') ?? 'forward';
  if (direction !== 'forward') {
    return { fault: 'does not go forward (its direction says so): Sluice’s layers go forward alone.' };
  }
  if (place.node.attributes.has('clip')) return { fault: 'clips its sums (clip), which no cell of Sluice does.' };
  if ((place.attribute('input_forget', 'int') ?? 0) !== 0) {
    return { fault: 'couples its input and forget gates (input_forget), which no cell of Sluice does.' };
  }
  for (const name of ['activation_alpha', 'activation_beta']) {
    if ((place.attribute(name, 'floats') ?? []).length > 0) {
      return { fault: `has parameters of its activations (${name}), which no cell of Sluice has.` };
    }
  }
  const layout = place.attribute('layout', 'int') ?? 0;
  if (layout !== 0 && layout !== 1) throw place.damaged('has a layout that there is not');
  const activations = (place.attribute('activations', 'strings') ?? usualActivations[operator]).map((name) =>
    name.toLowerCase(),
  );
  const resetAfter = (place.attribute('linear_before_reset', 'int') ?? 0) !== 0;
  for (const [cell, known] of Object.entries(cellOperators)) {
    const same = known.activations.map((name) => name.toLowerCase()).join() === activations.join();
    if (known.operator === operator && same && (known.resetAfter ?? false) === resetAfter) return cell as Cell;
  }
  const shown = activations
    .join(', ')
    .slice(0, 60)
    .replace(/[^\w, ]/g, '?');
  return { fault: `has other activations than Sluice’s cells have: ${shown}.` };
}

/** A layer's weights: W `[1, G·H, I]`, R `[1, G·H, H]`, and B `[1, 2·G·H]`, the input's bias and the recurrent one. */
function layerIn(place: Place, cell: Cell): FusedLayer | undefined {
  const numbers = (value: Value | undefined, rank: number) => {
    const isSound =
      value?.kind === 'constant' &&
      value.dims.length === rank &&
      value.dims[0] === 1 &&
      value.numbers instanceof Float32Array;
    return isSound ? { dims: value.dims, data: value.numbers as Float32Array<ArrayBuffer> } : undefined;
  };
  const [W, R, B] = [numbers(place.inputs[1], 3), numbers(place.inputs[2], 3), numbers(place.inputs[3], 2)];
  if (W === undefined || R === undefined || (place.inputs[3] !== undefined && B === undefined)) return undefined;
  const [, rows, columns] = W.dims as [number, number, number];
  const [, recurrentRows, H] = R.dims as [number, number, number];
  const hidden = place.attribute('hidden_size', 'int') ?? H;
  if (rows !== gateOrders[cell].length * H || recurrentRows !== rows || hidden !== H || H === 0) return undefined;
  if (B !== undefined && B.dims[1] !== 2 * rows) return undefined;
  return {
    input: { rows, columns, data: W.data },
    recurrent: { rows, columns: H, data: R.data },
    inputBias: B?.data.slice(0, rows),
    recurrentBias: B?.data.slice(rows),
  };
}
