/** What the machine's WebAssembly can do. */

/** Whether WebAssembly can multiply four numbers at once, and whether also add in the same instruction. */
export function detectSimd(): 'none' | 'plain' | 'relaxed' {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(usesSimd)) return 'none';
  return WebAssembly.validate(usesRelaxedSimd) ? 'relaxed' : 'plain';
}

/** The smallest module with a function whose body is the given instructions and that returns a vector. */
const moduleOf = (...instructions: number[]): Uint8Array<ArrayBuffer> => {
  const body = [0, ...instructions, 11];
  const code = [1, body.length, ...body];
  return Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, code.length, ...code);
};
const zero = [65, 0, 253, 17]; // i32.const 0, i32x4.splat
const usesSimd = moduleOf(...zero);
const usesRelaxedSimd = moduleOf(...zero, ...zero, ...zero, 253, 133, 2); // f32x4.relaxed_madd

/**
 * Whether the compiler keeps 12 sums in registers, as those do that came with 64-bit memories: they leave instructions in the
 * order in which they are written. V8's before loaded all operands first, and had no registers left.
 */
export const keepsTwelveSums = (): boolean => WebAssembly.validate(usesLongAddresses);

/** A module with a 64-bit memory of 1 page. */
const usesLongAddresses = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 1);
