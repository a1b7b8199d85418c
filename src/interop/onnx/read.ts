import { FileError } from '../../files/error.ts';
import { type FusedNetwork, foldEmbedding } from '../fused.ts';
import { assemble, type Imported, type ImportOptions } from '../network.ts';
import { gateOrders } from './cells.ts';
import { traceGraph } from './graph.ts';
import { damaged } from './protobuf.ts';
import { decodeModel, type Graph } from './schema.ts';
import type { Stack } from './values.ts';

/** Operators older than this mean other things by the same names. */
const oldestOpset = 7;

/**
 * The network in an ONNX file.
 *
 * @throws FileError if the file is damaged, or its graph is not one of Sluice's networks
 */
export function readOnnx(bytes: Uint8Array<ArrayBuffer>, options: ImportOptions): Imported {
  const { opsets, graph, metadata } = decodeModel(bytes);
  const opset = opsets.get('');
  if (opset === undefined) throw damaged('it does not say which version of ONNX’ operators it has');
  if (opset < oldestOpset) {
    throw new FileError(
      `The file’s operators are of version ${opset}, but those from ${oldestOpset} on are read: export it anew.`,
    );
  }
  const { made, remarks } = traceGraph(graph, opset, bytes.length);
  const { stack, weight, bias } = made;
  const weights: FusedNetwork = { layers: layersOf(stack), output: { weight, bias } };
  const told = { cell: stack.cell, inputs: stack.inputs, output: made.output, weights, tags: metadata };
  return { file: assemble(told, gateOrders, options), remarks: [...dropoutRemarks(graph), ...remarks] };
}

function layersOf({ layers, embedding }: Stack): FusedNetwork['layers'] {
  const [first, ...others] = layers;
  if (embedding === undefined) return layers;
  return [{ ...first!, input: foldEmbedding(embedding, first!.input) }, ...others];
}

const dropoutRemarks = ({ nodes }: Graph): string[] =>
  nodes.some(({ operator }) => operator === 'Dropout')
    ? ['Dropout, which does nothing where a network is used, is left away.']
    : [];
