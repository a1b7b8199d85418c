import puppeteer, { type Browser } from 'puppeteer';
import { findBrowser, findOrInstall, installPackage, type UsualPlaces } from './find.ts';

const usualPlaces: UsualPlaces = {
  linux: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/snap/bin/firefox'],
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: ['C:\\Program Files\\Mozilla Firefox\\firefox.exe'],
};

/** Finds a Firefox, by `FIREFOX_PATH` or in the usual places, or as root on Debian and its kin installs the distribution's. */
export const findOrInstallFirefox = (): string | undefined =>
  findOrInstall('Firefox', () => findBrowser('FIREFOX_PATH', usualPlaces), [() => installPackage('firefox-esr')]);

/**
 * Starts a headless Firefox that reaches nothing but through a proxy.
 *
 * @param proxy its host and port
 * @param webgpu whether pages have WebGPU
 * @param env what its environment has besides
 */
export function launchFirefox(
  executablePath: string,
  proxy: string,
  webgpu: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  const [host, port] = proxy.split(':');
  const through = Object.fromEntries(
    ['http', 'ssl'].flatMap((scheme) => [
      [`network.proxy.${scheme}`, host],
      [`network.proxy.${scheme}_port`, Number(port)],
    ]),
  );
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    env: { ...process.env, ...env },
    extraPrefsFirefox: {
      ...through,
      'network.proxy.type': 1,
      'network.proxy.no_proxies_on': '',
      'network.proxy.allow_hijacking_localhost': true,
      'dom.webgpu.enabled': webgpu,
      'gfx.webgpu.ignore-blocklist': webgpu,
    },
  });
}
