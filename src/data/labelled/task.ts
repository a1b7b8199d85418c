import type { Batch } from '../../engine/engine.ts';
import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Encoding, Variable } from '../../model/encoding.ts';
import type { Configuration } from '../../training/configuration.ts';
import { DataError, type Fact, type Piece, type Task } from '../dataset.ts';
import type { Measure } from '../measure.ts';
import { type LabelledBaseline, labelledBaselines } from './baselines.ts';
import { batchOf, type EncodedSamples, Epochs, piecesOf, Room, timestepsIn } from './batches.ts';
import { encodeInputs, encodeTargets, encodingOf } from './encode.ts';
import { assertSamples, countedPlaces } from './places.ts';
import type { Samples } from './samples.ts';
import { someOf, splitSamples } from './split.ts';

/** About how many places there are in the training samples that are tried between two steps. */
const placesTried = 4096;

/** Samples as a run learns them. */
export interface SamplesTask extends Task {
  readonly dataset: Samples;
  /** The numbers of the samples that are trained on, in rising order. */
  readonly training: Uint32Array<ArrayBuffer>;
  /** Those of the samples held out. */
  readonly validation: Uint32Array<ArrayBuffer>;
  /** All samples as the network takes them. */
  readonly encoded: EncodedSamples;
  /** Also says which samples a piece has, row by row. */
  heldOut(places: number): Iterable<Piece & { readonly samples: Uint32Array }>;
  baselines(): Iterable<LabelledBaseline>;
}

/**
 * Samples under given settings. A sample is never cut: `sequence`, `leadIn` and `batches` say nothing here.
 *
 * @param known where a network goes on: its own encoding
 * @throws DataError if there is nothing to learn, or the samples' arrays do not fit each other
 * @throws RangeError naming what the samples have and the network does not know
 */
export function samplesTask(samples: Samples, configuration: Configuration, known?: Encoding): SamplesTask {
  assertSamples(samples);
  const { seed, batch } = configuration;
  const { training, validation } = splitSamples(samples, configuration.validation, seed);
  if (training.length === 0) throw new DataError(`${samples.name} has no sample with something to learn.`);
  const encoding = known ? { ...known, answers: samples.targets.at } : encodingOf(samples, training);
  const encoded = encode(samples, encoding);
  const epochs = new Epochs(encoded, training, batch, seed);
  const rows = epochs.rows;
  const longest = [...training, ...validation].reduce((most, i) => Math.max(most, timestepsIn(encoded, i)), 0);
  const room = new Room(encoded, rows, longest);
  const floor = floorOf(samples, encoding, encoded, validation);
  let tried: Batch | undefined;
  return {
    dataset: samples,
    model: modelOf(samples, configuration, encoding),
    encoding,
    encoded,
    training,
    validation,
    // As many rows as were asked for, though even batches may have fewer: a checkpoint has states for so many.
    capacity: { rows: batch, timesteps: longest },
    placesPerStep: training.reduce((sum, sample) => sum + encoded.counted[sample]!, 0) / epochs.length,
    unit: 'sequence',
    place: 'label',
    facts: factsOf(encoding),
    trainingLength: training.length,
    validationLength: validation.length,
    measure: measureOf(encoding),
    ...(floor !== undefined && { floor: { loss: floor, name: 'what is reached by who knows how they were made' } }),
    batch: (step) => room.fill(epochs.numbersAt(step)),
    heldOut: (places) => piecesOf(encoded, validation, rows, places),
    tried() {
      tried ??= batchOf(encoded, someOf(training, Math.min(rows, Math.ceil(placesTried / longest))));
      return tried;
    },
    baselines: () => labelledBaselines(encoded, encoding, training, validation),
  };
}

function encode(samples: Samples, encoding: Encoding): EncodedSamples {
  const { each: inputs, unknown } = encodeInputs(samples.inputs, encoding);
  const [first] = unknown.keys();
  if (first !== undefined)
    throw new RangeError(`The network does not know the character “${first}” of ${samples.name}.`);
  return {
    inputs,
    inputWidth: encoding.inputs?.length ?? 1,
    targets: encodeTargets(samples.targets, encoding),
    targetWidth: encoding.outputs?.length ?? 1,
    at: samples.targets.at,
    counted: countedPlaces(samples),
  };
}

function modelOf(
  samples: Samples,
  { cell, layers, hidden, biases }: Configuration,
  encoding: Encoding,
): ModelConfiguration {
  const { vocabulary, inputs, classes, outputs } = encoding;
  if (classes?.length === 1) throw new DataError(`${samples.name} has only the label “${classes[0]}”: it takes two.`);
  return {
    cell,
    layers,
    hiddenSize: hidden,
    ...(vocabulary
      ? { inputs: 'symbols', inputSize: vocabulary.size }
      : { inputs: 'vectors', inputSize: inputs!.length }),
    ...(classes
      ? { outputSize: classes.length, output: 'log-softmax', cost: 'cross-entropy' }
      : { outputSize: outputs!.length, output: 'linear', cost: 'squared-error' }),
    ...(biases === 'off' && { biases: false }),
  };
}

function factsOf({ vocabulary, inputs, classes, outputs }: Encoding): readonly Fact[] {
  const read = vocabulary?.size ?? inputs!.length;
  const told = classes?.length ?? outputs!.length;
  return [
    { label: 'Read', figure: read, unit: vocabulary ? 'characters' : read === 1 ? 'variable' : 'variables' },
    { label: 'Told', figure: told, unit: classes ? 'classes' : told === 1 ? 'variable' : 'variables' },
  ];
}

function measureOf({ outputs }: Encoding): Measure {
  if (outputs === undefined) return { key: 'bitsPerLabel', name: 'bits per label', unit: 'bits', scale: 1 / Math.LN2 };
  const [{ deviation }] = outputs as [Variable];
  return outputs.length === 1
    ? { key: 'meanSquaredError', name: 'mean squared error', unit: 'squared error', scale: 2 * deviation ** 2 }
    : {
        key: 'meanSquaredError',
        name: 'mean squared error in standard deviations',
        unit: 'squared error',
        scale: 2 / outputs.length,
      };
}

/** The mean loss, over the held-out places, of who knows how the samples were made; unknown of several variables of different units. */
function floorOf(
  { best }: Samples,
  { outputs = [] }: Encoding,
  { counted }: EncodedSamples,
  validation: Uint32Array,
): number | undefined {
  if (best === undefined || outputs.length > 1 || validation.length === 0) return undefined;
  const [deviation = 1] = outputs.map((variable) => variable.deviation);
  let [sum, places] = [0, 0];
  for (const sample of validation) {
    sum += counted[sample]! * best.losses[sample]!;
    places += counted[sample]!;
  }
  return sum / places / deviation ** 2;
}
