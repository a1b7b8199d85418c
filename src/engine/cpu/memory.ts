import type { ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, parameterLayout, type Role } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';
import { paddedModel } from '../padding.ts';
import { cells } from './cells/cells.ts';

/**
 * Where everything lies in the memory that the members of a crew share: addresses in bytes. All numbers are float32
 * unless said otherwise. I, H, O and the rows are rounded up to whole tiles: see `paddedModel`; a padding row has no
 * targets.
 */
export interface MemoryPlan {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  /** With the sizes as they lie in memory. */
  readonly padded: ModelConfiguration;
  readonly layout: ParameterLayout;
  /** The cell's gates, in the order of their parameters. */
  readonly gates: readonly Gate[];
  /** Where the output's parameters start, in bytes from the start of them all. */
  readonly output: { readonly V: number; readonly bias: number };
  /** R: the most rows that a member has, a multiple of 4. */
  readonly rows: number;
  /** Rows of T·R for which output and weight gradients are computed at once. */
  readonly chunk: number;
  readonly common: Common;
  /** What each member has for itself. */
  readonly members: readonly Own[];
  /** How long the whole memory is. */
  readonly bytes: number;
}

/**
 * One of the affine functions x U + h W + b that a cell is made of. Those whose recurrent products read the same operand
 * are computed as one product, and lie side by side.
 */
export interface Gate {
  /** The group of gates that read the same, how many they are, and which of them this is. */
  readonly group: number;
  readonly size: number;
  readonly place: number;
  /** Where its parameters start, in bytes from the start of all parameters, or of all gradients. */
  readonly U: number;
  readonly W: number;
  readonly b: number;
}

/** What all members read, and write their share of. */
export interface Common {
  /** Int32 `[2]`: how many have arrived at the meeting, and how many meetings there were. */
  readonly meeting: number;
  /** Float64 `[members]`: the loss of each member's rows. */
  readonly losses: number;
  /** Float64 `[members][parameters]`: each member's share of each gradient's sum of squares. */
  readonly squares: number;
  readonly parameters: number;
  readonly m: number;
  readonly v: number;
  /** `[B][H]` */
  readonly carried: number;
  /** For each group of n gates, their W side by side, `[H, n·H]`; packed for `multiply`, as all that follow. */
  readonly W: readonly number[];
  /** For each group of n gates, their Wᵀ one above the other, `[n·H, H]`. */
  readonly Wᵀ: readonly number[];
  /** For each gate, `[I, H]`; only where vectors go in. */
  readonly U: readonly number[];
  /** `[H, O]` */
  readonly V: number;
  /** `[O, H]` */
  readonly Vᵀ: number;
}

/** What one member has of its own, for at most R rows. */
export interface Own {
  /** Symbols, Uint32 `[T][R]`, or vectors, `[T][R][I]`. */
  readonly inputs: number;
  /** Int32 `[T][R]`: the symbol; of vectors, 0. −1 in a padding row. */
  readonly targets: number;
  /** `[T][R][O]`; only where vectors go in. */
  readonly targetVectors: number;
  /** By all parameters; the first member's becomes everybody's sum. */
  readonly gradients: number;
  /** h before each timestep and after the last, `[T + 1][R][H]`. */
  readonly states: number;
  /** For each group of n gates, `[T][R][n·H]`: x U + b, then the gates; backward, ∂loss by what they were made of. */
  readonly gates: readonly number[];
  /** What each group's recurrent products read, `[T][R][H]`: the states, or what the cell makes of them on its way. */
  readonly operands: readonly number[];
  /** ∂loss/∂h by the state before each timestep and after the last, `[T + 1][R][H]`. */
  readonly dh: number;
  /** ∂loss by an operand that is not the state, at one timestep, `[R][H]`. */
  readonly dq: number;
  /** `[chunk][O]`; then ∂logits. */
  readonly logits: number;
  /** What a row's loss is made of, `[chunk][2]`. */
  readonly parts: number;
  /** Operands packed for `multiply`. */
  readonly left: number;
  readonly right: number;
  /** `[I, chunk]`, packed; only where vectors go in. */
  readonly inputsᵀ: number;
}

/** Rows go through the kernels four at a time. */
export const tileRows = 4;
/** Columns come eight at a time. */
const tileColumns = 8;
/** Of rows of T·B taken at once: with more, operands would fall out of the cache. */
const largestChunk = 256;
/** A cache line, in bytes. */
const line = 64;
/** WebAssembly's largest memory. */
const mostBytes = 65536 * 65536;

