import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'puppeteer';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialState } from '../../src/engine/initial-state.ts';
import { exportNetwork } from '../../src/interop/formats.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { passageSampling } from '../../src/training/passage-sampling.ts';
import { useBrowserEngine } from '../engine/each-engine.ts';
import { wilfulNetwork } from '../interop/webpages.ts';
import { findOrInstallFirefox, launchFirefox } from './firefox.ts';
import { Host, watch } from './host.ts';
import { clean, launch, Visit, visit } from './visit.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-webpage-'));
const browsers = ['Chromium', 'Firefox'] as const;
/** What browsers ask on their own account, whatever the page is. */
const ofBrowsers = /\.(google|googleapis|mozilla)\.(com|org|net)(:443)?$|\.firefox\.com(:443)?$/;
let firefox: string | undefined;

beforeAll(() => {
  firefox = findOrInstallFirefox();
  if (firefox === undefined) console.log('Firefox is not tested: install one, or name it in FIREFOX_PATH.');
}, 600_000);

/** A browser that reaches nobody but a host without a site, which hears of it; nothing, where there is none. */
async function browserOffline(name: (typeof browsers)[number]) {
  if (name === 'Firefox' && firefox === undefined) return undefined;
  const host = await Host.open({ root: folder, site: folder });
  if (name === 'Chromium') {
    const context = await (await launch('none')).createBrowserContext({ proxyServer: host.name });
    return { host, open: () => context.newPage() };
  }
  const browser: Browser = await launchFirefox(firefox!, host.name, false);
  clean.push(() => browser.close());
  return { host, open: () => browser.newPage() };
}

/** Opens a file from the disk, and waits until it has written. */
async function read(open: () => ReturnType<Browser['newPage']>, path: string) {
  const { page, errors, violations } = await watch(await open());
  await page.goto(pathToFileURL(path).href);
  const visitor = new Visit(page, errors);
  await visitor.says('#status', /characters written/);
  return { visitor, violations };
}

