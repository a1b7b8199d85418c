import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { softwareVulkan } from './vulkan.ts';

const run = promisify(execFile);

/**
 * Runs a program in Deno, whose WebGPU is wgpu, on Vulkan.
 *
 * @param chromePath a browser that may have a driver
 * @returns what it prints
 * @throws Error with what it prints on standard error, if it fails
 */
export async function runInDeno(program: string, chromePath: string): Promise<string> {
  const deno = resolve('node_modules/.bin/deno');
  const { stdout } = await run(deno, ['run', '--no-prompt', '--no-config', '--quiet', program], {
    env: {
      ...process.env,
      ...softwareVulkan(chromePath),
      DENO_WEBGPU_BACKEND: 'vulkan',
      DENO_NO_UPDATE_CHECK: '1',
    },
    maxBuffer: 2 ** 24,
  });
  return stdout;
}
