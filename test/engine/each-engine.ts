import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { CpuEngine, type CpuOptions } from '../../src/engine/cpu/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { RemoteEngine } from '../browser/remote-engine.ts';
import { DawnEngine } from './dawn-engine.ts';
import type { TestedTuning } from './remembered.ts';

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
  for (const [name, use] of Object.entries(floatEngines)) {
    describe(`${what}, on ${name}`, () => tests(use(), { gradient: 1e-5, trained: 1e-4 }));
  }
}

/** The WebGPU that is tested. */
export const webgpu = inject('webgpu') === 'dawn' ? 'WebGPU in Dawn' : 'WebGPU in the browser';

/** The engines in float32, each with what makes it ready for the tests of a file. */
export const floatEngines: Readonly<Record<string, () => () => Engine>> = {
  [webgpu]: () => useWebGPUEngine(),
  'the CPU in Node, 1 thread': () => useCpuEngine({ threads: 1, relaxed: false }),
  'the CPU in Node, 2 threads': () => useCpuEngine({ threads: 2, relaxed: false }),
  'the CPU in the browser, 1 thread, plain SIMD': () => useBrowserEngine('engine=cpu&threads=1&simd=plain'),
  'the CPU in the browser, 1 thread, relaxed SIMD': () => useBrowserEngine('engine=cpu&threads=1&simd=relaxed'),
  'the CPU in the browser, 2 threads, plain SIMD': () => useBrowserEngine('engine=cpu&threads=2&simd=plain'),
  'the CPU in the browser, 2 threads, relaxed SIMD': () => useBrowserEngine('engine=cpu&threads=2&simd=relaxed'),
};

/** The WebGPU engine that is tested, for the tests of this file. */
export function useWebGPUEngine(tested: TestedTuning = {}): () => RemoteEngine | DawnEngine {
  if (inject('webgpu') !== 'dawn') {
    return useBrowserEngine(`${new URLSearchParams({ engine: 'webgpu', ...tested } as Record<string, string>)}`);
  }
  let engine: DawnEngine;
  beforeAll(async () => {
    engine = await DawnEngine.create(tested);
  });
  afterAll(() => engine?.close());
  return () => engine;
}

/** The CPU engine in Node, for the tests of this file. */
export function useCpuEngine(options: CpuOptions): () => CpuEngine {
  let engine: CpuEngine;
  beforeAll(async () => {
    const created = await CpuEngine.create(options);
    if (typeof created === 'string') throw new Error(created);
    engine = created;
  });
  afterAll(() => engine?.close());
  return () => engine;
}

/**
 * An engine in the browser that all tests share, for the tests of this file.
 *
 * @param search which one, as `test/browser/engines.ts` reads it
 */
export function useBrowserEngine(search: string): () => RemoteEngine {
  let browser: Browser;
  let page: Page;
  let engine: RemoteEngine;
  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser'), protocolTimeout: 600_000 });
    page = await browser.newPage();
    page.on('console', (message) => console.log(`browser: ${message.text()}`));
    await page.goto(`${inject('site')}test/browser/engines.html?${search}`);
    await page.waitForFunction('window.openSession');
    engine = new RemoteEngine(page, search.includes('engine=cpu') ? 'cpu' : 'webgpu');
  });
  afterAll(async () => {
    await page?.close();
    await browser?.disconnect();
  });
  return () => engine;
}
