/**
 * The kernels of the CPU engine, in AssemblyScript. All memory is the host's: every argument that holds numbers is an
 * address in bytes, every stride is in bytes, every width is in elements and a multiple of 8, every number of rows a
 * multiple of 4. Nothing here allocates.
 */

export { addTo, adam, squares } from './adam';
export { candidateGradients, gates, inputs, inputGradients, nextState, repeat, resetGradients, sumRows } from './gru';
export { expAll, sigmoidAll, tanhAll } from './math';
export { pack, packTransposed } from './pack';
export { multiply } from './product';
export { softmax } from './softmax';
