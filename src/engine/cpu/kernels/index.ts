/**
 * The kernels of the CPU engine, in AssemblyScript. All memory is the host's: every argument that holds numbers is an
 * address in bytes, every stride is in bytes, every width is in elements and a multiple of 8, every number of rows a
 * multiple of 4. Nothing here allocates.
 *
 * `cells/` has a file for each cell, which needs no mention here: the build exports all that is in it. It has the pointwise
 * equations that stand between the products, for some rows at one timestep:
 *
 *     cell_forward(gates, before, after, q, mask, rows, hidden)
 *     cell_backward(gates, before, after, q, dbefore, dafter, dq, mask, rows, hidden)
 *
 * and with `_second` behind for a second phase, whose backward comes first. A row's gates lie side by side, in the order of
 * the cell's description, and so do its states: `[rows][n · hidden]`; q is `[rows][hidden]`. The mask is m, with
 * which the candidates are multiplied on their way into the next state: see `mask.ts`; it is 0 where nothing is left out.
 *
 * Forward they find each gate's x U + operand W + b in its place and leave there what becomes of it; the first of two phases
 * makes q, the operand of the second, and the last one makes the states after the timestep.
 *
 * Backward they find ∂loss by the states after the timestep, and by q in the first of two phases. They leave da, the gradient
 * by x U + operand W + b, in each gate's place; they add to ∂h before the timestep what reaches it by other ways than the
 * products, and set the gradient by each other state.
 */

export { adam, addTo, average, squares } from './adam';
export { repeat, sumRows } from './bias';
export { elementwiseCost, oneHot } from './elementwise';
export { inputGradients, inputs } from './input';
export { drawMask, leaveOut } from './mask';
export { expAll, sigmoidAll, softplusAll, tanhAll } from './math';
export { packLeft, packLeftTransposed, packRight, packRightTransposed } from './pack';
export { multiply } from './product';
export { softmax } from './softmax';
