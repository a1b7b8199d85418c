import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, inject, it, type TestContext, vi } from 'vitest';
import { softwareVulkan } from '../wgpu/vulkan.ts';
import { findOrInstallFirefox, launchFirefox } from './firefox.ts';
import { Host, watch } from './host.ts';
import { clean, Visit } from './visit.ts';

/** What Firefox asks on its own account, whatever the page is. */
const ofFirefox = /\.(mozilla\.(com|org|net)|firefox\.com)(:443)?$/;

describe('The built site in Firefox', () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-firefox-'));
  const site = join(root, 'sluice');
  let firefox: string | undefined;

  beforeAll(async () => {
    firefox = findOrInstallFirefox();
    if (firefox === undefined) console.log('Firefox is not tested: install one, or name it in FIREFOX_PATH.');
    else await build({ logLevel: 'error', build: { outDir: site } });
  }, 600_000);

  /** Opens the site, in a browser of its own, behind a host that hears of every request. */
  async function open(search: string, { skip }: TestContext, webgpu = false) {
    if (firefox === undefined) return skip('There is no Firefox.');
    const host = await Host.open({ root, site });
    const vulkan = process.platform === 'linux' && webgpu ? softwareVulkan(inject('chromePath')) : {};
    const browser = await launchFirefox(firefox, host.name, webgpu, vulkan);
    clean.push(() => browser.close());
    const { page, errors, violations } = await watch(await browser.newPage());
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    const address = `${host.address}sluice/?batch=16&sequence=16&steps=1000000&${search}`;
    await page.goto(address);
    const visitor = new Visit(page, errors);
    // For its isolation the page goes to another process; now and then that leaves the driver with an empty page.
    await vi.waitFor(
      async () => {
        if ((await page.evaluate(() => location.href)) === 'about:blank') await page.goto(address);
        expect(await visitor.text('#status')).toMatch(/Ready/);
      },
      { timeout: 90_000, interval: 500 },
    );
    return { host, visitor, violations };
  }

  it('trains on the processor’s cores, writes, and asks nothing of another origin', async (context) => {
    const { host, visitor, violations } = await open('hidden=24', context);
    const { page } = visitor;
    await visitor.says('#engine', /^CPU: WebAssembly .*, [2-8] threads\.$/);
    expect(await visitor.text('#engine-facts')).toMatch(/This browser has no WebGPU/);
    await visitor.press(/^Train$/);
    await visitor.reaches(100);
    // Guessing among 57 characters, as at first, is 5.83 bits.
    expect(Number(await visitor.text('#readout-loss-bits'))).toBeLessThan(4.5);
    await visitor.press(/^Write now$/);
    await visitor.says('#passage', /The /);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused at step/);
    const paused = await visitor.step();
    await visitor.press(/^One step$/);
    await visitor.says('#status', new RegExp(`Paused at step ${(paused + 1).toLocaleString('en')}`));

    await page.$$eval('details', (all) => {
      for (const details of all) details.open = true;
    });
    await visitor.says('#reach-summary', /\S/);
    await visitor.says('#gates-summary', /\S/);
    for (const width of [1600, 360]) {
      await page.setViewport({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await visitor.accessibilityFindings()).toEqual([]);
    }
    expect([visitor.errors, violations]).toEqual([[], []]);
    expect([...host.asked.keys()].filter((name) => !ofFirefox.test(name))).toEqual([host.name]);
  });

  // Elsewhere it depends on the machine's graphics.
  it.runIf(process.platform === 'linux')('trains on WebGPU where that is switched on', async (context) => {
    const { visitor, violations } = await open('hidden=8&cell=rnn', context, true);
    expect(await visitor.text('#engine-facts')).toMatch(/WebGPU adapter here emulates a GPU/);
    await visitor.page.select('[name=engine]', 'webgpu');
    await visitor.says('#engine', /^WebGPU: /);
    await visitor.press(/^Train$/);
    await visitor.reaches(20);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused at step/);
    expect(Number(await visitor.text('#readout-loss-bits'))).toBeLessThan(6);
    expect([visitor.errors, violations]).toEqual([[], []]);
  });
});
