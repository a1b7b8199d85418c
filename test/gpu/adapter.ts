import { TimeoutError } from 'puppeteer';
import { createServer } from 'vite';
import type { Engine } from '../../src/engine/engine.ts';
import { findOrInstallChrome, launchChrome } from '../browser/chrome.ts';
import { createDawnEngine } from '../engine/dawn-engine.ts';

/** What the tests of the hardware would run on. */
export type Adapter = Pick<Engine, 'device' | 'software'>;

/** How long a browser may seek an adapter, in milliseconds: with a driver that it cannot use it may seek for ever. */
const patience = 60_000;

/** The adapter that Chrome takes when it is told to take the hardware, or in one sentence why there is none. */
export async function adapterInChrome(): Promise<Adapter | string> {
  const chromePath = findOrInstallChrome();
  const server = await createServer({ server: { port: 0, hmr: false }, logLevel: 'error' });
  await server.listen();
  const browser = await launchChrome(chromePath, 'hardware');
  try {
    const page = await browser.newPage();
    await page.goto(`${server.resolvedUrls!.local[0]!}test/browser/engines.html?engine=webgpu`);
    const described = await page.waitForFunction(() => window.describeEngine?.(), { polling: 100, timeout: patience });
    return (await described.jsonValue()) as Adapter | string;
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    return 'Chrome found no graphics adapter within a minute: its driver does not answer.';
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The adapter that Dawn takes, or in one sentence why there is none. */
export async function adapterInDawn(): Promise<Adapter | string> {
  const engine = await createDawnEngine();
  if (typeof engine === 'string') return engine;
  engine.close();
  return { device: engine.device, software: engine.software };
}
