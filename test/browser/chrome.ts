import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer';

const usualPlaces = {
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
export function findChrome(): string | undefined {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) {
    if (existsSync(CHROME_PATH)) return CHROME_PATH;
    throw new Error(`CHROME_PATH names ${CHROME_PATH}, which does not exist.`);
  }
  const usual = usualPlaces[platform() as keyof typeof usualPlaces] ?? [];
  return [...usual, puppeteer.executablePath()].find((path) => existsSync(path) && starts(path));
}

/** Whether a browser runs here: some systems have a stand-in that only says how to install one, or lack its libraries. */
function starts(path: string): boolean {
  // On Windows a browser asked for its version opens a window instead.
  if (platform() === 'win32') return true;
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** Finds a browser, or installs one: Puppeteer's own, or as root on Debian and its kin the distribution's. */
export function findOrInstallChrome(): string {
  const found = findChrome();
  if (found !== undefined) return found;
  console.log('No Chrome or Chromium found: installing one.');
  const attempts: (() => void)[] = [
    () => execFileSync('npx', ['puppeteer', 'browsers', 'install', 'chrome'], { stdio: 'inherit', timeout: 300_000 }),
    () => {
      execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
      execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: 'inherit' });
    },
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      // The next way may work where this one does not.
    }
    const installed = findChrome();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    `No Chrome or Chromium could be found or installed: install one, or name it in CHROME_PATH (${join(homedir(), '.cache', 'puppeteer')} is looked into too).`,
  );
}

export type Graphics = 'software' | 'none';

/**
 * Starts a headless browser whose WebGPU adapter computes on the processor, or that has no WebGPU at all.
 *
 * @param userDataDir where it keeps what it remembers from one start to the next; else it remembers nothing
 */
export function launchChrome(
  executablePath: string,
  graphics: Graphics = 'software',
  userDataDir?: string,
): Promise<Browser> {
  const webgpu =
    graphics === 'software' ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu'];
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  return puppeteer.launch({
    executablePath,
    ...(userDataDir !== undefined && { userDataDir }),
    args: ['--no-sandbox', ...quiet, '--disable-sync', ...webgpu],
    protocolTimeout: 600_000,
  });
}
