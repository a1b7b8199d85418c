import type { Network } from '../../engine/engine.ts';
import { traceInPieces } from '../../engine/pieces.ts';
import type { Encoding } from '../../model/encoding.ts';
import { encodeInputs } from './encode.ts';
import type { Numbers } from './places.ts';
import type { SampleInputs } from './samples.ts';

/** What a network makes of one sample. */
export interface Answer {
  /** The probability of each class, or the predicted variables in their own units, after each timestep, `[T][O]`. */
  readonly outputs: Float32Array<ArrayBuffer>;
}

/** What a network makes of samples. */
export interface Answers {
  /** Of each sample. */
  readonly each: readonly Answer[];
  /** How often there were symbols that the network does not know, which were left out. */
  readonly unknown: ReadonlyMap<string, number>;
}

/**
 * What a network says after each timestep of each sample. Samples of like lengths are read side by side, so that many take few
 * calls.
 *
 * @param heard is told after each call which share of the samples is read, from 0 to 1
 * @throws RangeError if the network does not take what the samples have
 */
export async function answersTo(
  network: Network,
  encoding: Encoding,
  inputs: SampleInputs,
  heard: (share: number) => void = () => {},
): Promise<Answers> {
  const { model, capacity } = network;
  const { each: sequences, unknown } = encodeInputs(inputs, encoding);
  const [I, O] = [model.inputs === 'symbols' ? 1 : model.inputSize, model.outputSize];
  const each = sequences.map(({ length }) => ({ outputs: new Float32Array((length / I) * O) }));
  const order = Array.from(sequences.keys()).sort((one, other) => sequences[one]!.length - sequences[other]!.length);
  for (let first = 0; first < order.length; first += capacity.rows) {
    const read = order.slice(first, first + capacity.rows);
    const side = sideBySide(
      read.map((sample) => sequences[sample]!),
      I,
    );
    for await (const { outputs, start, timesteps } of traceInPieces(network, side, read.length)) {
      for (const [row, sample] of read.entries()) {
        const own = each[sample]!.outputs;
        const length = own.length / O;
        for (let t = start; t < Math.min(start + timesteps, length); t++) {
          const place = (t - start) * read.length + row;
          own.set(outputs.subarray(place * O, (place + 1) * O), t * O);
        }
      }
    }
    heard((first + read.length) / order.length);
  }
  for (const { outputs } of each) toOwnUnits(outputs, encoding);
  return { each, unknown };
}

/** Rows of `[T][I]`, at least one, as `[T][rows][I]`: behind a row's end stand zeros, which what came before does not notice. */
function sideBySide(rows: readonly Numbers[], I: number): Numbers {
  const size = rows.length * rows.reduce((most, { length }) => Math.max(most, length), 0);
  const side = rows[0] instanceof Uint32Array ? new Uint32Array(size) : new Float32Array(size);
  for (const [row, numbers] of rows.entries()) {
    for (let i = 0; i < numbers.length; i++) {
      side[(Math.floor(i / I) * rows.length + row) * I + (i % I)] = numbers[i]!;
    }
  }
  return side;
}

/** Standardised predictions back to what they stand for, in place; probabilities stay as they are. */
function toOwnUnits(outputs: Float32Array, { outputs: variables }: Encoding): void {
  if (variables === undefined) return;
  for (let i = 0; i < outputs.length; i++) {
    const { mean, deviation } = variables[i % variables.length]!;
    outputs[i] = mean + deviation * outputs[i]!;
  }
}
