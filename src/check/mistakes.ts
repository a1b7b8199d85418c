/** How a wrong gradient is recognised: as the right one but for a factor, or as what one known mistake makes of it. */

import { countedPlaces } from '../engine/batch.ts';
import type { Batch } from '../engine/engine.ts';

/** What is recognised in a wrong tensor. */
export interface Mistake {
  readonly kind:
    | 'missing'
    | 'shape'
    | 'not finite'
    | 'zero'
    | 'rounding'
    | 'sign'
    | 'factor'
    | 'transposed'
    | 'another'
    | 'operand'
    | 'gradient'
    | 'truncated'
    | 'derivative'
    | 'term'
    | 'unknown';
  /** What follows a tensor's name: “has its sign turned”. */
  readonly words: string;
}

/** What a mistake would make of a tensor; nothing where it does not apply. */
export type Candidate = readonly [kind: Mistake['kind'], words: string, values: ArrayLike<number>];

/** Up to this relative difference a tensor is what a mistake makes: more than the rounding of float32, and of long sums. */
const near = 1e-4;

/** A factor that the mean over the places brings into gradients, and how that comes. */
type Factor = readonly [value: number, words: string];

/** The factors that are known for a batch of B rows, T timesteps and N places that count. */
export function factorsOf(batch: Batch): readonly Factor[] {
  const { rows: B, timesteps: T } = batch;
  const N = countedPlaces(batch);
  const [all, name] = [T * B, N === T * B ? 'T·B' : 'N'];
  const known: Factor[] = [
    [N, `is ${name} = ${N} times too large: a sum over the places that count, where the loss is their mean`],
    [T, `is T = ${T} times too large: a mean over the rows, but a sum over the timesteps`],
    [B, `is B = ${B} times too large: a mean over the timesteps, but a sum over the rows`],
    [1 / N, `is ${name} = ${N} times too small: divided by the number of places twice`],
    [1 / T, `is T = ${T} times too small: divided by the number of timesteps once too often`],
    [1 / B, `is B = ${B} times too small: divided by the number of rows once too often`],
    [N / all, `is ${all}/${N} times too small: a mean over all T·B places, also over those that do not count`],
  ];
  return known.filter(([value]) => value !== 1);
}

/**
 * Recognises a mistake.
 *
 * @param expected what should be there; another one of as many elements may be what a mistake makes of it
 * @param candidates asked one after the other, after the expected values with another factor
 */
export function recognise(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  factors: readonly Factor[],
  candidates: Iterable<Candidate>,
): Mistake {
  const values = Array.from(actual);
  if (!values.every(Number.isFinite)) return { kind: 'not finite', words: 'holds what is not a finite number' };
  if (values.every((value) => value === 0)) return { kind: 'zero', words: 'is 0 throughout' };
  const scale = scaleOf(actual, expected);
  if (scale !== undefined) {
    const words = factorWords(scale, factors);
    if (Math.abs(scale - 1) < near) return { kind: 'rounding', words: 'is off by more than the rounding of float32' };
    if (words !== undefined) return { kind: scale === -1 || isNear(scale, -1) ? 'sign' : 'factor', words };
  }
  for (const [kind, words, made] of candidates) {
    const scale = scaleOf(actual, made);
    if (scale === undefined) continue;
    if (isNear(scale, 1)) return { kind, words };
    const besides = factorWords(scale, factors);
    if (besides !== undefined) return { kind, words: `${words}; besides, it ${besides}` };
  }
  // Three numbers that are one multiple of three others are no accident; fewer may be.
  if (scale !== undefined && values.length >= 3) {
    return { kind: 'factor', words: `is ${Number(scale.toPrecision(4))} times what it should be` };
  }
  return { kind: 'unknown', words: 'is wrong in no way that is recognised' };
}

const isNear = (a: number, b: number) => Math.abs(a / b - 1) < near;

/** In words by which of the known factors something is off, and whether its sign is turned. */
function factorWords(scale: number, factors: readonly Factor[]): string | undefined {
  if (isNear(scale, -1)) return 'has its sign turned';
  const words = factors.filter(([value]) => isNear(Math.abs(scale), value)).map(([, words]) => words);
  if (words.length === 0) return undefined;
  return words.join(', or ') + (scale < 0 ? ', and has its sign turned' : '');
}

/** The s for which actual = s · made, if there is one. */
function scaleOf(actual: ArrayLike<number>, made: ArrayLike<number>): number | undefined {
  if (actual.length !== made.length) return undefined;
  let [product, square, norm] = [0, 0, 0];
  for (let i = 0; i < actual.length; i++) {
    product += actual[i]! * made[i]!;
    square += made[i]! ** 2;
    norm += actual[i]! ** 2;
  }
  if (square === 0 || !Number.isFinite(square)) return undefined;
  const scale = product / square;
  let rest = 0;
  for (let i = 0; i < actual.length; i++) rest += (actual[i]! - scale * made[i]!) ** 2;
  return rest <= near ** 2 * norm ? scale : undefined;
}
