import type { Cell } from '../../model/cells/cells.ts';
import { keepsTwelveSums } from './features.ts';

/**
 * What `kernels/` exports for all cells, as TypeScript sees it. Addresses and strides are in bytes, widths in elements; the kernels'
 * own comments say what each does.
 */
export interface Kernels {
  packLeft(packed: number, source: number, stride: number, rows: number, depth: number): void;
  packLeftTransposed(packed: number, source: number, stride: number, rows: number, depth: number): void;
  packRight(panel: number, panelStride: number, source: number, stride: number, columns: number, depth: number): void;
  packRightTransposed(
    panel: number,
    panelStride: number,
    source: number,
    stride: number,
    columns: number,
    depth: number,
  ): void;
  multiply(
    product: number,
    stride: number,
    left: number,
    right: number,
    rows: number,
    columns: number,
    depth: number,
    from: number,
    fromStride: number,
  ): void;
  inputs(out: number, stride: number, tokens: number, rows: number, U: number, b: number, hidden: number): void;
  inputGradients(dU: number, tokens: number, da: number, stride: number, rows: number, hidden: number): void;
  repeat(out: number, stride: number, x: number, rows: number, columns: number): void;
  sumRows(total: number, x: number, stride: number, rows: number, columns: number): void;
  drawMask(mask: number, key: number, first: number, t: number, rows: number, below: number, scale: number): void;
  leaveOut(
    out: number,
    outStride: number,
    x: number,
    stride: number,
    mask: number,
    rows: number,
    columns: number,
  ): void;
  softmax(logits: number, rows: number, columns: number, targets: number, scale: number, parts: number): void;
  oneHot(out: number, targets: number, rows: number, columns: number): void;
  elementwiseCost(
    logits: number,
    rows: number,
    columns: number,
    targets: number,
    vectors: number,
    sigmoid: boolean,
    squared: boolean,
    scale: number,
    parts: number,
  ): void;
  addTo(total: number, x: number, length: number): void;
  squares(x: number, length: number): number;
  adam(
    parameters: number,
    m: number,
    v: number,
    gradient: number,
    length: number,
    scale: number,
    rate: number,
    root: number,
    beta1: number,
    beta1Rest: number,
    beta2: number,
    beta2Rest: number,
    epsilon: number,
    decay: number,
  ): void;
  average(averaged: number, parameters: number, length: number, averaging: number): void;
  expAll(x: number, length: number): void;
  sigmoidAll(x: number, length: number): void;
  tanhAll(x: number, length: number): void;
  softplusAll(x: number, length: number): void;
}

/**
 * The kernels, at work on a memory.
 *
 * @param tall whether products go in tiles of 6 rows, not 4: the same bits, but not the same speed
 */
export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  tall = keepsTwelveSums(),
): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, tall: Number(tall) } });
  return exports as unknown as Kernels;
}

/** A cell's own kernels, by phase: `kernels/index.ts` says what each does. */
export interface CellKernels {
  readonly forward: readonly ((
    gates: number,
    before: number,
    after: number,
    q: number,
    mask: number,
    rows: number,
    hidden: number,
  ) => void)[];
  readonly backward: readonly ((
    gates: number,
    before: number,
    after: number,
    q: number,
    dbefore: number,
    dafter: number,
    dq: number,
    mask: number,
    rows: number,
    hidden: number,
  ) => void)[];
}

/** Finds a cell's kernels by its name. */
export function kernelsOf(cell: Cell, kernels: Kernels): CellKernels {
  const exports = kernels as unknown as Readonly<Record<string, CallableFunction | undefined>>;
  const named = (direction: string) =>
    ['', '_second'].flatMap((phase) => exports[`${cell.replaceAll('-', '_')}_${direction}${phase}`] ?? []);
  return { forward: named('forward'), backward: named('backward') } as unknown as CellKernels;
}
