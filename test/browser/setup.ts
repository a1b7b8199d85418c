import { createServer } from 'vite';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { findOrInstallChrome, launchChrome } from './chrome.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Which WebGPU is tested: Chrome's on a software adapter, Chrome's on the hardware, or Dawn's in Node. With Dawn there
     * is nothing else of what follows.
     */
    readonly webgpu: 'software' | 'hardware' | 'dawn';
    /** Where the pages are served. */
    readonly site: string;
    /** The browser's program file. */
    readonly chromePath: string;
    /** Where to reach the browser that all tests share. */
    readonly browser: string;
  }
}

/** Serves the pages and starts a browser, once for all tests; says which graphics adapter they will run on. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { webgpu } = project.getProvidedContext();
  if (webgpu === 'dawn') return;
  const chromePath = findOrInstallChrome();
  const server = await createServer({ server: { port: 0, hmr: false }, logLevel: 'error' });
  await server.listen();
  const site = server.resolvedUrls!.local[0]!;
  const browser = await launchChrome(chromePath, webgpu);

  const page = await browser.newPage();
  await page.goto(`${site}test/browser/engines.html`);
  const adapter = await page.evaluate(async () => {
    const info = (await navigator.gpu?.requestAdapter())?.info;
    return info && `${info.vendor} ${info.architecture}${info.isFallbackAdapter ? ' (software)' : ''}`;
  });
  await page.close();
  if (adapter === undefined) throw new Error(`${chromePath} offers no WebGPU adapter: the tests need one.`);
  console.log(`${await browser.version()} at ${chromePath}; WebGPU adapter: ${adapter}`);

  project.provide('site', site);
  project.provide('chromePath', chromePath);
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
  };
}
