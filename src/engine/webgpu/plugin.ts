import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

/** Ships shaders without their comments and needless spaces: a visitor's compiler has no use for them. Lines stay where they are. */
export function shadersPlugin(): Plugin {
  return {
    name: 'sluice:shaders',
    apply: 'build',
    enforce: 'pre',
    async load(id) {
      const [, path] = /^(.*\.wgsl)\?raw$/.exec(id) ?? [];
      if (path === undefined) return;
      this.addWatchFile(path);
      return `export default ${JSON.stringify(bare(await readFile(path, 'utf8')))};`;
    },
  };
}

/**
 * WGSL has no strings, so two slashes are always a comment, and spaces only part words; and a minus, which may stand before
 * another.
 */
export const bare = (code: string): string =>
  code
    .replace(/\/\/.*$/gm, '')
    .replace(/^ +| +$/gm, '')
    .replace(/ *([^\w\s-]) */g, '$1');
