import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { build, createServer as createDevelopmentServer } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { Host, watch } from './host.ts';
import { clean, files, launch, Visit } from './visit.ts';

/** What Chrome asks on its own account, whatever the page is. */
const ofChrome = /^(content-autofill|optimizationguide-pa|safebrowsing|update)\.(google|googleapis)\.com:443$/;

/** The host's folder. The site is not at its root, as on GitHub Pages. */
const root = mkdtempSync(join(tmpdir(), 'sluice-host-'));
const site = join(root, 'sluice');
const small = 'engine=cpu&hidden=16&batch=16&sequence=16&steps=1000000';

beforeAll(async () => {
  await build({ logLevel: 'error', build: { outDir: site } });
  writeFileSync(join(root, 'frame.html'), `<!doctype html><title>Another page</title><iframe src="sluice/?${small}">`);
});

const openHost = (headers?: Readonly<Record<string, string>>) => Host.open({ root, site, headers });

/** A page that reaches nothing but through a host. */
async function pageThrough(host: Host, browser: Browser) {
  const context = await browser.createBrowserContext({ proxyServer: host.name, proxyBypassList: ['<-loopback>'] });
  return watch(await context.newPage());
}

const isolated = (page: Page) => page.waitForFunction('crossOriginIsolated');
/** Waits until the service worker has everything. */
const kept = (page: Page) =>
  page.waitForFunction(
    async (files: number) => {
      const [name] = await caches.keys();
      return name !== undefined && (await (await caches.open(name)).keys()).length >= files;
    },
    { polling: 200 },
    readdirSync(join(site, 'assets')).length + 3,
  );

