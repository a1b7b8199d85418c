import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type * as cases from '../../src/check/cases.ts';
import type { Session } from '../../src/engine/engine.ts';
import type { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';

declare global {
  interface Window {
    modules: { WebGPUEngine: typeof WebGPUEngine; randomCase: (typeof cases)['randomCase'] };
    /** Opens a small session on a device of its own. */
    openSmall: () => Promise<{ engine: WebGPUEngine; session: Session; step: () => ReturnType<Session['step']> }>;
    /** The name and the words of what some promises fail with, or `done`. */
    outcomes: (asked: Record<string, Promise<unknown>>) => Promise<Record<string, string>>;
  }
}

/** What a session says when its device does something out of the ordinary. */
describe.runIf(inject('webgpu') === 'software')('A device in the browser', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser'), protocolTimeout: 600_000 });
  });
  afterAll(() => browser?.disconnect());
  beforeEach(async () => {
    page = await browser.newPage();
    await page.goto(`${inject('site')}test/browser/engines.html`);
    const content = `import { randomCase } from '/src/check/cases.ts';
      import { WebGPUEngine } from '/src/engine/webgpu/engine.ts';
      window.modules = { randomCase, WebGPUEngine };`;
    await page.addScriptTag({ type: 'module', content });
    await page.waitForFunction('window.modules');
    await page.evaluate(() => {
      const { WebGPUEngine, randomCase } = window.modules;
      window.openSmall = async () => {
        const engine = (await WebGPUEngine.create(navigator.gpu)) as WebGPUEngine;
        const { model, batch } = randomCase([9, 8, 9, 40], 1, 'RNN, 2 layers, symbols, ragged');
        const session = await engine.open(model, batch);
        const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };
        const asked = { engine, session, step: () => session.step(batch, adam) };
        await asked.step();
        return asked;
      };
      window.outcomes = async (asked) => {
        const all = Object.entries(asked).map(async ([name, promise]) => {
          const outcome = await promise.then(
            () => 'done',
            (error: Error) => `${error.name}: ${error.message}`,
          );
          return [name, outcome] as const;
        });
        return Object.fromEntries(await Promise.all(all));
      };
    });
  });
  afterEach(() => page?.close());

  it.each(['OperationError', 'AbortError', 'TypeError'])(
    'is lost whatever its calls then fail with: %s',
    async (name) => {
      const found = await page.evaluate(async (name) => {
        const { engine, session, step } = await window.openSmall();
        const { batch, model } = window.modules.randomCase([9, 8, 9, 40], 1, 'RNN, 2 layers, symbols, ragged');
        const map = GPUBuffer.prototype.mapAsync;
        GPUBuffer.prototype.mapAsync = async function (...args) {
          await map.call(this, ...args).catch((cause) => {
            throw Object.assign(new DOMException('Context lost', name), { cause });
          });
        };
        const asked = {
          step: step(),
          next: step(),
          gradients: session.gradients(batch),
          trace: session.trace(batch),
          evaluate: session.evaluate(batch),
          read: session.read(),
          generate: session.generate([Uint32Array.of(1)], 40, { temperature: 1, seed: 1 }),
        };
        engine.gpuDevice.destroy();
        const underWay = await window.outcomes(asked);
        const later = await window.outcomes({ step: step(), read: session.read(), open: engine.open(model, batch) });
        return [...Object.values(underWay), ...Object.values(later)];
      }, name);
      expect(found).toHaveLength(10);
      for (const outcome of found) expect(outcome).toMatch(/^DeviceLostError: ./);
    },
  );

  it('is lost as well where a submission fails', async () => {
    const found = await page.evaluate(async () => {
      const { engine, step } = await window.openSmall();
      GPUQueue.prototype.submit = () => {
        engine.gpuDevice.destroy();
        throw new DOMException('Parent device is lost', 'OperationError');
      };
      return window.outcomes({ step: step(), next: step() });
    });
    for (const outcome of Object.values(found)) expect(outcome).toMatch(/^DeviceLostError: ./);
  });

  it('says that a session was closed in the midst of its work, and not that the device is lost', async () => {
    const found = await page.evaluate(async () => {
      const { session, step } = await window.openSmall();
      const asked = { step: step(), next: step() };
      session.close();
      const after = { later: step(), read: session.read() };
      return window.outcomes({ ...asked, ...after });
    });
    expect(Object.values(found)).toEqual(Array(4).fill('Error: The session was closed.'));
  });

  it('says so when it is closed between an answer and what is read of it', async () => {
    const found = await page.evaluate(async () => {
      const { session, step } = await window.openSmall();
      const map = GPUBuffer.prototype.mapAsync;
      GPUBuffer.prototype.mapAsync = async function (...args) {
        await map.call(this, ...args);
        session.close();
      };
      return window.outcomes({ step: step() });
    });
    expect(found).toEqual({ step: 'Error: The session was closed.' });
  });

  it('that has no memory for a network says how much it needs, also where it is lost of that', async () => {
    const found = await page.evaluate(async () => {
      const { WebGPUEngine, randomCase } = window.modules;
      const { model, batch } = randomCase([9, 8, 9, 40], 1);
      const open = async () => ((await WebGPUEngine.create(navigator.gpu)) as WebGPUEngine).open(model, batch);
      const { popErrorScope } = GPUDevice.prototype;
      GPUDevice.prototype.popErrorScope = async () => new GPUOutOfMemoryError('No memory.');
      const told = await window.outcomes({ told: open() });
      GPUDevice.prototype.popErrorScope = popErrorScope;
      const { createBuffer } = GPUDevice.prototype;
      GPUDevice.prototype.createBuffer = function (descriptor) {
        const buffer = createBuffer.call(this, descriptor);
        this.destroy();
        return buffer;
      };
      const lost = await window.outcomes({ lost: open() });
      GPUDevice.prototype.createBuffer = createBuffer;
      return { ...told, ...lost, ...(await window.outcomes({ after: open() })) };
    });
    const words = /^CapacityError: The device has no memory left for this network: it needs 1 MiB at this batch/;
    expect(found['told']).toMatch(words);
    expect(found['lost']).toMatch(words);
    expect(found['after']).toBe('done');
  });

  it('that has no memory for a text says how much it needs, and goes on', async () => {
    const found = await page.evaluate(async () => {
      const { engine, session, step } = await window.openSmall();
      const write = () => session.generate([Uint32Array.of(1), Uint32Array.of(2)], 40, { temperature: 1, seed: 1 });
      const uncaptured: string[] = [];
      engine.gpuDevice.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
      // A buffer for which there is no memory is an error of its own kind, and invalid from there on.
      const { pushErrorScope, popErrorScope, createBuffer } = GPUDevice.prototype;
      const scopes: GPUErrorFilter[] = [];
      GPUDevice.prototype.pushErrorScope = function (filter) {
        scopes.push(filter);
        pushErrorScope.call(this, filter);
      };
      GPUDevice.prototype.popErrorScope = async function () {
        const isMemory = scopes.pop() === 'out-of-memory';
        const error = await popErrorScope.call(this);
        return isMemory ? new GPUOutOfMemoryError('No memory.') : error;
      };
      GPUDevice.prototype.createBuffer = function ({ usage, ...rest }) {
        return createBuffer.call(this, { ...rest, usage: usage & GPUBufferUsage.MAP_READ ? usage : 0 });
      };
      const told = await window.outcomes({ told: write() });
      Object.assign(GPUDevice.prototype, { pushErrorScope, popErrorScope, createBuffer });
      return { ...told, ...(await window.outcomes({ step: step(), after: write() })), uncaptured };
    });
    expect(found).toEqual({
      told: 'CapacityError: The device has no memory left to write 2 × 40 symbols: that takes 1 MiB. Write fewer at once.',
      step: 'done',
      after: 'done',
      uncaptured: [],
    });
  });

  it('gives the same bits where workgroups are counted in more than one row', async () => {
    const found = await page.evaluate(async () => {
      const { WebGPUEngine, randomCase } = window.modules;
      const kinds = ['GRU, 2 layers, vectors', 'RNN, 2 layers, symbols, ragged'];
      const all = async () => {
        const engine = (await WebGPUEngine.create(navigator.gpu)) as WebGPUEngine;
        const gradients = kinds.map(async (kind) => {
          const { model, batch, state } = randomCase([140, 9, 9, 23], 1, kind);
          const session = await engine.open(model, batch);
          session.write(state);
          const { flat, loss } = await session.gradients(batch);
          return [loss, ...flat];
        });
        const found = (await Promise.all(gradients)).flat();
        engine.close();
        return found;
      };
      const usual = await all();
      const folded = new Set<string>();
      const { setPipeline, dispatchWorkgroups } = GPUComputePassEncoder.prototype;
      let kernel = '';
      GPUComputePassEncoder.prototype.setPipeline = function (pipeline) {
        kernel = /output|product/.exec(pipeline.label)?.[0] ?? '';
        setPipeline.call(this, pipeline);
      };
      GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y = 1, z = 1) {
        const [count, most] = [kernel === 'output' ? x : y, 3];
        const rows = kernel === '' ? 1 : Math.ceil(count / most);
        if (rows > 1) folded.add(kernel);
        if (rows === 1) dispatchWorkgroups.call(this, x, y, z);
        else if (kernel === 'output') dispatchWorkgroups.call(this, Math.ceil(x / rows), rows);
        else dispatchWorkgroups.call(this, x, Math.ceil(y / rows), z * rows);
      };
      const other = await all();
      return {
        folded: [...folded].toSorted(),
        different: usual.filter((value, i) => value !== other[i]).length,
        values: new Set(usual).size,
      };
    });
    expect(found).toMatchObject({ folded: ['output', 'product'], different: 0 });
    expect(found.values).toBeGreaterThan(1000);
  });
});
