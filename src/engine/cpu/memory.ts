import type { ModelConfiguration } from '../../model/configuration.ts';
import { type ParameterLayout, parameterLayout } from '../../model/parameters.ts';
import { type Capacity, CapacityError } from '../engine.ts';
import { paddedModel } from '../padding.ts';

/**
 * Where everything lies in the memory that the members of a crew share: addresses in bytes. All numbers are float32
 * unless said otherwise. V, H and the rows are rounded up to whole tiles: see `paddedModel`; a padding row has no targets.
 */
export interface MemoryPlan {
  readonly model: ModelConfiguration;
  readonly capacity: Capacity;
  /** With V and H as they lie in memory. */
  readonly padded: ModelConfiguration;
  readonly layout: ParameterLayout;
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
  /** `[W_z W_r]`, `[H, 2H]`, packed for `multiply` as all that follow. */
  readonly W_zr: number;
  /** `[H, H]` */
  readonly W_h: number;
  /** `[H, V]` */
  readonly V: number;
  /** W_zᵀ above W_rᵀ, `[2H, H]`. */
  readonly W_zrᵀ: number;
  /** `[H, H]` */
  readonly W_hᵀ: number;
  /** `[V, H]` */
  readonly Vᵀ: number;
}

/** What one member has of its own, for at most R rows. */
export interface Own {
  /** Uint32 `[T][R]` */
  readonly tokens: number;
  /** Int32 `[T][R]`; −1 in a padding row. */
  readonly targets: number;
  /** By all parameters; the first member's becomes everybody's sum. */
  readonly gradients: number;
  /** h before each timestep and after the last, `[T + 1][R][H]`. */
  readonly states: number;
  /** `[T][R][2H]`: z and r; backward, da_z and da_r. */
  readonly zr: number;
  /** r ⊙ h, `[T][R][H]`. */
  readonly q: number;
  /** `[T][R][H]`; backward, da_c. */
  readonly c: number;
  /** ∂loss/∂h' from the output, `[T][R][H]`. */
  readonly dh: number;
  /** ∂loss/∂h' from the next timestep, `[R][H]`. */
  readonly fromNext: number;
  /** `[R][H]` */
  readonly dq: number;
  /** `[chunk][V]`; then ∂logits. */
  readonly logits: number;
  /** What a row's loss is made of, `[chunk][2]`. */
  readonly parts: number;
  /** Operands packed for `multiply`. */
  readonly left: number;
  readonly right: number;
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
  const { outputSize: V, hiddenSize: H } = padded;
  const T = capacity.timesteps;
  const R = tileRows * Math.ceil(Math.ceil(capacity.rows / tileRows) / members);
  const chunk = Math.min(T * R, largestChunk);

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
    W_zr: take(2 * H * H),
    W_h: take(H * H),
    V: take(H * V),
    W_zrᵀ: take(2 * H * H),
    W_hᵀ: take(H * H),
    Vᵀ: take(V * H),
  };
  const own = (): Own => ({
    tokens: take(T * R),
    targets: take(T * R),
    gradients: take(layout.length),
    states: take((T + 1) * R * H),
    zr: take(T * R * 2 * H),
    q: take(T * R * H),
    c: take(T * R * H),
    dh: take(T * R * H),
    fromNext: take(R * H),
    dq: take(R * H),
    logits: take(chunk * V),
    parts: take(chunk * 2),
    left: take(Math.max(R * 2 * H, chunk * Math.max(H, V))),
    right: take(chunk * Math.max(H, V)),
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
      `${model.outputSize} symbols and ${model.hiddenSize} hidden units need ${gibibytes} GiB for ${capacity.rows} rows × ${T} timesteps; WebAssembly's memory ends at 4 GiB.`,
    );
  }
  return plan;
}
