import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Manifests of Mesa's Vulkan driver that computes on the processor, as distributions name them. */
const lavapipe = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap((folder) =>
  ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json'].map((name) => join(folder, name)),
);

/**
 * What makes a program find a Vulkan driver that needs no GPU: the one that `VK_DRIVER_FILES` names; else Mesa's, which compiles a kernel in some
 * hundredths of a second; else SwiftShader, which takes a second, and which browsers bring along with Vulkan's loader.
 *
 * @param chromePath a browser that may have one
 * @returns variables of the environment
 * @throws Error saying what to install where there is none
 */
export function softwareVulkan(chromePath: string): Readonly<Record<string, string>> {
  // Where no one has logged in, drivers miss the folder for windows that they do not open.
  const { VK_DRIVER_FILES, XDG_RUNTIME_DIR = tmpdir(), LD_LIBRARY_PATH } = process.env;
  if (VK_DRIVER_FILES) return { XDG_RUNTIME_DIR, VK_DRIVER_FILES };
  const installed = lavapipe.find((manifest) => existsSync(manifest));
  if (installed !== undefined) return { XDG_RUNTIME_DIR, VK_DRIVER_FILES: installed };
  // Debian's Chromium is started by a script that lies elsewhere.
  const folders = [dirname(realpathSync(chromePath)), '/usr/lib/chromium'];
  const folder = folders.find((folder) => existsSync(join(folder, 'vk_swiftshader_icd.json')));
  if (folder !== undefined) {
    const libraries = [LD_LIBRARY_PATH, folder].filter(Boolean).join(':');
    return {
      XDG_RUNTIME_DIR,
      VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json'),
      LD_LIBRARY_PATH: libraries,
    };
  }
  throw new Error(
    'No Vulkan driver could be found: install mesa-vulkan-drivers, or name a driver’s manifest in VK_DRIVER_FILES.',
  );
}
