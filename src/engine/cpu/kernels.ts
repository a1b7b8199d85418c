/**
 * What `kernels/` exports, as TypeScript sees it. Addresses and strides are in bytes, widths in elements; the kernels'
 * own comments say what each does.
 */
export interface Kernels {
  pack(
    panel: number,
    panelStride: number,
    source: number,
    stride: number,
    panels: number,
    depth: number,
    width: 4 | 8,
  ): void;
  packTransposed(
    panel: number,
    panelStride: number,
    source: number,
    stride: number,
    panels: number,
    depth: number,
    width: 4 | 8,
  ): void;
  multiply(
    product: number,
    stride: number,
    left: number,
    right: number,
    rows: number,
    columns: number,
    depth: number,
    add: boolean,
  ): void;
  inputs(out: number, stride: number, tokens: number, rows: number, U: number, b: number, hidden: number): void;
  gates(zr: number, h: number, q: number, rows: number, hidden: number): void;
  nextState(zr: number, c: number, h: number, next: number, rows: number, hidden: number): void;
  candidateGradients(zr: number, c: number, h: number, dnext: number, dh: number, rows: number, hidden: number): void;
  resetGradients(zr: number, h: number, dq: number, dh: number, rows: number, hidden: number): void;
  squash(s: number, next: number, length: number): void;
  squashGradients(s: number, next: number, g: number, length: number): void;
  inputGradients(dU: number, tokens: number, da: number, stride: number, rows: number, hidden: number): void;
  repeat(out: number, stride: number, x: number, rows: number, columns: number): void;
  sumRows(total: number, x: number, stride: number, rows: number, columns: number): void;
  softmax(logits: number, rows: number, columns: number, targets: number, scale: number, parts: number): void;
  oneHot(out: number, targets: number, rows: number, columns: number): void;
  sigmoidCost(
    logits: number,
    rows: number,
    columns: number,
    targets: number,
    vectors: number,
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
  ): void;
  expAll(x: number, length: number): void;
  sigmoidAll(x: number, length: number): void;
  tanhAll(x: number, length: number): void;
  softplusAll(x: number, length: number): void;
}

/** The kernels, at work on a memory. */
export async function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as unknown as Kernels;
}
