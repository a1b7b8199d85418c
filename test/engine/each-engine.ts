import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { RemoteEngine } from '../browser/remote-engine.ts';

/** How far an engine may be from float64. */
export interface Accuracy {
  readonly gradient: number;
  /** Of the parameters after some tens of steps. */
  readonly trained: number;
}

/** Runs the same tests over every engine there is. */
export function describeEachEngine(what: string, tests: (engine: () => Engine, accuracy: Accuracy) => void): void {
  describe(`${what}, on the reference engine`, () => {
    const engine = new ReferenceEngine();
    // The state that training hands out is float32, so that is what the trained parameters are known to.
    tests(() => engine, { gradient: 1e-12, trained: 1e-7 });
  });
  describe(`${what}, on WebGPU in the browser`, () => {
    const engine = useBrowserEngine();
    tests(engine, { gradient: 1e-5, trained: 1e-4 });
  });
}

/** WebGPU in the browser that all tests share, for the tests of this file. */
export function useBrowserEngine(): () => RemoteEngine {
  let browser: Browser;
  let page: Page;
  let engine: RemoteEngine;
  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser'), protocolTimeout: 600_000 });
    page = await browser.newPage();
    page.on('console', (message) => console.log(`browser: ${message.text()}`));
    await page.goto(`${inject('site')}test/browser/engines.html`);
    await page.waitForFunction('window.openSession');
    engine = new RemoteEngine(page);
  });
  afterAll(async () => {
    await page?.close();
    await browser?.disconnect();
  });
  return () => engine;
}
