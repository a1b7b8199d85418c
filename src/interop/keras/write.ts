import { FileError } from '../../files/error.ts';
import { faultOf, type ModelFile } from '../../files/model-file.ts';
import type { ModelConfiguration, Output } from '../../model/configuration.ts';
import { type FusedLayer, fuse, identity, type Matrix, transposed } from '../fused.ts';
import { type NamedFile, tagsOf } from '../network.ts';
import { gateOrder, layerForms, layersFormat, ownMetadata } from './format.ts';

/** The numbers of one weight. */
interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** A layer as the format describes it, and its weights. */
interface Layer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly Weight[];
}

const weightsName = 'group1-shard1of1.bin';

const activations: Readonly<Record<Output, string>> = {
  'log-softmax': 'softmax',
  sigmoid: 'sigmoid',
  linear: 'linear',
};

/**
 * A network as a layers model of TensorFlow.js, which Keras' converter reads as well: `model.json` and its weights. Symbols go
 * in as their ids, `[batch, time]`, vectors as `[batch, time, I]`; what comes out are probabilities where the network has a
 * softmax. A `gru-after` is for Keras alone: TensorFlow.js has no GRU with its reset gate after the recurrent product.
 *
 * @throws FileError if the network has numbers that no reader takes
 */
export function writeKeras(file: ModelFile): readonly NamedFile[] {
  const fault = faultOf(file);
  if (fault !== undefined) throw new FileError(fault);
  const layers = layersOf(file);
  const weights = layers.flatMap((layer) => layer.weights);
  const model = {
    format: layersFormat,
    generatedBy: 'Sluice',
    convertedBy: null,
    modelTopology: {
      ...classOf('keras', 'Sequential'),
      config: {
        name: 'sluice',
        layers: layers.map(({ class_name, config }) => ({ ...classOf('keras.layers', class_name), config })),
      },
      keras_version: '2.15.0',
      backend: 'tensorflow',
    },
    weightsManifest: [
      { paths: [weightsName], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
    userDefinedMetadata: { [ownMetadata]: Object.fromEntries(tagsOf(file)) },
  };
  return [
    { name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(model)) },
    { name: weightsName, bytes: bytesOf(weights) },
  ];
}

/** What Keras 3 looks a class up by; the older ones and TensorFlow.js ask for its name alone. */
const classOf = (module: string, class_name: string) => ({ module, class_name, registered_name: null });

function bytesOf(weights: readonly Weight[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(weights.reduce((sum, { data }) => sum + data.byteLength, 0));
  let offset = 0;
  for (const { data } of weights) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function layersOf({ model, parameters }: ModelFile): Layer[] {
  const { layers, output } = fuse(model, gateOrder[model.cell]!, parameters);
  const [first, ...others] = layers as [FusedLayer, ...FusedLayer[]];
  const kernel = transposed(first.input);
  const symbols = model.inputs === 'symbols' ? symbolsInto(kernel) : undefined;
  return [
    inputLayer(model),
    ...(symbols ? [embeddingLayer(symbols.embedding)] : []),
    recurrentLayer(model, 0, symbols?.kernel ?? kernel, first),
    ...others.map((layer, i) => recurrentLayer(model, i + 1, transposed(layer.input), layer)),
    {
      class_name: 'Dense',
      config: {
        name: 'dense',
        trainable: true,
        dtype: 'float32',
        units: model.outputSize,
        activation: activations[model.output],
        use_bias: true,
      },
      weights: [
        weightOf('dense/kernel', transposed(output.weight)),
        { name: 'dense/bias', shape: [model.outputSize], data: output.bias! },
      ],
    },
  ];
}

/**
 * The product of a one-hot vector and a matrix `[V, N]`, as a look-up of a row and another product. One of the two is the
 * identity, which changes no bit: whichever takes less room.
 */
function symbolsInto(matrix: Matrix): { embedding: Matrix; kernel: Matrix } {
  const { rows: V, columns: N } = matrix;
  return V <= N ? { embedding: identity(V), kernel: matrix } : { embedding: matrix, kernel: identity(N) };
}

function inputLayer({ inputs, inputSize }: ModelConfiguration): Layer {
  const symbols = inputs === 'symbols';
  return {
    class_name: 'InputLayer',
    config: {
      name: symbols ? 'tokens' : 'vectors',
      batch_input_shape: symbols ? [null, null] : [null, null, inputSize],
      dtype: symbols ? 'int32' : 'float32',
      sparse: false,
    },
    weights: [],
  };
}

function embeddingLayer(embedding: Matrix): Layer {
  const { rows: input_dim, columns: output_dim } = embedding;
  return {
    class_name: 'Embedding',
    config: { name: 'embedding', trainable: true, dtype: 'float32', input_dim, output_dim, mask_zero: false },
    weights: [weightOf('embedding/embeddings', embedding)],
  };
}

function recurrentLayer(
  { cell, hiddenSize: H }: ModelConfiguration,
  index: number,
  kernel: Matrix,
  fused: FusedLayer,
): Layer {
  const { className, activation, resetAfter: after } = layerForms[cell];
  const name = `${className === 'SimpleRNN' ? 'simple_rnn' : className.toLowerCase()}_${index + 1}`;
  const width = fused.inputBias!.length;
  const bias = new Float32Array(after ? 2 * width : width);
  bias.set(fused.inputBias!);
  if (after) bias.set(fused.recurrentBias!, width);
  return {
    class_name: className,
    config: {
      name,
      trainable: true,
      dtype: 'float32',
      units: H,
      activation,
      ...(className !== 'SimpleRNN' && { recurrent_activation: 'sigmoid' }),
      ...(after !== undefined && { reset_after: after }),
      use_bias: true,
      dropout: 0,
      recurrent_dropout: 0,
      return_sequences: true,
      return_state: false,
      go_backwards: false,
      stateful: false,
      unroll: false,
    },
    weights: [
      weightOf(`${name}/kernel`, kernel),
      weightOf(`${name}/recurrent_kernel`, transposed(fused.recurrent)),
      { name: `${name}/bias`, shape: after ? [2, width] : [width], data: bias },
    ],
  };
}

const weightOf = (name: string, { rows, columns, data }: Matrix): Weight => ({ name, shape: [rows, columns], data });
