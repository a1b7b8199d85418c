/** What the machine's WebAssembly can do, and what its threads may share. */
export interface Features {
  /** Relaxed SIMD: a multiply-add in one instruction. */
  readonly relaxed: boolean;
  /** Memory that several threads share. */
  readonly shared: boolean;
}

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

/** Compiles the kernels for what the machine can do; only that variant is loaded. */
export async function compileKernels({ relaxed, shared }: Features): Promise<WebAssembly.Module> {
  const { default: base64 } = await (relaxed
    ? shared
      ? import('virtual:cpu-kernels/relaxed-shared')
      : import('virtual:cpu-kernels/relaxed')
    : shared
      ? import('virtual:cpu-kernels/plain-shared')
      : import('virtual:cpu-kernels/plain'));
  return WebAssembly.compile(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
