/**
 * What the CPU engine needs from the build: its kernels, compiled from AssemblyScript to WebAssembly, and its worker as
 * one piece of JavaScript, which starts anywhere. Both are made when something imports them, in development, in tests and
 * in the build alike; nothing made is kept in the repository.
 */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const folder = fileURLToPath(new URL('.', import.meta.url));
const kernels = 'virtual:cpu-kernels/';
const worker = 'virtual:cpu-worker';

export function cpuEnginePlugin(): Plugin {
  return {
    name: 'sluice:cpu-engine',
    resolveId: (id) => (id.startsWith(kernels) || id === worker ? `\0${id}` : undefined),
    async load(id) {
      if (id === `\0${worker}`) {
        const { code, moduleIds } = await bundleWorker();
        for (const file of moduleIds) this.addWatchFile(file);
        return `export default ${JSON.stringify(code)};`;
      }
      if (!id.startsWith(`\0${kernels}`)) return;
      for (const file of await readdir(`${folder}kernels`, { recursive: true })) {
        if (file.endsWith('.ts')) this.addWatchFile(`${folder}kernels/${file}`);
      }
      const variant = id.slice(kernels.length + 1).split('-');
      const binary = await compile(`${folder}kernels`, variant.includes('relaxed'), variant.includes('shared'));
      return `export default '${binary.toString('base64')}';`;
    },
  };
}

/** WebAssembly's largest memory, in pages of 64 KiB. */
const mostPages = '65536';

/**
 * The WebAssembly of the kernels in a folder: what its `index.ts` exports, and all that the cells' files do.
 *
 * @throws Error with the compiler's words if they do not compile.
 */
export async function compile(folder: string, relaxed: boolean, shared: boolean): Promise<Buffer> {
  const { default: asc } = await import('assemblyscript/asc');
  const cells = (await readdir(`${folder}/cells`)).sort();
  let binary: Uint8Array | undefined;
  const enabled = ['simd', 'bulk-memory', ...(relaxed ? ['relaxed-simd'] : []), ...(shared ? ['threads'] : [])];
  const memory = ['--importMemory', '--initialMemory', '1', '--maximumMemory', mostPages];
  const options = [
    ...['index.ts', ...cells.map((file) => `cells/${file}`), '--baseDir', folder, '--outFile', 'kernels.wasm'],
    ...['-O3', '--runtime', 'stub', '--noAssert'],
    ...[...memory, ...(shared ? ['--sharedMemory'] : [])],
    ...enabled.flatMap((feature) => ['--enable', feature]),
  ];
  const { error, stderr } = await asc.main(options, {
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error !== null || binary === undefined) throw new Error(`The kernels do not compile.\n${stderr.toString()}`);
  return Buffer.from(binary);
}

async function bundleWorker(): Promise<{ readonly code: string; readonly moduleIds: readonly string[] }> {
  const { build } = await import('vite');
  const built = await build({
    configFile: false,
    logLevel: 'error',
    // As for a server, because all that Vite would add for a page has no place in a worker.
    build: { write: false, ssr: `${folder}worker.ts`, target: 'es2023', minify: true },
  });
  const outputs = Array.isArray(built) ? built : [built];
  for (const result of outputs) {
    if ('output' in result) return result.output[0];
  }
  throw new Error('The worker was not built.');
}
