/**
 * The kernels of the CPU engine, in AssemblyScript. All memory is the host's: every argument that holds numbers is an
 * address in bytes, every stride is in bytes, every width is in elements and a multiple of 8, every number of rows a
 * multiple of 4. Nothing here allocates.
 */

export { addTo, adam, squares } from './adam';
export { repeat, sumRows } from './bias';
export { candidateGradients, gates, nextState, resetGradients } from './gru';
export { inputGradients, inputs } from './input';
export { expAll, sigmoidAll, softplusAll, tanhAll } from './math';
export { pack, packTransposed } from './pack';
export { multiply } from './product';
export { squash, squashGradients } from './rnn';
export { oneHot, sigmoidCost } from './sigmoid';
export { softmax } from './softmax';
