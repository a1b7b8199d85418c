import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { decodeModelFile } from '../../src/files/model-file.ts';
import { launchChrome } from './chrome.ts';
import { type Visit, visit } from './visit.ts';

const small = 'hidden=24&batch=8&sequence=16&engine=cpu&steps=1000000';

const folder = mkdtempSync(join(tmpdir(), 'sluice-runs-'));
const browsers: Browser[] = [];
afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close().catch(() => {});
});

/** A browser that remembers what it kept in the profile before. */
async function launch(profile: string): Promise<Browser> {
  const browser = await launchChrome(inject('chromePath'), 'none', join(folder, profile));
  browsers.push(browser);
  return browser;
}

const runs = (page: Visit) =>
  page.page.$$eval('#saved-runs [data-run]', (rows) =>
    rows.map((row) => ({
      id: (row as HTMLElement).dataset['run'],
      name: row.querySelector<HTMLInputElement>('input[type=text]')?.value,
      text: row.textContent ?? '',
    })),
  );
/** A number of steps as the page writes it. */
const written = (steps: number) => steps.toLocaleString('en');
const control = (action: string) => `#saved-runs [data-control^="${action}-"]`;

/** Trains up to a pause, and waits until the run is kept as it is then. */
async function trainAndPause(page: Visit, steps: number): Promise<number> {
  // By no place on the page: notices that come and go move the button from under a pointer.
  await page.page.$eval('#train', (button) => (button as HTMLElement).click());
  await page.reaches((await page.step()) + steps);
  await page.press(/^Pause$/);
  await page.says('#status', /Paused at step/);
  const step = await page.step();
  await page.keeps(step);
  return step;
}

