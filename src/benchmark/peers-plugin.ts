/**
 * What the side by side needs from the build: the other frameworks, each bundled with the file in `benchmark/peers/` that
 * sets it up. They live in a package of their own, `benchmark/package.json`; where that is not installed, what stands in
 * for them says so when it is called.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const folder = fileURLToPath(new URL('../../benchmark/', import.meta.url));
const list = 'virtual:peers';

const absent = `export function prepare() {
  throw new Error('It is not installed: npm ci --prefix benchmark, then build or start again.');
}`;

export function peersPlugin(): Plugin {
  return {
    name: 'sluice:peers',
    resolveId: (id) => (id === list || id.startsWith(`${list}/`) ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${list}`) return `export const installed = ${isInstalled()};`;
      if (!id.startsWith(`\0${list}/`)) return;
      return isInstalled() ? bundle(id.slice(list.length + 2)) : absent;
    },
  };
}

const isInstalled = () =>
  existsSync(`${folder}node_modules/@tensorflow`) && existsSync(`${folder}node_modules/@jax-js`);

/** One peer with all that it imports, WebAssembly included, as one module. */
async function bundle(peer: string): Promise<string> {
  const { build } = await import('vite');
  const built = await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: `${folder}peers/${peer}.ts`, formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  for (const result of outputs) {
    if ('output' in result) return result.output[0].code;
  }
  throw new Error(`The peer ${peer} was not built.`);
}
