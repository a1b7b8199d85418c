import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { launch, visit } from './visit.ts';

const small = 'engine=cpu&hidden=16&batch=4&sequence=24&steps=1000000';

/** Sums what moves without a person's doing from the next visit on. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluateOnNewDocument(() => {
    Object.assign(window, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) (window as unknown as { shifted: number }).shifted += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => (window as unknown as { shifted: number }).shifted);
}

const stage = { of: '#passage-of', slider: '#passage-step' };

describe('The page as one screen', () => {
  it.each([
    ['field-notes', 1440, 900],
    ['field-notes', 390, 844],
    ['noisy-sine', 1440, 900],
    ['names', 1440, 900],
  ] as const)('does not move by itself through 20 s of training: %s, %i pixels', async (dataset, width, height) => {
    const visitor = await visit(await launch('none'), `${small}&dataset=${dataset}`);
    const { page } = visitor;
    await page.setViewport({ width, height });
    const shifted = await watchShifts(page);
    await page.reload();
    await visitor.says('#status', /Ready/);
    await page.$eval('#train', (button) => (button as HTMLElement).click());
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    expect(await visitor.step()).toBeGreaterThan(10);
    expect(await shifted()).toBeLessThan(0.05);
  });

  it('shows the strip, Train, the loss, the writing and the gates without scrolling', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await page.setViewport({ width: 1440, height: 900 });
    await visitor.says('#gates-summary', /Over these/);
    const bottoms = await page.$$eval(
      '.strip, #train, #chart, #readouts, #passage, #write-now, #gates-region',
      (parts) => parts.map((part) => part.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom]),
    );
    expect(bottoms).toHaveLength(7);
    for (const [top, bottom] of bottoms.slice(0, -1)) {
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThan(900);
    }
    // Of the gates, all units that are shown at first.
    expect(bottoms.at(-1)![0]! + 22 + 12 * 14).toBeLessThan(900);
  });

  it('streams what it writes from the noise on, and replays it', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Train$/);
    await visitor.says(stage.of, /^Step 0: /);
    const height = () => page.$eval('.stage', (element) => element.getBoundingClientRect().height);
    const before = await height();
    await visitor.says(stage.of, /^Step (?!0: )/);
    await visitor.says('title', /^\d+ % · \d\.\d\d bits/);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    await page.focus(stage.slider);
    await page.keyboard.press('Home');
    await visitor.says(stage.of, /^Step 0: /);
    expect(await page.$eval('.unwritten', (part) => part.textContent)).toBe('');
    expect(await page.$eval(stage.slider, (slider) => slider.ariaValueText)).toMatch(/^Step 0: /);
    await page.keyboard.press('ArrowRight');
    await visitor.says(stage.of, /^Step (?!0: )/);
    expect(await height()).toBe(before);
    expect(visitor.errors).toEqual([]);
  });

  it('shows a passage whole where motion is not wanted', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Write now$/);
    await visitor.says('#passage', /^The .{100}/s);
    expect(await page.$eval('.unwritten', (part) => part.textContent)).toBe('');
  });

  it('goes by keys, except in a field', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await page.keyboard.press('Space');
    await visitor.says('#status', /Training: step/);
    await visitor.reaches(50);
    await page.keyboard.press('Space');
    await visitor.says('#status', /Paused/);
    await visitor.says(stage.of, /^Step (?!0: )/);
    await page.keyboard.press('ArrowLeft');
    await visitor.says(stage.of, /^Step /);

    await page.focus('#chart');
    await page.keyboard.press('Home');
    await visitor.says('#chart-said', /^step 1 · training/);
    await page.keyboard.press('ArrowRight');
    await visitor.says('#chart-said', /^step 2 · training/);

    await page.keyboard.press('?');
    await page.waitForSelector('#shortcuts[open]');
    expect(await visitor.accessibilityFindings()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#shortcuts:not([open])');

    await page.keyboard.press('s');
    await page.waitForSelector('#settings', { visible: true });
    expect(await visitor.accessibilityFindings()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#settings', { hidden: true });

    await page.focus('#setting-prime');
    await page.keyboard.type(' s?');
    expect(await page.$eval('#setting-prime', (field) => (field as HTMLInputElement).value)).toContain(' s?');
    expect(await page.$('#shortcuts[open]')).toBeNull();
    expect(await visitor.text('#status')).toMatch(/Paused/);
    expect(visitor.errors).toEqual([]);
  });

  it('is for a projector where the address says so', async () => {
    const visitor = await visit(await launch('none'), `present&${small}`);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    expect(await visitor.text('#notices')).toBe('');
    const visible = (selector: string) => page.$eval(selector, (element) => element.checkVisibility());
    expect(await Promise.all(['#train', '#chart', '#passage', '#gates'].map(visible))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(await Promise.all(['#open-settings', '#strip-settings', '#match'].map(visible))).toEqual([
      false,
      false,
      false,
    ]);
    expect(new URL(page.url()).searchParams.has('present')).toBe(true);
    expect(await visitor.accessibilityFindings()).toEqual([]);
  });
});