describe('The built site, on a host that sends no headers', () => {
  it('is isolated once it has loaded itself again, trains with threads, and does so without a network', async () => {
    const host = await openHost();
    const { page, errors, violations } = await pageThrough(host, await launch('none'));
    let loads = 0;
    page.on('request', (request) => {
      if (request.isNavigationRequest()) loads++;
    });
    await page.goto(`${host.address}sluice/?${small}`);
    await isolated(page);
    const visitor = new Visit(page, errors);
    await visitor.says('#status', /Ready/);
    expect(loads).toBe(2);
    expect(await visitor.text('#engine')).toMatch(/, [2-8] threads\.$/);
    expect(await visitor.text('#engine-caution')).toBe('');
    expect(page.url()).toContain('hidden=16');
    await visitor.press(/^Train$/);
    await visitor.reaches(20);
    await kept(page);

    await host.close();
    await page.goto(`${host.address}sluice/?${small.replace('hidden=16', 'hidden=24')}`);
    await visitor.says('#status', /Ready/);
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    expect(await visitor.text('#engine')).toMatch(/, [2-8] threads\.$/);
    await visitor.press(/^Train$/);
    await visitor.reaches(20);
    await visitor.press(/^Pause$/);
    // What no visit has used so far is there too.
    await visitor.open('broken.safetensors', Uint8Array.of(1, 2, 3), /Open a model/);
    await visitor.says('#notices', /not a safetensors file/);
    await page.goto(`${host.address}sluice/benchmark/index.html`);
    await visitor.says('#device', /relaxed SIMD, [2-8] threads/);
    expect([errors, violations]).toEqual([[], []]);
  });

  it('says in a frame why it has one thread', async () => {
    const host = await openHost();
    const { page, violations } = await pageThrough(host, await launch('none'));
    await page.goto(`${host.address}frame.html`);
    const frame = await page.waitForFrame((frame) => frame.url().includes('/sluice/'));
    const says = async (selector: string, words: RegExp) => {
      const element = await frame.waitForSelector(selector);
      await expect.poll(() => element!.evaluate(({ textContent }) => textContent), { timeout: 30_000 }).toMatch(words);
    };
    await says('#engine', /1 thread \(the page is not isolated from other origins\)/);
    await says('#engine-caution', /in another page: opened in a tab of its own, it can use all cores/);
    expect(violations).toEqual([]);
  });

  it('shows a new version at once, and keeps nothing of the old one', async () => {
    const host = await openHost();
    const { page } = await pageThrough(host, await launch('none'));
    const old = join(site, 'assets', 'old-abcdefgh.js');
    const script = join(site, 'service-worker.js');
    const html = join(site, 'index.html');
    const [newScript, newHtml] = [readFileSync(script, 'utf8'), readFileSync(html, 'utf8')];
    writeFileSync(old, 'export {};');
    writeFileSync(script, newScript.replace('./favicon.svg', './assets/old-abcdefgh.js'));
    writeFileSync(html, newHtml.replace('<html lang="en">', '<html lang="en" data-version="old">'));
    const keptFiles = async () => {
      const [name] = await caches.keys();
      return (await (await caches.open(name!)).keys()).map(({ url }) => url.replace(/.*sluice\//, ''));
    };
    await page.goto(`${host.address}sluice/?${small}`);
    await isolated(page);
    const version = () => page.evaluate(() => document.documentElement.dataset['version'] ?? 'new');
    expect(await version()).toBe('old');
    await expect.poll(() => page.evaluate(keptFiles), { timeout: 30_000 }).toContain('assets/old-abcdefgh.js');

    rmSync(old);
    writeFileSync(script, newScript);
    writeFileSync(html, newHtml);
    // What the browser was still loading of the old version may come first.
    const reloaded = async () => {
      await page.reload();
      return version();
    };
    await expect.poll(reloaded, { timeout: 30_000, interval: 500 }).toBe('new');
    const isWaiting = () =>
      page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state === 'installed');
    // It waits, unless between two reloads no page was open, so that it has taken over already.
    const isThere = async () =>
      (await isWaiting()) || !(await page.evaluate(keptFiles)).includes('assets/old-abcdefgh.js');
    await expect.poll(isThere, { timeout: 30_000 }).toBe(true);
    // The new service worker takes over when no page of the site is open.
    const next = await page.browserContext().newPage();
    await page.close();
    await expect
      .poll(
        async () => {
          await next.goto(`${host.address}sluice/?${small}`);
          const files = await next.evaluate(keptFiles);
          await next.goto('about:blank');
          return files;
        },
        { timeout: 60_000, interval: 1000 },
      )
      .not.toContain('assets/old-abcdefgh.js');
    await next.goto(`${host.address}sluice/?${small}`);
    await expect.poll(() => next.evaluate(keptFiles), { timeout: 30_000 }).toContain('favicon.svg');
  });
});

describe.each(['cpu', 'webgpu'])('A whole visit, with the engine %s,', (engine) => {
  it('keeps to the page’s policy, and asks nothing of another origin', async () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(
      readFileSync(join(site, 'index.html'), 'utf8'),
    )!;
    // Only as a header does it hold for workers too.
    const host = await openHost({ 'Content-Security-Policy': policy.replaceAll('&#39;', "'") });
    const browser = await launch(engine === 'cpu' ? 'none' : 'software');
    const { page, errors, violations } = await pageThrough(host, browser);
    const visitor = new Visit(page, errors);
    await page.goto(`${host.address}sluice/?${small.replace('cpu', engine)}&dataset=reber`);
    await isolated(page);
    await visitor.says('#status', /Ready/);
    await page.$$eval('details', (all) => {
      for (const details of all) details.open = true;
    });
    await visitor.press(/^Train$/);
    await visitor.reaches(20);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    await visitor.says('#reach-summary', /\S/);
    await visitor.says('#gates-summary', /\S/);
    await visitor.press(/^Test on 1,000 strings$/);
    await visitor.says('#reber-tests tbody', /\S/);
    await visitor.says('#reber-picture tbody', /\d/);
    await visitor.press(/^Write now$/);
    await visitor.says('#passage', /\S/);
    await visitor.comeToMatching();
    await visitor.type('#setting-matching-trials', '20');
    await visitor.press(/^Run the experiment$/);
    await visitor.says('#matching-summary', /\S/);
    await page.waitForSelector('.swatch[stroke^="#"]');
    expect(await page.$$eval('#reber-picture td[style*="--p"]', (cells) => cells.length)).toBeGreaterThan(0);
    if (engine === 'cpu') {
      await visitor.press(/^Check this GPU$/);
      await visitor.says('#check-verdict', /All [\d,]+ comparisons pass/);
    }

    const downloads = mkdtempSync(join(files, 'downloads-'));
    const session = await page.createCDPSession();
    const { id } = page.browserContext();
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: downloads,
      ...(id !== undefined && { browserContextId: id }),
    });
    await visitor.press(/Save to a file/);
    const saved = () => readdirSync(downloads).filter((name) => name.endsWith('.safetensors'));
    await expect.poll(saved, { timeout: 30_000 }).toHaveLength(1);
    await visitor.open('again.safetensors', readFileSync(join(downloads, saved()[0]!)), /Open a model/);
    await visitor.says('#status', /Paused at step/);
    await page.goto(`${host.address}sluice/benchmark/`);
    await visitor.says('#device', /threads/);
    expect([errors, violations]).toEqual([[], []]);
    expect([...host.asked.keys()].filter((name) => !ofChrome.test(name))).toEqual([host.name]);

    // What is forbidden is noticed, and what goes elsewhere too.
    await page.evaluate(() => fetch('http://elsewhere.invalid/').catch(() => {}));
    await expect.poll(() => violations.join()).toMatch(/connect-src: http:\/\/elsewhere\.invalid/);
    expect([...host.asked.keys()]).not.toContain('elsewhere.invalid');
    await page.evaluate(() =>
      document.body.append(Object.assign(document.createElement('style'), { textContent: 'p{}' })),
    );
    await expect.poll(() => violations.join()).toMatch(/style-src-elem: inline/);
    await page.goto(`${host.address}frame.html`);
    await page.evaluate(() => fetch('http://elsewhere.invalid/').catch(() => {}));
    expect([...host.asked.keys()]).toContain('elsewhere.invalid');
  });
});

it('The development server’s pages keep to their policy', async () => {
  const folder = join(files, 'vite-with-client');
  mkdirSync(folder);
  const server = await createDevelopmentServer({ logLevel: 'error', cacheDir: folder, server: { port: 0 } });
  clean.push(() => server.close());
  await server.listen();
  const { page, errors, violations } = await watch(await (await launch('none')).newPage());
  const visitor = new Visit(page, errors);
  await page.goto(`${server.resolvedUrls!.local[0]}?${small}`);
  expect(await page.$$eval('meta[http-equiv="Content-Security-Policy"]', (all) => all.length)).toBe(1);
  await visitor.press(/^Train$/);
  await visitor.reaches(20);
  // Vite shows what went wrong over the page, with styles of its own.
  server.ws.send({ type: 'error', err: { message: 'Something went wrong.', stack: '' } });
  await page.waitForSelector('vite-error-overlay');
  expect(await page.$$eval('link[rel="stylesheet"]', (all) => all.length)).toBeGreaterThan(0);
  expect([errors, violations]).toEqual([[], []]);
});
