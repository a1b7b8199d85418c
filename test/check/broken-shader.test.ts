import puppeteer, { type Browser } from 'puppeteer';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type CheckRow, check } from '../../src/check/check.ts';
import { RemoteEngine } from '../browser/remote-engine.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await puppeteer.connect({ browserWSEndpoint: inject('browser'), protocolTimeout: 600_000 });
});
afterAll(() => browser?.disconnect());

/** Checks the browser's WebGPU, whose compiler gets every shader with one piece of source in another's place. */
async function checkWithShaders(from: string, to: string): Promise<CheckRow[]> {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(
    (from, to) => {
      const create = GPUDevice.prototype.createShaderModule;
      GPUDevice.prototype.createShaderModule = function (descriptor) {
        return create.call(this, { ...descriptor, code: descriptor.code.replace(from, to) });
      };
    },
    from,
    to,
  );
  await page.goto(`${inject('site')}test/browser/engines.html?engine=webgpu`);
  await page.waitForFunction('window.openSession');
  const rows: CheckRow[] = [];
  for await (const { rows: found } of check([new RemoteEngine(page, 'webgpu')])) rows.push(...found);
  await page.close();
  return rows;
}

it('A check finds a wrong sign in a shader, and names the parameters that it spoils', async () => {
  const rows = await checkWithShaders('send(R, place, dq * q * (1 - r))', 'send(R, place, dq * q * (1 + r))');
  const failures = rows.filter(({ passed }) => !passed);
  const direct = failures.filter(({ yardstick }) => yardstick === 'float64').map(({ quantity }) => quantity);
  expect(new Set(failures.map(({ engine, cell }) => `${engine} ${cell}`))).toEqual(new Set(['webgpu gru']));
  for (const quantity of ['U_r', 'W_r', 'b_r', 'h⁰', 'W_r_l1']) expect(direct).toContain(quantity);
  for (const quantity of ['V', 'b_y', 'loss', 'final state']) expect(direct).not.toContain(quantity);
});
