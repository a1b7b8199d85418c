import { integersIn, type Place } from '../node.ts';
import { matrixIn } from '../tensor.ts';
import type { Value } from '../values.ts';
import { part } from './arrange.ts';
import { isSizes, sizesIn, sizesOrNone, unknownSizes } from './known.ts';

/** Operators that make vectors of symbols. */

/** Looks up the rows of an embedding, or sizes. */
export function gather(place: Place): Value {
  const [from, index] = [place.input(0), place.input(1)];
  const axis = place.attribute('axis', 'int') ?? 0;
  if (isSizes(from) && isSizes(index)) {
    const [sizes, indices] = [sizesIn(from), integersIn(index)];
    if (axis !== 0 || indices === undefined || sizes === undefined) return unknownSizes;
    return sizesOrNone(indices.map((i) => sizes.at(i)));
  }
  if (from.kind === 'constant' && index.kind === 'sequence' && index.stage.at === 'input') {
    const { stage } = index;
    const embedding = matrixIn(from);
    if (stage.inputs !== 'symbols' || axis !== 0 || embedding === undefined) {
      return place.refuse('looks up something else than the rows of a matrix by the symbols that go in.');
    }
    const features = { size: embedding.columns };
    return {
      kind: 'sequence',
      dimensions: [...index.dimensions, [features]],
      features,
      stage: { at: 'embedded', input: stage.input, embedding },
    };
  }
  return part(place);
}

/** A vector for each symbol, with a 1 in its place. */
export function oneHot(place: Place): Value {
  const [symbols, depth, values] = [place.input(0), place.input(1), place.input(2)];
  const [size] = (depth.kind === 'constant' && [...depth.numbers.subarray(0, 1)]) || [];
  const isZeroOne = values.kind === 'constant' && [...values.numbers].join() === '0,1';
  if (symbols.kind !== 'sequence' || symbols.stage.at !== 'input' || symbols.stage.inputs !== 'symbols') {
    return place.refuse('makes vectors of something else than the symbols that go in.');
  }
  const rank = symbols.dimensions.length;
  const axis = place.attribute('axis', 'int') ?? -1;
  if (size === undefined || !isZeroOne || (axis !== -1 && axis !== rank)) {
    return place.refuse('makes other vectors than one-hot ones, of ones and zeros in the last dimension.');
  }
  const features = { size };
  return {
    kind: 'sequence',
    dimensions: [...symbols.dimensions, [features]],
    features,
    stage: { at: 'embedded', input: symbols.stage.input },
  };
}
