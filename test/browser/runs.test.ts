import { expect, it } from 'vitest';
import { launch, type Visit, visit } from './visit.ts';

/** The chart and the table are drawn when there is time. */
const patience = { timeout: 20_000 };

const small = 'hidden=24&batch=8&sequence=16&engine=cpu';

const press = (page: Visit, control: string) => page.page.click(`[data-control="${control}"]`);

/** The places of the compared runs whose curves are on the chart, by the pixels that have their colours. */
const drawn = (page: Visit) =>
  page.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#chart canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const style = getComputedStyle(document.documentElement);
    return ['a', 'b', 'c', 'd', 'e'].filter((place) => {
      const [, ...parts] = /^#(..)(..)(..)$/.exec(style.getPropertyValue(`--run-${place}`).trim())!;
      const colour = parts.map((part) => Number.parseInt(part, 16));
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (colour.every((part, j) => data[i + j] === part)) count++;
      return count > 40;
    });
  });

/** Waits until so many compared runs are in the key of the chart. */
const compares = (page: Visit, count: number) =>
  page.page.waitForFunction((count) => document.querySelectorAll('#compared li').length === count, {}, count);

const boxes = (page: Visit) =>
  page.page.$$eval('#saved-runs input[type=checkbox]', (boxes) =>
    boxes.map((box) => (box as HTMLInputElement).checked),
  );

it('Two runs are compared by two presses, on the chart and in the table, and are at the next visit', async () => {
  const page = await visit(await launch(), `${small}&steps=300`);
  await page.says('#status', /Ready to train/);
  // By the keyboard alone.
  await page.page.focus('#train');
  await page.page.keyboard.press('Enter');
  await page.page.waitForSelector('[data-control="what-if-cell"]', { visible: true });
  await page.page.focus('[data-control="what-if-cell"]');
  await page.page.keyboard.press('Enter');
  await compares(page, 1);
  await page.says('#status', /Finished after 300 steps/);
  await page.keeps(300);
  expect(await page.text('#compared li')).toContain('GRU of 24 units');
  expect(await page.page.$eval('#setting-cell', (cell) => (cell as HTMLSelectElement).value)).toBe('rnn');
  expect(new URL(page.page.url()).searchParams.get('seed')).toBeNull();
  await page.page.waitForFunction(() => document.querySelectorAll('#saved-runs [data-run]').length === 2);
  expect(
    await page.page.$$eval('#saved-runs [data-column="Cell"]', (cells) => cells.map((cell) => cell.textContent)),
  ).toEqual(['RNN', 'GRU']);
  expect(await page.page.$$eval('#saved-runs .best', (cells) => cells.length)).toBe(2);
  await expect.poll(() => drawn(page), patience).toEqual(['a']);
  await page.says('#compared-summary', /At 300 steps, of those compared, A \(GRU of 24 units\) had \d/);
  await page.page.focus('#chart');
  await page.page.keyboard.press('ArrowLeft');
  await page.says('#chart-said', /^step [\d,]+ .* · A \d/);
  await page.page.select('#compared-axis', 'places');
  await page.says('#compared-summary', /At 38.4K characters, of those compared/);
  expect(await page.accessibilityFindings()).toEqual([]);

  await page.page.reload();
  await compares(page, 2);
  await expect.poll(() => boxes(page), patience).toEqual([true, true]);
  expect(await page.page.$eval('#compared-axis', (axis) => (axis as HTMLSelectElement).value)).toBe('places');
  await page.page.waitForFunction(() => (document.querySelector('#chart-empty') as HTMLElement).hidden);
  await expect.poll(() => drawn(page), patience).toEqual(['a', 'b']);
  await page.says('#compared-summary', /Of those compared, A .* ended after 300 steps with \d/);
  await page.page.focus('#saved-runs input[type=checkbox]');
  await page.page.keyboard.press('Space');
  await compares(page, 1);
  // Another table stands there, with the keyboard where it was.
  expect(await page.page.evaluate(() => document.activeElement?.getAttribute('data-control'))).toMatch(/^compare-/);
  await expect.poll(() => boxes(page), patience).toEqual([false, true]);

  // What cannot be read is compared no more.
  await page.page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs');
    for await (const name of folder.keys()) {
      if (!name.endsWith('.safetensors')) continue;
      const writable = await (await folder.getFileHandle(name)).createWritable();
      await writable.write('damaged');
      await writable.close();
    }
  });
  await page.page.reload();
  await page.says('#notices', /“GRU of 24 units” cannot be compared any more: its file cannot be read\./);
  await expect.poll(() => boxes(page), patience).toEqual([false, false]);
  expect(page.errors).toEqual([]);
});

it('What if waits for the run that trains, is taken back, and begins at once where it is asked to', async () => {
  const page = await visit(await launch(), `${small}&steps=1000000`);
  await page.says('#status', /Ready to train/);
  await page.press(/^Train$/);
  await page.page.waitForSelector('[data-control="what-if-layers"]', { visible: true });
  await press(page, 'what-if-layers');
  await press(page, 'what-if-units');
  await page.says('#what-if', /Next: the same with two layers.*Then: the same with half the units, 12/);
  await press(page, 'take-back-1');
  expect(await page.text('#what-if')).not.toContain('Then:');
  expect(await page.text('#status')).toMatch(/^Training/);
  await press(page, 'start-now');
  await page.page.waitForFunction(() => location.search.includes('layers=2'));
  await page.says('#status', /^Training/);
  await compares(page, 1);
  expect(await page.text('#compared li')).toContain('GRU of 24 units');
  expect(await page.text('#what-if')).not.toContain('Next:');
  // Paused, it begins without waiting; what was compared before still is.
  await page.press(/^Pause$/);
  await page.says('#status', /Paused/);
  await press(page, 'what-if-units');
  await compares(page, 2);
  await page.says('#status', /^Training/);
  expect(new URL(page.page.url()).searchParams.get('hidden')).toBe('12');
  expect(page.errors).toEqual([]);
});
