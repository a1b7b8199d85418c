import { charactersOf } from './collect.ts';

/** What goes in or should come out, timestep for timestep, as JSON has it. */
export type Sequence =
  | { readonly kind: 'words'; readonly words: readonly (string | undefined)[] }
  /** `[T][width]`, NaN at timesteps where it is absent. */
  | { readonly kind: 'vectors'; readonly width: number; readonly values: Float32Array<ArrayBuffer> };

export const lengthOf = (sequence: Sequence): number =>
  sequence.kind === 'words' ? sequence.words.length : sequence.values.length / sequence.width;

/** Makes the error for a value, of what is wrong with it. */
export type Complain = (complaint: string) => Error;

/**
 * Reads a string, each character for itself, or an array of strings, of numbers, or of vectors. Of an array, elements may be
 * null: those are absent.
 *
 * @throws what `complain` makes, if the value is anything else, empty, mixed, or holds what is no number of 32 bits
 */
export function sequenceOf(value: unknown, complain: Complain): Sequence {
  if (value === '' || (Array.isArray(value) && value.length === 0)) throw complain('it is empty: leave the line out.');
  if (typeof value === 'string') return { kind: 'words', words: charactersOf(value) };
  if (!Array.isArray(value)) throw complain('it is neither a string nor an array: write one of them.');
  const elements: readonly unknown[] = value;
  const first = elements.find((element) => element !== null);
  if (first === undefined) throw complain('all of it is null: leave the line out.');
  const odd = elements.findIndex((element) => element !== null && kindOf(element) !== kindOf(first));
  if (odd !== -1) {
    throw complain(
      `element ${odd + 1} is ${kindOf(elements[odd])}, where others are ${kindOf(first)}: write all in one way.`,
    );
  }
  if (typeof first === 'string')
    return { kind: 'words', words: elements.map((word) => (word as string | null) ?? undefined) };
  if (typeof first === 'number')
    return vectors(
      elements.map((number) => (number === null ? null : [number])),
      1,
      complain,
    );
  if (!Array.isArray(first))
    throw complain(`its elements are ${kindOf(first)}: write strings, numbers or arrays of numbers.`);
  return vectors(elements as readonly (readonly unknown[] | null)[], first.length, complain);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function vectors(elements: readonly (readonly unknown[] | null)[], width: number, complain: Complain): Sequence {
  if (width === 0) throw complain('its vectors are empty: each needs at least one number.');
  const values = new Float32Array(elements.length * width).fill(Number.NaN);
  for (const [t, element] of elements.entries()) {
    if (element === null) continue;
    if (element.length !== width) {
      throw complain(
        `vector ${t + 1} has ${element.length} numbers, where the first has ${width}: make them equally long.`,
      );
    }
    for (const [i, number] of element.entries()) values[t * width + i] = numberOf(number, `element ${t + 1}`, complain);
  }
  return { kind: 'vectors', width, values };
}

/** @throws what `complain` makes, if it is no number, or too large for one of 32 bits */
export function numberOf(value: unknown, which: string, complain: Complain): number {
  if (typeof value !== 'number') throw complain(`${which} has ${kindOf(value)} where a number should be.`);
  if (!Number.isFinite(Math.fround(value)))
    throw complain(`${which} has a number that is too large: stay below 3.4e38.`);
  return value;
}
