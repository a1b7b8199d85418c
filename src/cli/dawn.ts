import { tmpdir } from 'node:os';

/** Dawn ends with this object, and with it, in the midst of their work, the devices that it gave. */
let held: GPU | undefined;

/**
 * WebGPU outside a browser: Dawn, through the optional npm package `webgpu`.
 *
 * @returns the GPU, or in one sentence why there is none
 */
export async function dawn(): Promise<GPU | string> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    // Drivers that could show windows miss the folder for that, and say so on standard error.
    process.env['XDG_RUNTIME_DIR'] ??= tmpdir();
    held ??= create([]);
    return held;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND') return 'There is no WebGPU without the npm package webgpu, which is optional.';
    return `The npm package webgpu does not work on this machine: ${message.split('\n')[0]}`;
  }
}
