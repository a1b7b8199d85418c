import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Manifests of Mesa's Vulkan driver that computes on the processor, as distributions name them. */
const lavapipe = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap((folder) =>
  ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json'].map((name) => join(folder, name)),
);

/**
 * What makes Deno find a Vulkan driver: the one that `VK_DRIVER_FILES` names; else Mesa's, which compiles a kernel in some
 * hundredths of a second; else SwiftShader, which takes a second, and which browsers bring along with Vulkan's loader.
 *
 * @throws Error saying what to install where there is none
 */
function driver(chromePath: string): Readonly<Record<string, string>> {
  if (process.env['VK_DRIVER_FILES']) return {};
  const installed = lavapipe.find((manifest) => existsSync(manifest));
  if (installed !== undefined) return { VK_DRIVER_FILES: installed };
  // Debian's Chromium is started by a script that lies elsewhere.
  const folders = [dirname(realpathSync(chromePath)), '/usr/lib/chromium'];
  const folder = folders.find((folder) => existsSync(join(folder, 'vk_swiftshader_icd.json')));
  if (folder !== undefined) {
    const libraries = [process.env['LD_LIBRARY_PATH'], folder].filter(Boolean).join(':');
    return { VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: libraries };
  }
  throw new Error(
    'No Vulkan driver could be found for Deno: install mesa-vulkan-drivers, or name a driver’s manifest in VK_DRIVER_FILES.',
  );
}

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
      XDG_RUNTIME_DIR: tmpdir(),
      ...process.env,
      ...driver(chromePath),
      DENO_WEBGPU_BACKEND: 'vulkan',
      DENO_NO_UPDATE_CHECK: '1',
    },
    maxBuffer: 2 ** 24,
  });
  return stdout;
}
