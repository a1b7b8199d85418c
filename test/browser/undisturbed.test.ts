import { expect, it } from 'vitest';
import { launch, visit } from './visit.ts';

const small = 'engine=cpu&hidden=16&batch=8&sequence=16&steps=1000000';

it('A setting that is typed half never reaches a run', async () => {
  const page = await visit(await launch(), small);
  await page.press(/^Train$/);
  for (const name of ['learningRate', 'steps', 'temperature', 'hidden']) {
    const field = `#setting-${name}`;
    const before = await page.page.$eval(field, (input) => (input as HTMLInputElement).value);
    for (const half of ['1e', '-', '']) {
      await page.page.focus(field);
      await page.page.$eval(field, (input) => (input as HTMLInputElement).select());
      await page.page.keyboard.press('Backspace');
      await page.type(field, half);
      await page.says(`${field}-error`, new RegExp(`${before.replace('.', '\\.')} stays in force\\.`));
    }
  }
  await page.reaches((await page.step()) + 10);
  expect(new URL(page.page.url()).search).toBe(`?${small}`);
  expect(await page.text('#notices')).toBe('');
  await page.says('#status', /^Training/);
  expect(page.errors).toEqual([]);
});

it('A run in training goes on while the address, the tab in front and the size of the window change', async () => {
  const browser = await launch();
  const page = await visit(browser, small);
  await page.press(/^Train$/);
  await page.reaches(10);
  const changes = [
    () => page.page.evaluate(() => location.assign('#notices')),
    () => page.page.evaluate(() => history.pushState(null, '', '?hidden=999')),
    () => page.page.goBack(),
    () => page.page.setViewport({ width: 390, height: 844 }),
    async () => {
      const other = await browser.newPage();
      await other.bringToFront();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await other.close();
      await page.page.bringToFront();
    },
  ];
  for (const change of changes) {
    const before = await page.step();
    await change();
    await page.reaches(before + 10);
    await page.says('#status', /^Training/);
  }
  expect(await page.page.$eval('#setting-hidden', (input) => (input as HTMLInputElement).value)).toBe('16');
  expect(page.errors).toEqual([]);
});
