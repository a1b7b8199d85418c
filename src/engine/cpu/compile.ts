import { fromBase64 } from '../../base64.ts';

/** What the machine's WebAssembly can do, and what its threads may share. */
export interface Features {
  /** Relaxed SIMD: a multiply-add in one instruction. */
  readonly relaxed: boolean;
  /** Memory that several threads share. */
  readonly shared: boolean;
}

/** Compiles the kernels for what the machine can do; only that variant is loaded. */
export async function compileKernels({ relaxed, shared }: Features): Promise<WebAssembly.Module> {
  const { default: base64 } = await (relaxed
    ? shared
      ? import('virtual:cpu-kernels/relaxed-shared')
      : import('virtual:cpu-kernels/relaxed')
    : shared
      ? import('virtual:cpu-kernels/plain-shared')
      : import('virtual:cpu-kernels/plain'));
  return WebAssembly.compile(fromBase64(base64));
}
