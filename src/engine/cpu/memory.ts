import { describeCell, gatesOf, phasesOf, statesOf } from '../../model/cells/cells.ts';
import { type ModelConfiguration, targetsOf } from '../../model/configuration.ts';
import { layerSuffix, type ParameterLayout, parameterLayout } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';
import { paddedModel } from '../padding.ts';

/**
 * Where everything lies in the memory that the members of a crew share: addresses in bytes. All numbers are float32
 * unless said otherwise. I, H, O and the rows are rounded up to whole tiles: see `paddedModel`; a padding row has no
 * targets. A layer's cell has s states and n gates, which lie side by side in each row.
 */
export interface MemoryPlan {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  /** With the sizes as they lie in memory. */
  readonly padded: ModelConfiguration;
  readonly layout: ParameterLayout;
  /** R: the most rows that a member takes at once, a multiple of 4. */
  readonly rows: number;
  /** Rows of T·R for which output and weight gradients are computed at once. */
  readonly chunk: number;
  readonly common: Common;
  /** What each member has for itself. */
  readonly members: readonly Own[];
  /** How long the whole memory is. */
  readonly bytes: number;
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
  /** The averaged parameters, if the session keeps them. */
  readonly averaged: number | undefined;
  /** `[S][B][H]` */
  readonly carried: number;
  readonly layers: readonly LayerWeights[];
  readonly output: OutputWeights;
}

/** The weights of a layer. */
export interface LayerWeights {
  /** I, or H of the layer below. */
  readonly inputSize: number;
  readonly gates: readonly GateWeights[];
  readonly phases: readonly PhaseWeights[];
}

/** The weights of a gate: where they start, in bytes from the start of all parameters, or of all gradients. */
export interface GateWeights {
  readonly U: number | undefined;
  readonly W: number | undefined;
  readonly b: number;
  /** U, `[I, H]`, packed for `multiply`, as all that follows; only where numbers go in, not symbols. */
  readonly packedU: number;
  /** Uᵀ, `[H, I]`; only in a layer above another. */
  readonly packedUᵀ: number;
}

/** A phase: the layer's gates from `first` to before `end`, of which the first m have recurrent weights. Those are packed. */
export interface PhaseWeights {
  readonly operand: 'h' | 'q';
  readonly first: number;
  readonly end: number;
  readonly m: number;
  /** W side by side, `[H, m·H]` */
  readonly W: number;
  /** Wᵀ one above the other, `[m·H, H]` */
  readonly Wᵀ: number;
}

/** The weights of the output, as those of a gate. */
export interface OutputWeights {
  readonly V: number;
  readonly bias: number;
  /** `[H, O]` */
  readonly packedV: number;
  /** `[O, H]` */
  readonly packedVᵀ: number;
}

/** What one member has of its own, for at most R rows. */
export interface Own {
  /** Symbols, Uint32 `[T][R]`, or vectors, `[T][R][I]`. */
  readonly inputs: number;
  /** Int32 `[T][R]`: the symbol; of vectors, 0. −1 where nothing counts. */
  readonly targets: number;
  /** `[T][R][O]`; only where targets are vectors. */
  readonly targetVectors: number;
  /** By all parameters; the first member's becomes everybody's sum. */
  readonly gradients: number;
  readonly layers: readonly OwnLayer[];
  /** ∂loss by the operand q, at one timestep, `[R][H]`. */
  readonly dq: number;
  /** What a layer leaves out at one timestep, of a session with dropout: `kernels/mask.ts` says how it lies. */
  readonly mask: number;
  /** `[chunk][O]`; then ∂logits. */
  readonly logits: number;
  /** What a row's loss is made of, `[chunk][2]`. */
  readonly parts: number;
  /** Operands packed for `multiply`. */
  readonly left: number;
  readonly right: number;
  /** What goes into a layer, `[I, chunk]`, packed; only where that is numbers. */
  readonly inputsᵀ: number;
}