describe('A run that the browser keeps', () => {
  it('is offered again at the next visit, goes on, and is renamed, exported, opened and deleted', async () => {
    let page = await visit(await launch('visits'), small);
    const step = await trainAndPause(page, 20);
    expect(await runs(page)).toHaveLength(1);
    await page.page.browser().close();

    const browser = await launch('visits');
    page = await visit(browser, small.replace('hidden=24', 'hidden=10'));
    await page.says('#notice-earlier-run', new RegExp(`Field notes, at step ${written(step)}`));
    await page.press(/Go on with it/);
    await page.says('#status', new RegExp(`Paused at step ${written(step)} `));
    expect(await page.page.$eval('#setting-hidden', (input) => (input as HTMLInputElement).value)).toBe('24');
    expect(page.page.url()).toContain('hidden=24');
    const later = await trainAndPause(page, 10);
    expect(later).toBeGreaterThan(step);
    expect(await runs(page)).toHaveLength(1);

    await page.type(control('name'), 'The first');
    await page.says('#saved-runs', /Field notes/);
    const session = await browser.target().createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    await page.press(/^Export$/);
    const exported = await arrives(/^The-first-\d+\.safetensors$/);
    expect(decodeModelFile(exported).training?.step).toBe(later);

    // Another network takes its place; the file brings it back, and then it is a run of its own.
    await page.press(/^Start afresh$/);
    await page.says('#status', /Ready to train/);
    await page.open('run.safetensors', exported, /Open a model/);
    await page.says('#status', new RegExp(`Paused at step ${written(later)} `));
    await trainAndPause(page, 1);
    expect((await runs(page)).map(({ name }) => name).sort()).toEqual(['', 'The first']);
    await page.page.click(control('delete'));
    await page.page.waitForFunction(() => document.querySelectorAll('#saved-runs [data-run]').length === 1);
    expect(await page.accessibilityFindings()).toEqual([]);
    expect(page.errors).toEqual([]);
  });

  it('is offered after a reload in the middle of training, with its curve and its time', async () => {
    const page = await visit(await launch('reloaded'), small);
    await page.press(/^Train$/);
    await page.reaches(20);
    // The held-out part is looked at from the third second on.
    await page.says('#readout-validation-bits', /\d/);
    // It is kept from the fifth second on; whether it still is as the page is left, the browser does not promise.
    const kept = await page.says('#saved-runs [data-column="Steps"]', /\d/);
    const step = Number(kept.replaceAll(',', ''));
    await page.page.reload();
    await page.says('#notice-earlier-run', /Field notes, at step \d/);
    await page.press(/Go on with it/);
    await page.says('#status', /Paused at step \d/);
    expect(await page.step()).toBeGreaterThanOrEqual(step);
    expect(await runs(page)).toHaveLength(1);
    expect(await page.page.$eval('#chart-empty', (element) => (element as HTMLElement).hidden)).toBe(true);
    expect(await page.text('#readout-validation-bits')).toMatch(/\d/);
    await page.says('#chart-summary', /the loss is \d/);
    await page.says('#elapsed', /[1-9]/);
    // Neither is anything kept of a run that has learned nothing.
    await page.press(/^Start afresh$/);
    await page.says('#status', /Ready to train/);
    await page.page.reload();
    await page.says('#status', /Ready to train/);
    expect(await runs(page)).toHaveLength(1);
    expect(page.errors).toEqual([]);
  });

  it.each(['field-notes', 'noisy-sine', 'names'])(
    'goes on to the same numbers as if the page had never been closed: %s',
    async (dataset) => {
      const oneAfterAnother = `${small.replace('steps=1000000', 'steps=8')}&dataset=${dataset}`;
      const weightsAfter = async (profile: string, pauses: number) => {
        let page = await visit(await launch(profile), oneAfterAnother);
        for (let i = 0; i < pauses; i++) {
          await page.says('#status', /Ready|Paused/);
          await page.press(/^One step$/);
          await page.keeps(i + 1);
          await page.page.browser().close();
          page = await visit(await launch(profile), oneAfterAnother);
          await page.press(/Go on with it/);
          await page.says('#status', new RegExp(`at step ${i + 1} `));
        }
        await page.press(/^Train/);
        await page.says('#status', /Finished after 8 steps/);
        await page.keeps(8);
        const session = await page.page.browser().target().createCDPSession();
        await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: join(folder, profile) });
        await page.press(/^Save to a file$/);
        const { parameters } = decodeModelFile(await arrives(/-8\.safetensors$/, join(folder, profile)));
        return Array.from(new Uint32Array(parameters.buffer, parameters.byteOffset, parameters.length));
      };
      expect(await weightsAfter(`${dataset}-interrupted`, 2)).toEqual(await weightsAfter(`${dataset}-whole`, 0));
    },
  );

  it('is whole after the browser was killed while it was being kept, ten times', async () => {
    let known = 0;
    for (let kill = 0; kill < 10; kill++) {
      const browser = await launch('killed');
      const page = await visit(browser, small);
      if (known > 0) {
        await page.press(/Go on with it/);
        await page.says('#status', /Paused at step \d/);
        expect(await page.step()).toBeGreaterThanOrEqual(known);
      }
      known = await trainAndPause(page, 2);
      // Each pause keeps the run: train and pause as fast as the page can until the kill.
      await page.page.evaluate(() => {
        const train = document.querySelector<HTMLElement>('#train')!;
        setInterval(() => train.click(), 5);
      });
      await new Promise((resolve) => setTimeout(resolve, 100 + 57 * kill));
      browser.process()!.kill('SIGKILL');
    }
    const page = await visit(await launch('killed'), small);
    await page.press(/Go on with it/);
    await page.says('#status', /Paused at step \d/);
    expect(await page.step()).toBeGreaterThanOrEqual(known);
    expect(page.errors).toEqual([]);
  });

  it('refuses what is no model in one sentence, and leaves the network as it is', async () => {
    const page = await visit(await launch('refused'), small);
    const step = await trainAndPause(page, 3);
    await page.open('broken.safetensors', new Uint8Array([1, 2, 3]), /Open a model/);
    await page.says('#notices p', /\.$/);
    expect(await page.step()).toBe(step);
    await trainAndPause(page, 1);
    expect(page.errors).toEqual([]);
  });

  it('keeps its place: one that cannot go on lends it to no other, and it takes it again in the same tab', async () => {
    const page = await visit(await launch('places'), small);
    const step = await trainAndPause(page, 3);
    const [first] = await runs(page);
    await page.press(/^Start afresh$/);
    await page.says('#status', /Ready to train/);
    await page.page.select('#setting-engine', 'webgpu');
    const refusal = '#notices [data-remedy=dismiss]';
    await page.page.waitForSelector(refusal);
    await page.press(/^Dismiss$/);
    await page.page.waitForSelector(refusal, { hidden: true });
    await page.press(/^Go on$/);
    await page.page.waitForSelector(refusal);
    await page.page.select('#setting-engine', 'cpu');
    await trainAndPause(page, step + 1);
    expect(await runs(page)).toHaveLength(2);

    await page.page.click(`#saved-runs [data-control="resume-${first!.id}"]`);
    await page.says('#status', new RegExp(`Paused at step ${written(step)} `));
    await trainAndPause(page, 1);
    expect(await runs(page)).toHaveLength(2);
    expect(page.errors).toEqual([]);
  });

  it('is there although the notes of others cannot be read, and of those what their files tell', async () => {
    let page = await visit(await launch('unreadable'), small);
    const step = await trainAndPause(page, 3);
    const [damaged] = await runs(page);
    await page.press(/^Start afresh$/);
    await page.says('#status', /Ready to train/);
    await trainAndPause(page, step + 1);
    await page.page.evaluate(async (id) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs');
      for (const name of [`${id}.json`, 'nothing.json', 'nothing.safetensors']) {
        const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await writable.write('{"id": ');
        await writable.close();
      }
    }, damaged!.id);
    await page.page.close();
    page = await visit(browsers[0]!, small);
    await page.keeps(step);
    expect((await runs(page)).map(({ name }) => name).sort()).toEqual(['', 'Found again']);
    await page.page.click(`#saved-runs [data-control="resume-${damaged!.id}"]`);
    await page.says('#status', new RegExp(`Paused at step ${written(step)} `));
    expect(page.errors).toEqual([]);
  });

  it('stays as it was when the browser has no room for more, which is said in words', async () => {
    const page = await visit(await launch('full'), small);
    const step = await trainAndPause(page, 3);
    const session = await page.page.createCDPSession();
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.page.url()).origin, quotaSize: 2000 });
    await page.press(/^Train$/);
    await page.reaches(step + 3);
    await page.press(/^Pause$/);
    await page.says('#notices', /could not be kept in this browser: there is no room left\. Delete runs/);
    await page.keeps(step);
    expect(page.errors).toEqual([]);
  });

  it('is kept although a browser was killed as it began to keep another', async () => {
    let page = await visit(await launch('begun'), small);
    await page.page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs', { create: true });
      for (const name of ['begun.safetensors', 'begun.json']) await folder.getFileHandle(name, { create: true });
    });
    await page.page.close();
    page = await visit(browsers[0]!, small);
    await trainAndPause(page, 1);
    expect(await runs(page)).toHaveLength(1);
    expect(page.errors).toEqual([]);
  });
});

/** The content of a download, once it is there. */
async function arrives(name: RegExp, into = folder): Promise<Uint8Array<ArrayBuffer>> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const found = readdirSync(into).find((file) => name.test(file));
    if (found !== undefined) {
      const content = Uint8Array.from(readFileSync(join(into, found)));
      rmSync(join(into, found));
      return content;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`No download named ${name} arrived.`);
}
