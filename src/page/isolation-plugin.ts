import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/**
 * What a page may load and run: only what comes from its own site, no script or style that stands in the page itself, and
 * WebAssembly. It may fetch from elsewhere, encrypted, which it does where a person wants the model that its address names. Workers come from the site, and those of the CPU engine from their own source, by a blob's address.
 */
const policy = {
  'default-src': "'self'",
  'connect-src': "'self' https:",
  'script-src': "'self' 'wasm-unsafe-eval'",
  // A plot becomes a picture by way of its own drawing.
  'img-src': "'self' data:",
  'worker-src': "'self' blob:",
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** In development Vite puts styles and its messages about errors into the page, and hears of changes by a socket. */
const policyInDevelopment = {
  ...policy,
  'style-src': "'self' 'unsafe-inline'",
  'connect-src': "'self' https: ws: wss:",
};

/**
 * What keeps the pages to themselves: a Content-Security-Policy in each, and in the built site the service worker that
 * isolates them from other origins where the server does not, and keeps the site's files for visits without a network.
 *
 * @param pages the pages' files, from the project's root
 */
export function isolationPlugin(pages: readonly string[]): Plugin {
  let isServing = false;
  let publicFolder = '';
  return {
    name: 'sluice:isolation',
    configResolved(config) {
      isServing = config.command === 'serve';
      publicFolder = config.publicDir;
    },
    transformIndexHtml: {
      order: 'pre',
      handler(_, { path }) {
        if (!pages.includes(path.slice(1))) return;
        const content = Object.entries(isServing ? policyInDevelopment : policy).map((directive) =>
          directive.join(' '),
        );
        const attrs = { 'http-equiv': 'Content-Security-Policy', content: content.join('; ') };
        return [{ tag: 'meta', attrs, injectTo: 'head-prepend' }];
      },
    },
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const built = Object.keys(bundle);
        // Without pages it is no site that is built.
        if (!pages.every((page) => built.includes(page))) return;
        const others = publicFolder ? await readdir(publicFolder) : [];
        // Hidden files are for the host.
        const files = [...built, ...others.filter((file) => !file.startsWith('.'))].map(addressOf).sort();
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: await serviceWorker(files) });
      },
    },
  };
}

/** A file's address from the site's root, which for a page is that of its folder. */
const addressOf = (file: string) => `./${file.replaceAll('\\', '/').replace(/(^|(?<=\/))index\.html$/, '')}`;

/** The service worker's script. @param siteFiles the addresses of all that it keeps */
async function serviceWorker(siteFiles: readonly string[]): Promise<string> {
  const { build } = await import('vite');
  const entry = fileURLToPath(new URL('./service-worker.ts', import.meta.url));
  const built = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    define: { siteFiles: JSON.stringify(siteFiles) },
    build: { write: false, target: 'es2023', lib: { entry, formats: ['iife'], name: 'serviceWorker' } },
  });
  for (const result of Array.isArray(built) ? built : [built]) {
    if ('output' in result) return result.output[0].code;
  }
  throw new Error('The service worker was not built.');
}
