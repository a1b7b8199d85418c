import { fromBase64 } from '../../base64.ts';

/** What the machine's WebAssembly can do, and what its threads may share. */
export interface Features {
  /** Relaxed SIMD: a multiply-add in one instruction. */
  readonly relaxed: boolean;
  /** Memory that several threads share. */
  readonly shared: boolean;
}

/** Compiles the kernels for what the machine can do; only that variant is loaded. */
export async function compileKernels(features: Features): Promise<WebAssembly.Module> {
  return WebAssembly.compile(fromBase64(await loadKernels(features)));
}

/** The kernels' WebAssembly for what a machine can do, in base64. */
export async function loadKernels({ relaxed, shared }: Features): Promise<string> {
  const { default: base64 } = await (relaxed
    ? shared
      ? import('virtual:cpu-kernels/relaxed-shared')
      : import('virtual:cpu-kernels/relaxed')
    : shared
      ? import('virtual:cpu-kernels/plain-shared')
      : import('virtual:cpu-kernels/plain'));
  return base64;
}
