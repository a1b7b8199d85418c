/** What a network becomes a web page with: its page, script and style, made when something imports them. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** Those of the other pages, from here. */
const colours = '../../colours.css';
const name = 'virtual:webpage';

export function webpagePlugin(): Plugin {
  return {
    name: 'sluice:webpage',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) return;
      for (const file of ['page.html', 'style.css', colours]) this.addWatchFile(`${folder}${file}`);
      const page = await readFile(`${folder}page.html`, 'utf8');
      const styles = [colours, 'style.css'].map((file) => readFile(`${folder}${file}`, 'utf8'));
      const style = bare((await Promise.all(styles)).join('\n'));
      const { code, moduleIds } = await bundleScript();
      for (const file of moduleIds) this.addWatchFile(file);
      // What ends a script in a page does so in its strings too.
      const script = code.trim().replaceAll('</script', '<\\/script');
      return `export default ${JSON.stringify({ page, script, style, policy: policyFor(script, style) })};`;
    },
  };
}

/** Lets a page run this script and WebAssembly, have this style, and ask nobody for anything. */
function policyFor(script: string, style: string): string {
  const admitted = (content: string) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${admitted(script)} 'wasm-unsafe-eval'`,
    `style-src ${admitted(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return policy.join('; ');
}

/** A style without comments and needless spaces. */
const bare = (style: string): string =>
  style
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .trim();

async function bundleScript(): Promise<{ readonly code: string; readonly moduleIds: readonly string[] }> {
  const { build } = await import('vite');
  const built = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      minify: true,
      lib: { entry: `${folder}script.ts`, formats: ['iife'], name: 'sluice' },
    },
  });
  for (const result of Array.isArray(built) ? built : [built]) {
    if ('output' in result) return result.output[0];
  }
  throw new Error('The web page’s script was not built.');
}
