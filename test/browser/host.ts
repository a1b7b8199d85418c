import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Page } from 'puppeteer';
import { clean } from './visit.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** What a host serves. */
export interface Served {
  /** Its folder. */
  readonly root: string;
  /** The folder of the site, in that. */
  readonly site: string;
  /** What it sends with the site's files besides their type. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A static host that sends no header but a file's type, if it is not told to, and the browser's proxy besides: so it hears of every request. */
export class Host {
  /** The hosts that were asked, and how often. */
  readonly asked = new Map<string, number>();
  /** Its name among hosts, which is kept when it has closed. */
  readonly name: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.name = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Closed after the test. */
  static async open({ root, site, headers = {} }: Served): Promise<Host> {
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
export async function watch(page: Page): Promise<{ page: Page; violations: string[]; errors: string[] }> {
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