describe.each(browsers)('A network as a web page, opened from the disk in %s', (name) => {
  const engine = useBrowserEngine('engine=cpu&threads=2&simd=relaxed');

  it('writes 1,000 characters of every cell as the CPU engine does, and asks nobody', async ({ skip }) => {
    const offline = await browserOffline(name);
    if (offline === undefined) return skip('There is no Firefox.');
    for (const cell of cells) {
      for (const layers of [1, 2]) {
        const file = wilfulNetwork(cell, layers);
        const [written] = await exportNetwork(file, 'page', `${cell}-${layers}`);
        const path = join(folder, written!.name);
        writeFileSync(path, written!.bytes);
        const capacity = { rows: 1, timesteps: 8 };
        const session = await engine().open(file.model, capacity);
        session.write({ ...initialState(file.model, capacity, 0), parameters: file.parameters });
        const sampling = passageSampling({ temperature: 0.9, seed: 11 }, 0);
        const [expected] = await session.generate([file.vocabulary!.encode('fox ')], 1000, sampling);
        session.close();

        const { visitor, violations } = await read(offline.open, path);
        for (const [field, value] of Object.entries({
          prime: 'fox ',
          temperature: '0.9',
          seed: '11',
          length: '1,000',
        })) {
          await visitor.page.$eval(
            `#${field}`,
            (input, value) => {
              (input as HTMLInputElement).value = value;
            },
            value,
          );
        }
        await visitor.press(/^Write$/);
        await visitor.says('#status', /^1,000 characters written\.$/);
        expect(await visitor.text('#passage'), `${cell}, ${layers} layers`).toBe(
          `fox ${file.vocabulary!.decode(expected!)}`,
        );
        expect([visitor.errors, violations]).toEqual([[], []]);
        await visitor.page.close();
      }
    }
    expect([...offline.host.asked.keys()].filter((asked) => !ofBrowsers.test(asked))).toEqual([]);
  });

  it('is stopped, says what it cannot write with, and is for everybody', async ({ skip }) => {
    const offline = await browserOffline(name);
    if (offline === undefined) return skip('There is no Firefox.');
    const [written] = await exportNetwork(wilfulNetwork('gru', 1), 'page', 'Sea & shells');
    writeFileSync(join(folder, 'sea.html'), written!.bytes);
    const { visitor } = await read(offline.open, join(folder, 'sea.html'));
    const { page } = visitor;
    expect(await visitor.text('h1')).toBe('Sea & shells');
    await visitor.type('#length', '1000000');
    await page.focus('#length');
    await page.keyboard.press('Enter');
    await visitor.says('#written', /^.{100}/s);
    await page.keyboard.press('Escape');
    await visitor.says('#status', /^Stopped after [\d,]+ characters\.$/);
    for (const [field, value, words] of [
      ['prime', 'é', /“é” \(U\+00E9\) does not occur/],
      ['temperature', '-1', /Temperature is a number from 0 to 100/],
      ['seed', '1.5', /Seed is a whole number/],
      ['length', '0', /Characters is a whole number from 1 to 1000000/],
    ] as const) {
      const before = await page.$eval(`#${field}`, (input) => (input as HTMLInputElement).value);
      await visitor.type(`#${field}`, value);
      await visitor.press(/^Write$/);
      await visitor.says('#problem', words);
      expect(await page.evaluate(() => [document.activeElement!.id, document.activeElement!.ariaInvalid])).toEqual([
        field,
        'true',
      ]);
      await visitor.type(`#${field}`, before);
    }
    await visitor.type('#length', '40');
    await visitor.press(/^Write$/);
    await visitor.says('#status', /^40 characters written\.$/);
    expect(await visitor.text('#problem')).toBe('');
    for (const width of [1280, 320]) {
      await page.setViewport({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await visitor.accessibilityFindings()).toEqual([]);
    }
    expect(visitor.errors).toEqual([]);

    // The prime that it would begin with has characters that this one does not know.
    const vocabulary = Vocabulary.of('\n ЖЗж');
    const { model, parameters } = {
      model: symbolModel('rnn', 5, 3),
      parameters: new Float32Array(3 * 5 + 3 * 3 + 3 + 3 * 5 + 5),
    };
    const [other] = await exportNetwork({ model, vocabulary, parameters }, 'page', 'other');
    writeFileSync(join(folder, 'other.html'), other!.bytes);
    expect(await (await read(offline.open, join(folder, 'other.html'))).visitor.text('#read')).toBe('Ж');
  });
});

it('The training page saves the network that stands as a web page that writes the same, and opens it again', async () => {
  const browser = await launch('none');
  const visitor = await visit(
    browser,
    'engine=cpu&hidden=24&batch=8&sequence=16&steps=60&evaluateEvery=10&learningRate=0.02&seed=9',
  );
  await visitor.press(/^Train$/);
  await visitor.says('#status', /Finished after 60 steps/);
  await visitor.press(/^Write now$/);
  const downloads = mkdtempSync(join(tmpdir(), 'sluice-downloads-'));
  const session = await browser.target().createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads });
  await visitor.page.select('#save-format', 'page');
  await visitor.press(/^Save to a file$/);
  const path = join(downloads, 'Field-notes-60.html');
  await expect.poll(() => existsSync(path) || readdirSync(downloads), { timeout: 30_000 }).toBe(true);
  const { visitor: reader } = await read(() => browser.newPage(), path);
  const text = await reader.text('#passage');
  expect(text).toMatch(/^The .{300}$/s);
  expect(await reader.text('#about')).toMatch(/: GRU of 24 units, after 60 steps\.$/);
  expect(await reader.text('dl')).toMatch(/57 characters.*On text that it never saw\d\.\d\d bits per character/);
  await visitor.page.bringToFront();
  await expect.poll(async () => (await visitor.text('#passage')).trim(), { timeout: 30_000 }).toBe(text.trim());

  await visitor.open('again.html', Uint8Array.from(readFileSync(path)), /Open a model/);
  await visitor.says('#status', /Ready to train/);
  expect(await visitor.page.$eval('#setting-hidden', (input) => (input as HTMLInputElement).value)).toBe('24');
  await visitor.open('other.html', '<!doctype html><p>Sea shells', /Open a model/);
  await visitor.says('#notices', /holds no network of Sluice’s/);
  expect(visitor.errors).toEqual([]);
});
