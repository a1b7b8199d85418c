import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { build, createServer as createDevelopmentServer } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { clean, files, launch, Visit } from './visit.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

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

/** A static host that sends no header but a file's type, if it is not told to, and the browser's proxy besides: so it hears of every request. */
class Host {
  /** The hosts that were asked, and how often. */
  readonly asked = new Map<string, number>();
  /** Its name among hosts, which is kept when it has closed. */
  readonly name: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.name = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param headers what it sends with the site's files besides their type */
  static async open(headers: Readonly<Record<string, string>> = {}): Promise<Host> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = new Host(server);
    server.on('request', async ({ url = '/' }, response) => {
      const { host: name, pathname } = new URL(url, host.address);
      host.#count(name);
      const path = join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
      const content = await readFile(path).catch(() => undefined);
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
      if (path.startsWith(site)) response.setHeaders(new Map(Object.entries(headers)));
      response.writeHead(content ? 200 : 404);
      response.end(content);
    });
    server.on('connect', ({ url }, socket) => {
      host.#count(url!);
      socket.destroy();
    });
    clean.push(() => host.close());
    return host;
  }

  get address(): string {
    return `http://${this.name}/`;
  }

  /** A page that reaches nothing but through this host. */
  async page(browser: Browser): Promise<{ page: Page; violations: string[]; errors: string[] }> {
    const context = await browser.createBrowserContext({ proxyServer: this.name, proxyBypassList: ['<-loopback>'] });
    return watch(await context.newPage());
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #count(name: string): void {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
  }
}

/** A page, what it throws, and how it violates its policy. */
async function watch(page: Page): Promise<{ page: Page; violations: string[]; errors: string[] }> {
  page.setDefaultTimeout(90_000);
  await page.setViewport({ width: 1280, height: 900 });
  const violations: string[] = [];
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.exposeFunction('violated', (violation: string) => violations.push(violation));
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) => {
      (window as unknown as { violated(violation: string): void }).violated(
        `${effectiveDirective}: ${blockedURI} ${sample}`,
      );
    });
  });
  return { page, violations, errors };
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
    const host = await Host.open();
    const { page, errors, violations } = await host.page(await launch('none'));
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
    const host = await Host.open();
    const { page, violations } = await host.page(await launch('none'));
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
    const host = await Host.open();
    const { page } = await host.page(await launch('none'));
    const old = join(site, 'assets', 'old-abcdefgh.js');
    const script = join(site, 'service-worker.js');
    const html = join(site, 'index.html');
    const [newScript, newHtml] = [readFileSync(script, 'utf8'), readFileSync(html, 'utf8')];
    writeFileSync(old, 'export {};');
    writeFileSync(script, newScript.replace('./favicon.svg', './assets/old-abcdefgh.js'));
    writeFileSync(html, newHtml.replace('<title>Sluice</title>', '<title>Old</title>'));
    const keptFiles = async () => {
      const [name] = await caches.keys();
      return (await (await caches.open(name!)).keys()).map(({ url }) => url.replace(/.*sluice\//, ''));
    };
    await page.goto(`${host.address}sluice/?${small}`);
    await isolated(page);
    expect(await page.title()).toBe('Old');
    await expect.poll(() => page.evaluate(keptFiles), { timeout: 30_000 }).toContain('assets/old-abcdefgh.js');

    rmSync(old);
    writeFileSync(script, newScript);
    writeFileSync(html, newHtml);
    // What the browser was still loading of the old version may come first.
    const reloaded = async () => {
      await page.reload();
      return page.title();
    };
    await expect.poll(reloaded, { timeout: 30_000, interval: 500 }).toBe('Sluice');
    await expect
      .poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state), { timeout: 30_000 })
      .toBe('installed');
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
    const host = await Host.open({ 'Content-Security-Policy': policy.replaceAll('&#39;', "'") });
    const browser = await launch(engine === 'cpu' ? 'none' : 'software');
    const { page, errors, violations } = await host.page(browser);
    const visitor = new Visit(page, errors);
    await page.goto(`${host.address}sluice/?${small.replace('cpu', engine)}&corpus=reber`);
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
    await visitor.says('#passages', /\S/);
    await visitor.type('#setting-matching-trials', '20');
    await visitor.press(/^Run the experiment$/);
    await visitor.says('#matching-summary', /\S/);
    await page.waitForSelector('.swatch[style*="--colour"]');
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
