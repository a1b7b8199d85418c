import type { Browser } from 'puppeteer';
import { expect, it } from 'vitest';
import { launch, type Visit, visit } from './visit.ts';

/** How many dots there are on each canvas that can be seen, by where it is. */
const dots = ({ page }: Visit) =>
  page.$$eval('canvas', (canvases) =>
    Object.fromEntries(
      canvases
        .filter((canvas) => canvas.checkVisibility() && canvas.width > 0 && canvas.height > 0)
        .map((canvas) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          const named = canvas.closest('[id]')!.id;
          return [named, data.filter((value, i) => i % 4 === 3 && value > 0).length];
        }),
    ),
  );

async function killGraphics(browser: Browser): Promise<void> {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  for (const { type, id } of processInfo) if (type === 'GPU') process.kill(id, 'SIGKILL');
}

it('Every chart is there again after the browser’s GPU process has died', async () => {
  const browser = await launch();
  for (const [search, charts] of [
    ['hidden=16&batch=8&sequence=16', ['chart', 'gates-map', 'reach-chart']],
    ['hidden=16&batch=8&sequence=16&dataset=noisy-sine', ['chart', 'prediction-chart']],
  ] as const) {
    const page = await visit(browser, `${search}&engine=cpu&steps=1000000`);
    await page.page.$$eval('details', (all) => {
      for (const details of all) details.open = true;
    });
    await page.says('#status', /Ready/);
    await page.page.$eval('#train', (button) => (button as HTMLElement).click());
    await page.reaches(20);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await page.press(/^Pause$/);
    await page.says('#status', /Paused at step/);
    for (const chart of charts) {
      await page.page.$eval(`#${chart}`, (element) => element.scrollIntoView());
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const before = await dots(page);
    for (const chart of charts) expect([chart, before[chart]]).toEqual([chart, expect.toSatisfy((n) => n > 0)]);
    await page.page.evaluate(() => {
      addEventListener('contextlost', () => document.body.setAttribute('data-lost', ''), true);
    });
    await killGraphics(browser);
    await page.page.waitForSelector('[data-lost]');
    for (const chart of charts) {
      // A chart out of sight may wait until it is seen.
      await page.page.$eval(`#${chart}`, (element) => element.scrollIntoView());
      await page.page.waitForFunction(
        (id) => {
          const canvas = document.querySelector<HTMLCanvasElement>(`canvas#${id}, #${id} canvas`)!;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return data.some((value) => value > 0);
        },
        { timeout: 20_000 },
        chart,
      );
    }
    const after = await dots(page);
    for (const chart of charts) expect([chart, after[chart]! / before[chart]!]).toEqual([chart, expect.closeTo(1, 1)]);
    expect(page.errors).toEqual([]);
    await page.page.close();
  }
});