/** How many of `threads` workers find rows to work on. */
export const membersFor = (rows: number, threads: number): number => Math.min(threads, Math.ceil(rows / tileRows));

/**
 * Lays a session out.
 *
 * @param members how many workers share the rows
 * @throws CapacityError if WebAssembly's memory cannot hold it, before anything is allocated.
 */
export function planMemory(model: ModelConfiguration, capacity: Capacity, members: number): MemoryPlan {
  const padded = paddedModel(model, tileColumns);
  const layout = parameterLayout(padded, line / 4);
  const { inputSize: I, hiddenSize: H, outputSize: O } = padded;
  const T = capacity.timesteps;
  const R = tileRows * Math.ceil(Math.ceil(capacity.rows / tileRows) / members);
  const chunk = Math.min(T * R, largestChunk);
  const { groups } = cells[model.cell];
  const ofVectors = (elements: number) => (model.inputs === 'vectors' ? elements : 0);

  let bytes = 0;
  const take = (elements: number, size = 4) => {
    const address = bytes;
    bytes += Math.ceil((elements * size) / line) * line;
    return address;
  };
  const common: Common = {
    meeting: take(line),
    losses: take(members, 8),
    squares: take(members * layout.places.length, 8),
    parameters: take(layout.length),
    m: take(layout.length),
    v: take(layout.length),
    carried: take(capacity.rows * H),
    W: groups.map((size) => take(size * H * H)),
    Wᵀ: groups.map((size) => take(size * H * H)),
    U: groups.flatMap((size) => Array.from({ length: size }, () => take(ofVectors(I * H)))),
    V: take(H * O),
    Vᵀ: take(O * H),
  };
  const own = (): Own => {
    const states = take((T + 1) * R * H);
    return {
      inputs: take(T * R * (ofVectors(I) || 1)),
      targets: take(T * R),
      targetVectors: take(T * R * ofVectors(O)),
      gradients: take(layout.length),
      states,
      gates: groups.map((size) => take(T * R * size * H)),
      operands: groups.map((_, group) => (group === 0 ? states : take(T * R * H))),
      dh: take((T + 1) * R * H),
      dq: take(groups.length > 1 ? R * H : 0),
      logits: take(chunk * O),
      parts: take(chunk * 2),
      left: take(Math.max(R * Math.max(...groups) * H, chunk * Math.max(H, O, ofVectors(I)))),
      right: take(chunk * Math.max(H, O)),
      inputsᵀ: take(chunk * ofVectors(I)),
    };
  };
  const plan: MemoryPlan = {
    model,
    capacity,
    padded,
    layout,
    gates: gatesOf(layout, groups),
    output: { V: offsets(layout, 'output')[0]!, bias: offsets(layout, 'outputBias')[0]! },
    rows: R,
    chunk,
    common,
    members: Array.from({ length: members }, own),
    bytes,
  };
  if (bytes > mostBytes) {
    const gibibytes = (bytes / 2 ** 30).toFixed(1);
    throw new CapacityError(
      `${describe(model)} need ${gibibytes} GiB for ${capacity.rows} rows × ${T} timesteps; WebAssembly's memory ends at 4 GiB.`,
    );
  }
  return plan;
}

const describe = ({ inputs, inputSize, hiddenSize, outputSize }: ModelConfiguration): string =>
  inputs === 'symbols'
    ? `${outputSize} symbols and ${hiddenSize} hidden units`
    : `${inputSize} inputs, ${hiddenSize} hidden units and ${outputSize} outputs`;

/** Where the parameters with a role start, in bytes from the start of them all. */
const offsets = ({ places }: ParameterLayout, role: Role): number[] =>
  places.filter((place) => place.role === role).map(({ offset }) => 4 * offset);

function gatesOf(layout: ParameterLayout, groups: readonly number[]): readonly Gate[] {
  const starts = { U: offsets(layout, 'input'), W: offsets(layout, 'recurrent'), b: offsets(layout, 'bias') };
  const places = groups.flatMap((size, group) => Array.from({ length: size }, (_, place) => ({ group, size, place })));
  return places.map((place, i) => ({ ...place, U: starts.U[i]!, W: starts.W[i]!, b: starts.b[i]! }));
}
