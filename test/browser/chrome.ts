import { execFileSync } from 'node:child_process';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer';
import { findBrowser, findOrInstall, installPackage, type UsualPlaces } from './find.ts';

const usualPlaces: UsualPlaces = {
  linux: [
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'],
};

/** Where there is a Chrome or Chromium: `CHROME_PATH`, the usual places, Puppeteer's cache. */
export const findChrome = (): string | undefined =>
  findBrowser('CHROME_PATH', usualPlaces, [puppeteer.executablePath()]);

/** Finds a browser, or installs one: Puppeteer's own, or as root on Debian and its kin the distribution's. */
export function findOrInstallChrome(): string {
  const found = findOrInstall('Chrome or Chromium', findChrome, [
    () => execFileSync('npx', ['puppeteer', 'browsers', 'install', 'chrome'], { stdio: 'inherit', timeout: 300_000 }),
    () => installPackage('chromium'),
  ]);
  if (found !== undefined) return found;
  throw new Error(
    `No Chrome or Chromium could be found or installed: install one, or name it in CHROME_PATH (${join(homedir(), '.cache', 'puppeteer')} is looked into too).`,
  );
}

export type Graphics = 'software' | 'hardware' | 'none';

/** What makes a browser without a window use each kind of graphics. */
const graphicsFlags: Readonly<Record<Graphics, () => readonly string[]>> = {
  software: () => ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  // On Windows and macOS it takes the hardware anyway; on Linux it would rather not, least of all without a desktop.
  hardware: () => [
    ...['--enable-unsafe-webgpu', '--ignore-gpu-blocklist'],
    ...(platform() === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface'] : []),
  ],
  none: () => ['--disable-gpu'],
};

/**
 * Starts a headless browser whose WebGPU adapter computes on the processor or on the hardware, or that has no WebGPU at all.
 *
 * @param userDataDir where it keeps what it remembers from one start to the next; else it remembers nothing
 */
export function launchChrome(
  executablePath: string,
  graphics: Graphics = 'software',
  userDataDir?: string,
): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  return puppeteer.launch({
    executablePath,
    ...(userDataDir !== undefined && { userDataDir }),
    args: ['--no-sandbox', ...quiet, '--disable-sync', ...graphicsFlags[graphics]()],
    protocolTimeout: 600_000,
  });
}
