import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, ElementHandle, Page } from 'puppeteer';
import { afterEach, inject } from 'vitest';
import { type Graphics, launchChrome } from './chrome.ts';

/** A folder for the files of a test. */
export const files = mkdtempSync(join(tmpdir(), 'sluice-'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What is to be closed after the test. */
export const clean: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of clean.splice(0).reverse()) await close();
});

/** A browser of its own, closed after the test. */
export async function launch(graphics: Graphics = 'software'): Promise<Browser> {
  const browser = await launchChrome(inject('chromePath'), graphics);
  clean.push(() => browser.close());
  return browser;
}

/** A visit to the training page, as a person sees it. */
export async function visit(browser: Browser, search = '', site = inject('site')): Promise<Visit> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(90_000);
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`${site}${search && `?${search}`}`);
  return new Visit(page, errors);
}

export class Visit {
  readonly page: Page;
  /** What the page threw. */
  readonly errors: readonly string[];

  constructor(page: Page, errors: readonly string[]) {
    this.page = page;
    this.errors = errors;
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (element) => element.textContent ?? '');
  }

  /** Waits until an element says something that matches. */
  async says(selector: string, words: RegExp): Promise<string> {
    try {
      await this.page.waitForFunction(
        (selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''),
        { polling: 100 },
        selector,
        words.source,
      );
    } catch (error) {
      const said = await this.page.$$eval(selector, ([element]) => element?.textContent ?? 'nothing');
      throw new Error(`${selector} does not say ${words}, but “${said}”.`, { cause: error });
    }
    return this.text(selector);
  }

  /** Presses the button that says so; one that is replaced as it is pressed, once more. */
  async press(words: RegExp): Promise<void> {
    const button = await this.page.waitForFunction(
      (source) =>
        Array.from(document.querySelectorAll('button')).find(
          (button) => new RegExp(source).test(button.textContent ?? '') && button.offsetParent !== null,
        ),
      {},
      words.source,
    );
    try {
      await (button as ElementHandle<HTMLButtonElement>).click();
    } catch (error) {
      if (!/detached/.test(String(error))) throw error;
      await this.press(words);
    }
  }

  /** How many steps have been taken. */
  async step(): Promise<number> {
    const [, step] = /step ([\d,]+)/.exec(await this.text('#status')) ?? [];
    return Number((step ?? '0').replaceAll(',', ''));
  }

  async reaches(step: number): Promise<void> {
    const deadline = Date.now() + 90_000;
    while ((await this.step()) < step) {
      if (Date.now() > deadline) throw new Error(`Step ${step} was not reached: ${await this.text('#status')}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Waits until a run is kept as it was at a step. */
  async keeps(step: number): Promise<void> {
    await this.page.waitForFunction(
      (written) =>
        [...document.querySelectorAll('#saved-runs [data-column="Steps"]')].some(
          (cell) => cell.textContent === written,
        ),
      { polling: 100 },
      step.toLocaleString('en'),
    );
  }

  /** Opens all settings, if they are not open. */
  async openSettings(): Promise<void> {
    if (await this.page.$eval('#settings', (panel) => (panel as HTMLElement).hidden))
      await this.press(/^All settings$/);
  }

  /** Chooses data that come with the page. */
  async choose(data: string): Promise<void> {
    await this.openSettings();
    await this.page.click(`#data-${data}`);
  }

  /** Scrolls to the matching experiment, which is fetched as it comes into sight. */
  async comeToMatching(): Promise<void> {
    await this.page.$eval('#matching', (section) => section.scrollIntoView());
    await this.page.waitForSelector('#setting-matching-trials');
  }

  /** Fills a field in; one of the settings, where they stand. */
  async type(selector: string, value: string): Promise<void> {
    if (await this.page.$(`#settings ${selector}`)) await this.openSettings();
    await this.page.$eval(selector, (input) => (input as HTMLInputElement).select());
    await this.page.type(selector, value);
    await this.page.keyboard.press('Tab');
  }

  /** Opens a file by the button of these words. */
  async open(name: string, content: string | Uint8Array, words = /Open a file/): Promise<void> {
    const path = join(files, name);
    writeFileSync(path, content);
    // By no place on the page: what comes and goes above the button moves it from under a pointer.
    const press = (source: string) =>
      [...document.querySelectorAll('button')]
        .find((button) => new RegExp(source).test(button.textContent ?? ''))!
        .click();
    const [chooser] = await Promise.all([this.page.waitForFileChooser(), this.page.evaluate(press, words.source)]);
    await chooser.accept([path]);
  }

  /** axe-core's findings, of whatever weight. */
  async accessibilityFindings(): Promise<string[]> {
    // Colours that are on their way to another theme have no contrast that counts.
    await this.page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    });
    await this.page.evaluate(axe);
    const { violations } = (await this.page.evaluate(() =>
      (window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run({}),
    )) as AxeResults;
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  }
}
