import type { ModelFile } from '../../files/model-file.ts';
import { encodeTensors, type Tensor } from '../../files/safetensors.ts';
import { parameterLayout } from '../../model/parameters.ts';
import { fuse, type Matrix } from '../fused.ts';
import { tagsOf } from '../network.ts';
import { pytorchGates } from './gates.ts';

/**
 * A state dict as safetensors, for `load_state_dict(…, strict=True)`: of a module with `rnn` (`nn.GRU`, `nn.LSTM` or
 * `nn.RNN`) and `decoder` (`nn.Linear`). PyTorch has no module for the other cells: theirs is of `Network` in
 * `interop/pytorch/sluice.py`, whose parameters have Sluice's names and shapes. A network without biases is one of modules that were
 * made with `bias=False`.
 */
export function writeStateDict(file: ModelFile): Uint8Array<ArrayBuffer> {
  const { model, parameters } = file;
  const order = pytorchGates[model.cell];
  const metadata = new Map([['format', 'pt'], ['cell', model.cell], ...tagsOf(file)]);
  if (order === undefined) {
    const places = parameterLayout(model).places.map(({ name, shape, offset, length }): [string, Tensor] => [
      name,
      { shape, data: parameters.slice(offset, offset + length) },
    ]);
    return encodeTensors({ metadata, tensors: new Map(places) });
  }
  const { layers, output } = fuse(model, order, parameters);
  const tensors = new Map<string, Tensor>();
  for (const [i, { input, recurrent, inputBias, recurrentBias }] of layers.entries()) {
    tensors.set(`rnn.weight_ih_l${i}`, matrix(input));
    tensors.set(`rnn.weight_hh_l${i}`, matrix(recurrent));
    if (model.biases === false) continue;
    tensors.set(`rnn.bias_ih_l${i}`, vector(inputBias!));
    tensors.set(`rnn.bias_hh_l${i}`, vector(recurrentBias!));
  }
  tensors.set('decoder.weight', matrix(output.weight));
  if (model.biases !== false) tensors.set('decoder.bias', vector(output.bias!));
  return encodeTensors({ metadata, tensors });
}

const matrix = ({ rows, columns, data }: Matrix): Tensor => ({ shape: [rows, columns], data });
const vector = (data: Float32Array<ArrayBuffer>): Tensor => ({ shape: [data.length], data });
