import { absent } from '../../engine/batch.ts';
import type { Encoding, Variable } from '../../model/encoding.ts';
import { Vocabulary } from '../../model/vocabulary.ts';
import { isPresent, type Numbers } from './places.ts';
import type { SampleInputs, Samples, SampleTargets } from './samples.ts';

/**
 * How samples are written as numbers. Variables are standardised by some of them alone.
 *
 * @param training the numbers of those samples, at least one
 */
export function encodingOf({ inputs, targets }: Samples, training: Uint32Array): Encoding {
  return {
    ...(inputs.kind === 'symbols'
      ? { vocabulary: new Vocabulary(inputs.symbols) }
      : { inputs: variablesOf(inputs.names, inputs.values, training) }),
    ...(targets.kind === 'classes'
      ? { classes: targets.classes }
      : { outputs: variablesOf(targets.names, targets.values, training) }),
    answers: targets.at,
  };
}

/** Mean and deviation of each variable over the vectors of some samples of which no element is missing. */
function variablesOf(names: readonly string[], each: readonly Numbers[], training: Uint32Array): Variable[] {
  return names.map((name, i) => {
    let [count, sum, squares, least, most] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const forEach = (visit: (value: number) => void) => {
      for (const sample of training) {
        const values = each[sample]!;
        for (let place = 0; place < values.length / names.length; place++) {
          if (isPresent(values, names.length, place)) visit(values[place * names.length + i]!);
        }
      }
    };
    forEach((value) => {
      count++;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    });
    // What is always the same has rounding alone for a deviation, which would blow up whatever differs later.
    if (least === most) return { name, mean: least, deviation: 1 };
    const mean = sum / count;
    forEach((value) => {
      squares += (value - mean) ** 2;
    });
    return { name, mean, deviation: Math.sqrt(squares / count) };
  });
}

/** What goes into a network of each sample: symbols `[T]`, or standardised vectors `[T][I]`. */
export interface EncodedInputs {
  readonly each: readonly Numbers[];
  /** How many symbols the network does not know, by what they are: they are left out. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** @throws RangeError if the network does not take what the samples have */
export function encodeInputs(inputs: SampleInputs, encoding: Encoding): EncodedInputs {
  if (inputs.kind === 'vectors') {
    if (!encoding.inputs) throw new RangeError('The network reads characters, but the samples are made of numbers.');
    assertSameNames('reads', encoding.inputs, inputs.names);
    return { each: standardised(inputs.values, encoding.inputs), unknown: new Map() };
  }
  if (!encoding.vocabulary) throw new RangeError('The network reads numbers, but the samples are made of characters.');
  const ids = positions(inputs.symbols, encoding.vocabulary.symbols);
  const unknown = new Map<string, number>();
  const each = inputs.ids.map((symbols) => {
    for (const symbol of symbols) {
      const name = inputs.symbols[symbol]!;
      if (ids[symbol] === absent) unknown.set(name, (unknown.get(name) ?? 0) + 1);
    }
    return symbols.map((symbol) => ids[symbol]!).filter((id) => id !== absent);
  });
  return { each, unknown };
}

/**
 * What should come out of a network for each sample: classes, or standardised vectors, with the shapes of `SampleTargets`.
 *
 * @throws RangeError if the network does not tell apart or predict what the samples have
 */
export function encodeTargets(targets: SampleTargets, encoding: Encoding): readonly Numbers[] {
  if (targets.kind === 'vectors') {
    if (!encoding.outputs) throw new RangeError('The network tells classes apart, but the targets are numbers.');
    assertSameNames('predicts', encoding.outputs, targets.names);
    return standardised(targets.values, encoding.outputs);
  }
  if (!encoding.classes) throw new RangeError('The network predicts numbers, but the targets are labels.');
  const ids = positions(targets.classes, encoding.classes);
  const unknown = ids.indexOf(absent);
  if (unknown >= 0) {
    throw new RangeError(
      `“${targets.classes[unknown]}” is none of the ${encoding.classes.length} classes that the network tells apart.`,
    );
  }
  return targets.ids.map((classes) => classes.map((id) => (id === absent ? absent : ids[id]!)));
}

/** Where each name stands among others, `absent` where it does not. */
function positions(names: readonly string[], among: readonly string[]): Uint32Array<ArrayBuffer> {
  const places = new Map(among.map((name, place) => [name, place]));
  return Uint32Array.from(names, (name) => places.get(name) ?? absent);
}

function assertSameNames(what: string, variables: readonly Variable[], names: readonly string[]): void {
  const expected = variables.map(({ name }) => name).join(', ');
  if (expected !== names.join(', ')) {
    throw new RangeError(`The network ${what} ${expected}; the samples have ${names.join(', ')}.`);
  }
}

/** (value − mean) / deviation of each element. */
const standardised = (each: readonly Float32Array<ArrayBuffer>[], variables: readonly Variable[]) =>
  each.map((values) =>
    values.map((value, i) => {
      const { mean, deviation } = variables[i % variables.length]!;
      return (value - mean) / deviation;
    }),
  );
