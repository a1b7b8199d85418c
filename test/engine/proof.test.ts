import { readdirSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { chooseEngine } from '../../src/engine/choose.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { readTuning } from '../../src/engine/webgpu/candidates.ts';
import { passNames, plan } from '../../src/engine/webgpu/plan.ts';
import { adam, capacity, prime, sampling, trials } from '../../src/engine/webgpu/proof.ts';
import { randomBatch } from '../../src/engine/webgpu/workbench.ts';
import { defaultLimits } from './default-limits.ts';

declare global {
  interface Window {
    chooseEngine: typeof chooseEngine;
  }
}

describe('The proof of a device', () => {
  it('knows what is to be found', async () => {
    for (const { model, reports, written } of trials) {
      const exact = await new ReferenceEngine().open(model, capacity);
      exact.write(initialState(model, capacity, 1));
      expect(reports.length).toBeGreaterThan(1);
      for (const [loss, norm] of reports) {
        const report = await exact.step(randomBatch(model, capacity), adam);
        expect(report.loss / loss).toBeCloseTo(1, 6);
        expect(report.gradientNorm / norm).toBeCloseTo(1, 6);
      }
      if (written === undefined) continue;
      const [drawn] = await exact.generate([prime], written.length, sampling);
      expect(Array.from(drawn!)).toEqual(written);
    }
  });

  it('has every kernel there is', () => {
    const dispatched = trials.flatMap(({ model, tuning }) => {
      const { passes } = plan(model, capacity, defaultLimits, readTuning(tuning, model, capacity));
      return passNames.flatMap((pass) => passes[pass].map(({ kernel }) => kernel));
    });
    const generating = trials.some(({ written }) => written !== undefined) ? ['generate'] : [];
    const there = readdirSync('shaders').filter((name) => name.endsWith('.wgsl'));
    expect([...new Set([...dispatched, ...generating])].map((kernel) => `${kernel}.wgsl`).toSorted()).toEqual(
      there.toSorted(),
    );
  });
});

/** What is chosen in a browser whose adapter passes for a GPU, and for whose compiler shaders are spoilt. */
describe.runIf(inject('webgpu') === 'software')('The choice of an engine puts a GPU to the proof', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser'), protocolTimeout: 600_000 });
  });
  afterAll(() => browser?.disconnect());

  async function choose(spoilt?: readonly [from: string, to: string]) {
    const page = await browser.newPage();
    await page.goto(`${inject('site')}test/browser/engines.html`);
    await page.evaluate(([from, to]) => {
      Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });
      for (const name of ['vendor', 'architecture', 'device', 'description']) {
        Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => '' });
      }
      const create = GPUDevice.prototype.createShaderModule;
      GPUDevice.prototype.createShaderModule = function (descriptor) {
        return create.call(this, { ...descriptor, code: from ? descriptor.code.replace(from, to!) : descriptor.code });
      };
    }, spoilt ?? []);
    const content = "import { chooseEngine } from '/src/engine/choose.ts'; Object.assign(window, { chooseEngine });";
    await page.addScriptTag({ type: 'module', content });
    await page.waitForFunction('window.chooseEngine');
    const chosen = await page.evaluate(async () => {
      const known = new Map<string, string>();
      const tunings = {
        read: async (key: string) => known.get(key),
        write: async (key: string, tuning: string) => void known.set(key, tuning),
      };
      const choose = () => window.chooseEngine('auto', navigator.gpu, { limits: 'default', tunings });
      const { engine, reason } = await choose();
      engine.close();
      let compiled = 0;
      const create = GPUDevice.prototype.createComputePipelineAsync;
      GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
        compiled++;
        return create.call(this, descriptor);
      };
      const again = known.size > 0 ? await choose() : undefined;
      again?.engine.close();
      const same = again?.engine.name === engine.name && again.reason === reason;
      return { name: engine.name, reason, remembered: [...known.values()], again: { same, compiled } };
    });
    await page.close();
    return chosen;
  }

  const again = { same: true, compiled: 0 };

  it('and takes one that passes, which is not tried again', async () => {
    const reason = 'WebGPU offers a graphics adapter.';
    expect(await choose()).toEqual({ name: 'webgpu', reason, remembered: ['right'], again });
  });

  it('and none whose workgroups have no memory: the processor computes', async () => {
    const { name, reason, remembered } = await choose(['memory: array<vec4f, SIZE>', 'memory: array<vec4f, 1>']);
    expect(name).toBe('cpu');
    expect(reason).toMatch(/^WebGPU computes wrong numbers here, .* So the processor itself computes\.$/);
    expect(remembered).toEqual([]);
  });

  it('and does without subgroups that are of another size than they tell', async () => {
    const chosen = await choose(['invocation.subgroup * invocation.size', 'invocation.subgroup * 2 * invocation.size']);
    const reason =
      'WebGPU offers a graphics adapter; its subgroups add up wrongly, as a short test shows, and are not used.';
    expect(chosen).toEqual({ name: 'webgpu', reason, remembered: ['right without subgroups'], again });
  });

  it('and says what a compiler has against a shader', async () => {
    const { name, reason } = await choose(['let lane = lane_of(invocation);', 'let lane = lane_off(invocation);']);
    expect(name).toBe('cpu');
    expect(reason).toMatch(
      /^WebGPU does not work here: shaders\/\S+, line \d+: .*So the processor itself computes\.$/s,
    );
  });
});
