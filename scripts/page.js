/** What the scripts that drive the built training page share. */

import puppeteer from 'puppeteer';
import { preview } from 'vite';

const graphics = {
  none: ['--disable-gpu'],
  software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
};

/** Serves a built site. @returns its address, and how the server is stopped */
export async function serve(folder) {
  const server = await preview({ build: { outDir: folder }, preview: { port: 0 }, logLevel: 'error' });
  return { site: server.resolvedUrls.local[0], close: () => server.close() };
}

/**
 * Starts a browser without a window.
 *
 * @param options `graphics`: `none`, or WebGPU in `software`; the rest goes to Puppeteer
 */
export function launch({ graphics: kind = 'none', args = [], ...options } = {}) {
  const quiet = ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  return puppeteer.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    protocolTimeout: 600_000,
    args: [...quiet, ...graphics[kind], ...args],
    ...options,
  });
}

/** Opens the training page with these settings in its address, and collects in `errors` what it throws. */
export async function visit(browser, site, settings, viewport = { width: 1280, height: 900 }) {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.setViewport(viewport);
  await page.goto(`${site}?${settings}`);
  return { page, errors };
}

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent ?? '');

/** Waits until an element says something that matches, and returns what it says. */
export async function says(page, selector, words) {
  const matches = (selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? '');
  await page.waitForFunction(matches, { polling: 50 }, selector, words.source);
  return textOf(page, selector);
}

/** Presses a button, wherever it stands: notices that come and go would move it from under a pointer. */
export const press = (page, selector) => page.$eval(selector, (button) => button.click());

/** How many steps the page says have been taken. */
export async function stepsOf(page) {
  const [, step = '0'] = /(?:step|after) ([\d,]+)/.exec(await textOf(page, '#status')) ?? [];
  return Number(step.replaceAll(',', ''));
}
