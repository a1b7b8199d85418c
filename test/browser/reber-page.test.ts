import puppeteer, { type Browser } from 'puppeteer';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

let browser: Browser;
beforeAll(async () => {
  browser = await puppeteer.connect({ browserWSEndpoint: inject('browser') });
});
afterAll(() => browser?.disconnect());

/** Opens the training page for the embedded Reber grammar, and waits for the words beneath its chart. */
async function open(output: string, words: RegExp) {
  const page = await browser.newPage();
  await page.goto(`${inject('site')}?dataset=embedded-reber&engine=cpu&hidden=16&output=${output}`);
  await page.waitForFunction(
    (pattern) => new RegExp(pattern).test(document.querySelector('#chart-summary')?.textContent ?? ''),
    { timeout: 60_000 },
    words.source,
  );
  const seen = await page.evaluate(() => ({
    chosen: document.querySelector('#data-embedded-reber:checked')?.closest('label')?.textContent,
    summary: document.querySelector('#chart-summary')?.textContent,
    levels: ['#key-to-levels', '#chart-empty-levels'].map((id) => document.querySelector(id)?.checkVisibility()),
  }));
  await page.close();
  return seen;
}

it('The page draws the entropy of the embedded Reber grammar under log-softmax outputs, and simpler models above', async () => {
  const seen = await open('log-softmax', /order 6, 0\.\d\d; the floor that no model can pass is 0\.58\.$/);
  expect(seen.chosen).toBe('Embedded Reber grammar');
  expect(seen.summary).toMatch(/^The simplest model, guessing among 7 characters, costs 2\.81 bits per character/);
  expect(seen.levels).toEqual([true, true]);
});

it('The page draws the least binary cross-entropy under sigmoid outputs, and no model that is no measure for them', async () => {
  const seen = await open('sigmoid', /1\.17/);
  expect(seen.summary).toBe('The floor that no model can pass is 1.17.');
  expect(seen.levels).toEqual([false, false]);
});