/** What a member has of each layer. */
export interface OwnLayer {
  /** Before each timestep and after the last, `[T + 1][R][s·H]`. */
  readonly states: number;
  /** x U + b, then the gates, `[T][R][n·H]`; backward, ∂loss by what they were made of. */
  readonly gates: number;
  /** What the products of the second phase read, `[T][R][H]`. */
  readonly q: number;
  /** ∂loss by the states before each timestep and after the last, `[T + 1][R][s·H]`. */
  readonly dstates: number;
  /** What the layer above or the output reads where some of h' is left out, `[T][R][H]`; of a session with dropout. */
  readonly out: number;
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
  const { hiddenSize: H, outputSize: O } = padded;
  const T = capacity.timesteps;
  const R = tileRows * Math.ceil(Math.ceil(capacity.rows / tileRows) / members / (capacity.parts ?? 1));
  const chunk = Math.min(T * R, largestChunk);
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);
  const starts = new Map(layout.places.map(({ name, offset }) => [name, 4 * offset]));

  let bytes = 0;
  const take: Take = (elements, size = 4) => {
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
    averaged: capacity.withAverages ? take(layout.length) : undefined,
    carried: take(statesOf(model).length * capacity.rows * H),
    layers: layers.map((layer) => layerWeights(padded, layer, starts, take)),
    output: {
      V: starts.get('V')!,
      bias: starts.get(describeCell(model.cell).outputBias)!,
      packedV: take(H * O),
      packedVᵀ: take(O * H),
    },
  };
  const n = gatesOf(model.cell).length;
  const s = describeCell(model.cell).states.length;
  const hasQ = phasesOf(model.cell).some(({ operand }) => operand === 'q');
  const most = Math.max(...common.layers[0]!.phases.map(({ m }) => m));
  const widest = Math.max(...layers.map((layer) => numbersInto(padded, layer)));
  const ownLayer = (): OwnLayer => ({
    states: take((T + 1) * R * s * H),
    gates: take(T * R * n * H),
    q: take(hasQ ? T * R * H : 0),
    dstates: take((T + 1) * R * s * H),
    out: take(capacity.withDropout ? T * R * H : 0),
  });
  const own = (): Own => ({
    inputs: take(T * R * (numbersInto(padded, 0) || 1)),
    targets: take(T * R),
    targetVectors: take(targetsOf(model) === 'vectors' ? T * R * O : 0),
    gradients: take(layout.length),
    layers: layers.map(ownLayer),
    dq: take(hasQ ? R * H : 0),
    mask: take(capacity.withDropout ? 8 + R : 0),
    logits: take(chunk * O),
    parts: take(chunk * 2),
    left: take(Math.max(R * most * H, chunk * Math.max(H, O, widest))),
    right: take(chunk * Math.max(H, O)),
    inputsᵀ: take(chunk * widest),
  });
  const plan: MemoryPlan = {
    model,
    capacity,
    padded,
    layout,
    rows: R,
    chunk,
    common,
    members: Array.from({ length: members }, own),
    bytes,
  };
  if (bytes > mostBytes) {
    const gibibytes = (bytes / 2 ** 30).toFixed(1);
    throw new CapacityError(
      `${describe(model)} need ${gibibytes} GiB for ${capacity.rows} rows × ${T} timesteps; WebAssembly's memory ends at 4 GiB. Choose a smaller batch or sequence, or more parts.`,
    );
  }
  return plan;
}

/** A memory of a fixed size. */
export const pagesFor = (bytes: number) => {
  const pages = Math.ceil(bytes / 65536);
  return { initial: pages, maximum: pages };
};

/** The next address with room for so many elements of a size in bytes. */
type Take = (elements: number, size?: number) => number;

/** How many numbers go into a layer at each timestep: none where symbols do. */
const numbersInto = ({ inputs, inputSize, hiddenSize }: ModelConfiguration, layer: number): number =>
  layer > 0 ? hiddenSize : inputs === 'vectors' ? inputSize : 0;

function layerWeights(
  padded: ModelConfiguration,
  layer: number,
  starts: ReadonlyMap<string, number>,
  take: Take,
): LayerWeights {
  const { cell, inputSize: I, hiddenSize: H } = padded;
  const start = (name?: string) => (name === undefined ? undefined : starts.get(name + layerSuffix(layer))!);
  let first = 0;
  return {
    inputSize: layer === 0 ? I : H,
    gates: gatesOf(cell).map(({ input, recurrent, bias }) => ({
      U: start(input),
      W: start(recurrent),
      b: start(bias)!,
      packedU: take(input ? numbersInto(padded, layer) * H : 0),
      packedUᵀ: take(input && layer > 0 ? H * H : 0),
    })),
    phases: phasesOf(cell).map(({ operand, gates }) => {
      const m = gates.filter(({ recurrent }) => recurrent).length;
      const phase = { operand, first, end: first + gates.length, m, W: take(m * H * H), Wᵀ: take(m * H * H) };
      first = phase.end;
      return phase;
    }),
  };
}

function describe({ inputs, inputSize, hiddenSize, outputSize, layers }: ModelConfiguration): string {
  const hidden = `${layers === 1 ? '' : `${layers} × `}${hiddenSize} hidden units`;
  if (inputs === 'symbols' && inputSize === outputSize) return `${inputSize} symbols and ${hidden}`;
  return `${inputSize} ${inputs === 'symbols' ? 'symbols' : 'inputs'}, ${hidden} and ${outputSize} outputs`;
}
